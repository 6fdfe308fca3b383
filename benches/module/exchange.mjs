// One exchange after the other through a VM, as Envoy drives them: one chunk of body on each side.

import { CLOCK, REQUEST_BODY, REQUEST_HEADERS, RESPONSE_BODY, RESPONSE_HEADERS, ROOT } from './host.mjs';

const PAUSE = 1;

/** The callbacks of one exchange, as the tables name them. */
export const CALLBACKS = ['create', 'head', 'body', 'answer head', 'answer body', 'log', 'delete'];

/** What `get_property` has of Envoy in the way the benches run it: plain HTTP on both sides. */
export const PROPERTIES = [
  [['xds', 'node', 'id'], 'bench'],
  [['source', 'address'], '127.0.0.1:40404'],
  [['connection_id'], number(7)],
  [['upstream', 'address'], '127.0.0.1:8080'],
  [['xds', 'cluster_name'], 'upstream'],
  [['response', 'flags'], number(0)],
];

function number(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export class Driver {
  #host;
  #id = ROOT;
  /** Microseconds of the newest exchange: in the module by callback, and in the host. */
  module = new Float64Array(CALLBACKS.length);
  host = 0;
  calls = 0;

  constructor(host) {
    this.#host = host;
  }

  /** `chunk`: bytes of the answer that come at once. */
  run(request, response, chunk = Infinity) {
    const { exports } = this.#host;
    const host = this.#host;
    const id = ++this.#id;
    host.headers[REQUEST_HEADERS] = request.headers;
    host.headers[RESPONSE_HEADERS] = response.headers;
    host.bodies[REQUEST_BODY] = request.body;
    host.reply = null;
    host.set.clear();
    this.module.fill(0);
    this.host = 0;
    this.calls = 0;
    this.#timed(0, () => exports.proxy_on_context_create(id, ROOT));
    this.#timed(1, () => exports.proxy_on_request_headers(id, request.headers.length, 0));
    const paused = this.#timed(2, () => exports.proxy_on_request_body(id, request.body.length, 1));
    const forwarded = host.bodies[REQUEST_BODY];
    const answer = [];
    if (paused !== PAUSE && host.reply === null) {
      this.#timed(3, () => exports.proxy_on_response_headers(id, response.headers.length, 0));
      for (let at = 0; at < response.body.length; at += chunk) {
        const end = at + chunk >= response.body.length;
        const piece = response.body.subarray(at, end ? response.body.length : at + chunk);
        host.bodies[RESPONSE_BODY] = piece;
        this.#timed(4, () => exports.proxy_on_response_body(id, piece.length, end ? 1 : 0));
        answer.push(host.bodies[RESPONSE_BODY]);
      }
    }
    this.#timed(5, () => {
      exports.proxy_on_done(id);
      exports.proxy_on_log(id);
    });
    this.#timed(6, () => exports.proxy_on_delete(id));
    return { reply: host.reply, forwarded, answer: answer.length === 1 ? answer[0] : Buffer.concat(answer), record: host.set.get('portcullis_record') };
  }

  #timed(callback, does) {
    const host = this.#host;
    host.spent = 0;
    host.calls = 0;
    const before = performance.now();
    const action = does();
    const all = performance.now() - before - CLOCK;
    // Each call of the host looks at the clock twice; half of that is in its own time.
    const inHost = Math.max(0, host.spent - host.calls * CLOCK);
    this.module[callback] += (all - inHost - 2 * host.calls * CLOCK) * 1e3;
    this.host += inHost * 1e3;
    this.calls += host.calls;
    return action;
  }

  tick() {
    this.#host.exports.proxy_on_tick(ROOT);
  }
}
