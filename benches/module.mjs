// What the filter costs by itself: `cargo bench --profile dev --package portcullisctl --bench module`, which makes the input and says what is told.

import './features.mjs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { CALLBACKS, Driver, PROPERTIES } from './module/exchange.mjs';
import { Host } from './module/host.mjs';
import { soak } from './module/soak.mjs';

const { values: options } = parseArgs({
  options: {
    input: { type: 'string' },
    wasm: { type: 'string' },
    against: { type: 'string' },
    rounds: { type: 'string', default: '20' },
    exchanges: { type: 'string', default: '500' },
    soak: { type: 'string' },
    only: { type: 'string' },
  },
});
const input = JSON.parse(await readFile(options.input, 'utf8'));
const response = { headers: input.response.headers, body: Buffer.from(input.response.body) };
const modules = [{ suffix: '', module: await compiled(options.wasm) }];
if (options.against !== undefined) modules.push({ suffix: ' (other)', module: await compiled(options.against) });

if (options.soak !== undefined) {
  const variant = input.variants[0];
  const host = await Host.start(modules[0].module, JSON.stringify(variant.policy), PROPERTIES);
  soak(host, request(variant), input.bodies, Number(options.soak));
} else {
  const only = options.only?.split(',');
  const variants = input.variants.filter(({ name }) => only === undefined || only.includes(name));
  const all = [];
  for (const variant of variants) for (const { suffix, module } of modules) all.push(await started(variant, suffix, module));
  const rounds = Number(options.rounds);
  const exchanges = Number(options.exchanges);
  // V8 compiles a function when it is first called; after that nothing changes.
  for (const one of all) round(one, 200);
  for (let number = 0; number < rounds; number++) for (const one of all) one.rounds.push(round(one, exchanges));
  report(all, rounds, exchanges);
}

async function compiled(file) {
  return WebAssembly.compile(await readFile(file));
}

function request(variant) {
  return { headers: variant.request.headers, body: Buffer.from(variant.request.body) };
}

async function started(variant, suffix, module) {
  const host = await Host.start(module, JSON.stringify(variant.policy), PROPERTIES);
  const one = { name: variant.name, suffix, request: request(variant), driver: new Driver(host), rounds: [], expected: null, record: 0 };
  const first = one.driver.run(one.request, response);
  works(variant, first);
  one.expected = first.answer;
  one.record = first.record?.length ?? 0;
  return one;
}

/** What is measured has to do what it is measured for. */
function works(variant, { reply, forwarded, answer, record }) {
  const ensure = (holds, what) => {
    if (!holds) throw new Error(`${variant.name}: ${what}\nrecord: ${record}\nanswer: ${answer}`);
  };
  ensure(reply === null, `the call is answered with ${JSON.stringify(reply)}`);
  ensure(forwarded.toString() === variant.request.body, 'the call is not forwarded as it was');
  const shows = (text) => input.personal.some((secret) => text.includes(secret));
  const text = answer.toString();
  ensure(variant.masks ? !shows(text) && text.split('[MASKED:').length === 3 : answer.equals(response.body), 'the answer is not masked as it should be');
  ensure((record !== undefined) === variant.records, 'is there a record?');
  if (record === undefined) return;
  const line = record.toString();
  JSON.parse(line);
  ensure(line.includes('ada@corp.example'), 'the record does not say who called');
  ensure(line.includes('Hannah Abbott') === variant.keeps_payload, 'what is on record of the answer?');
  ensure(!variant.masks || !shows(line), 'the record is not masked');
}

function round({ name, request, driver, expected }, exchanges) {
  const parts = [...CALLBACKS, 'module', 'host'].map(() => new Float64Array(exchanges));
  driver.tick();
  let calls = 0;
  for (let number = 0; number < exchanges; number++) {
    const { answer } = driver.run(request, response);
    if (expected !== null && !answer.equals(expected)) throw new Error(`${name}: another answer than before: ${answer}`);
    driver.module.forEach((time, index) => (parts[index][number] = time));
    parts[CALLBACKS.length][number] = driver.module.reduce((sum, time) => sum + time, 0);
    parts[CALLBACKS.length + 1][number] = driver.host;
    calls = driver.calls;
  }
  return { times: parts.map(median), calls };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function report(all, rounds, exchanges) {
  const IN_MODULE = CALLBACKS.length;
  const of = (one, index) => one.rounds.map(({ times }) => times[index]);
  const best = (one, index) => Math.min(...of(one, index));
  const text = (value, width) => value.toFixed(1).padStart(width);
  const files = [options.wasm, options.against].filter((file) => file !== undefined).map((file) => basename(file));
  console.log(`${files.join(' and ')}, V8 ${process.versions.v8}, ${rounds} rounds of ${exchanges} exchanges, ${response.body.length} bytes of answer; µs`);
  console.log();
  const name = (one) => one.name + one.suffix;
  const wide = Math.max(12, ...all.map((one) => name(one).length));
  const heads = CALLBACKS.map((head) => head.padStart(12)).join('');
  console.log(`${'variant'.padEnd(wide)}    best  median  ${heads}    host  calls  record bytes`);
  for (const one of all) {
    const parts = CALLBACKS.map((_, index) => text(best(one, index), 12)).join('');
    const host = text(best(one, IN_MODULE + 1), 8);
    const { calls } = one.rounds.at(-1);
    console.log(
      `${name(one).padEnd(wide)}${text(best(one, IN_MODULE), 8)}${text(median(of(one, IN_MODULE)), 8)}  ${parts}${host}${String(calls).padStart(7)}${String(one.record).padStart(14)}`,
    );
  }
  console.log();
  for (const { what, of: ours, without, budget } of input.differences) {
    for (const { suffix } of modules) {
      const [one, other] = [ours, without].map((wanted) => all.find((have) => have.name === wanted && have.suffix === suffix));
      if (one === undefined || other === undefined) continue;
      // Within each round, so that what disturbs the machine is in both.
      const differences = of(one, IN_MODULE).map((time, index) => time - of(other, IN_MODULE)[index]);
      const cost = median(differences);
      const verdict = budget === null ? '' : `, of ${budget}: ${cost <= budget ? 'kept' : 'missed'}`;
      console.log(`${what}${suffix}: ${text(cost, 0)} (best less best ${text(best(one, IN_MODULE) - best(other, IN_MODULE), 0)})${verdict}`);
    }
  }
}
