// Many bodies through one VM, each in an exchange of its own: its memory may not grow.

import { Driver } from './exchange.mjs';

/** What Envoy reads from a socket at once. */
const CHUNK = 16 * 1024;

export function soak(host, request, bodies, gigabytes) {
  const answers = bodies.map(({ type, body }) => ({ headers: [[':status', '200'], ['content-type', type]], body: Buffer.from(body) }));
  const driver = new Driver(host);
  let [bytes, micros, exchanges] = [0, 0, 0];
  const round = () => {
    for (const answer of answers) {
      const { reply, answer: got, record } = driver.run(request, answer, CHUNK);
      if (reply !== null || got.length === 0 || record === undefined) throw new Error(`an exchange that did not go through: ${JSON.stringify(reply)}`);
      bytes += answer.body.length;
      micros += driver.module.reduce((sum, time) => sum + time, 0);
      exchanges += 1;
    }
    driver.tick();
  };
  // Of every kind a few: what is kept for all streams is there from then on.
  for (let times = 0; times < 3; times++) round();
  const before = host.memory;
  [bytes, micros, exchanges] = [0, 0, 0];
  let largest = before;
  while (bytes < gigabytes * 1e9) {
    round();
    largest = Math.max(largest, host.memory);
  }
  const mebibytes = (memory) => (memory / 1024 / 1024).toFixed(1);
  console.log(`${(bytes / 1e9).toFixed(2)} GB in ${exchanges} exchanges, answers of ${Math.min(...answers.map((answer) => answer.body.length))} to ${Math.max(...answers.map((answer) => answer.body.length))} bytes in chunks of ${CHUNK}: ${(bytes / micros).toFixed(0)} MB/s in the module`);
  console.log(`memory of the VM ${mebibytes(before)} MiB before, ${mebibytes(host.memory)} MiB after`);
  if (largest > before) throw new Error('the memory of the VM has grown');
}
