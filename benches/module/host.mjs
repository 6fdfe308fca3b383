// A Proxy-Wasm host for one VM of the filter: what it imports, over plain state, and the time that is spent in there.
//
// What a host hands over is copied into memory that the module is asked for (`proxy_on_memory_allocate`), as Envoy does it.

const OK = 0;
const NOT_FOUND = 1;
const CAS_MISMATCH = 8;

const REQUEST_HEADERS = 0;
const RESPONSE_HEADERS = 2;
const REQUEST_BODY = 0;
const RESPONSE_BODY = 1;
const CONFIGURATION = 7;

const NOTHING = Buffer.alloc(0);

/** What one look at the clock costs, in milliseconds: the median of many. */
export const CLOCK = (() => {
  const looks = Array.from({ length: 20_001 }, () => {
    const before = performance.now();
    return performance.now() - before;
  });
  return looks.sort((a, b) => a - b)[10_000];
})();

export class Host {
  /** Milliseconds in functions of the host, and calls of them, since they were last set to 0. */
  spent = 0;
  calls = 0;

  configuration = NOTHING;
  headers = { [REQUEST_HEADERS]: [], [RESPONSE_HEADERS]: [] };
  bodies = { [REQUEST_BODY]: NOTHING, [RESPONSE_BODY]: NOTHING };
  /** Text by path, whose parts are separated by NUL, as they are in the ABI. */
  properties = new Map();
  /** What the module has set. */
  set = new Map();
  reply = null;
  counts = [];
  log = [];

  #shared = new Map();
  #exports;
  #bytes = NOTHING;
  #view = new DataView(new ArrayBuffer(0));

  /** A VM of its own, with its root context configured. */
  static async start(module, configuration, properties) {
    const host = new Host();
    host.configuration = Buffer.from(configuration);
    for (const [path, value] of properties) host.properties.set(path.join('\0'), Buffer.from(value));
    const { exports } = await WebAssembly.instantiate(module, host.#imports());
    host.#exports = exports;
    exports._initialize();
    exports.proxy_on_context_create(ROOT, 0);
    if (!exports.proxy_on_vm_start(ROOT, 0) || !exports.proxy_on_configure(ROOT, host.configuration.length)) {
      throw new Error(`the module does not start:\n${host.log.join('\n')}`);
    }
    return host;
  }

  get exports() {
    return this.#exports;
  }

  /** Bytes of the module's memory. */
  get memory() {
    return this.#exports.memory.buffer.byteLength;
  }

  #imports() {
    const functions = Object.fromEntries(Object.entries(this.#functions()).map(([name, does]) => [name, this.#timed(does)]));
    const missing = (name) => () => {
      throw new Error(`the module called ${name}`);
    };
    const named = (target, name) => target[name] ?? missing(name);
    const proxy = (target) => new Proxy(target, { get: named, has: () => true });
    return { env: proxy(functions), wasi_snapshot_preview1: proxy(this.#wasi()) };
  }

  #timed(does) {
    return (a, b, c, d, e, f, g, h) => {
      const before = performance.now();
      const status = does(a, b, c, d, e, f, g, h);
      this.calls += 1;
      this.spent += performance.now() - before;
      return status;
    };
  }

  /** Views are made anew when the memory has grown. */
  #look() {
    const { buffer } = this.#exports.memory;
    if (this.#view.buffer !== buffer) {
      this.#bytes = Buffer.from(buffer);
      this.#view = new DataView(buffer);
    }
  }

  #copy(at, size) {
    this.#look();
    return Buffer.from(this.#bytes.subarray(at, at + size));
  }

  #text(at, size) {
    this.#look();
    return this.#bytes.latin1Slice(at, at + size);
  }

  #give(bytes, data, size) {
    const at = bytes.length === 0 ? 0 : this.#exports.proxy_on_memory_allocate(bytes.length);
    this.#look();
    if (at !== 0) this.#bytes.set(bytes, at);
    this.#view.setUint32(data, at, true);
    this.#view.setUint32(size, bytes.length, true);
    return OK;
  }

  #functions() {
    return {
      proxy_log: (level, at, size) => {
        this.log.push(this.#copy(at, size).toString());
        return OK;
      },
      proxy_get_current_time_nanoseconds: (at) => {
        this.#look();
        this.#view.setBigUint64(at, BigInt(Date.now()) * 1_000_000n, true);
        return OK;
      },
      proxy_set_tick_period_milliseconds: () => OK,
      proxy_set_effective_context: () => OK,
      proxy_get_buffer_bytes: (kind, start, most, data, size) => {
        const whole = kind === CONFIGURATION ? this.configuration : this.bodies[kind];
        return this.#give(whole.subarray(start, start + (most >>> 0)), data, size);
      },
      proxy_set_buffer_bytes: (kind, start, size, at, length) => {
        const whole = this.bodies[kind];
        const put = this.#copy(at, length);
        const end = Math.min(start + (size >>> 0), whole.length);
        const all = start === 0 && end === whole.length;
        this.bodies[kind] = all ? put : Buffer.concat([whole.subarray(0, start), put, whole.subarray(end)]);
        return OK;
      },
      proxy_get_header_map_pairs: (kind, data, size) => this.#give(pairs(this.headers[kind]), data, size),
      proxy_replace_header_map_value: (kind, at, size, value, valueSize) => {
        const name = this.#text(at, size);
        this.headers[kind] = this.headers[kind].filter(([have]) => have !== name);
        this.headers[kind].push([name, this.#text(value, valueSize)]);
        return OK;
      },
      proxy_remove_header_map_value: (kind, at, size) => {
        const name = this.#text(at, size);
        this.headers[kind] = this.headers[kind].filter(([have]) => have !== name);
        return OK;
      },
      proxy_get_property: (at, size, data, valueSize) => {
        const value = this.properties.get(this.#text(at, size));
        return value === undefined ? NOT_FOUND : this.#give(value, data, valueSize);
      },
      proxy_set_property: (at, size, value, valueSize) => {
        this.set.set(this.#text(at, size), this.#copy(value, valueSize));
        return OK;
      },
      proxy_get_shared_data: (at, size, data, valueSize, version) => {
        const have = this.#shared.get(this.#text(at, size));
        if (have === undefined) return NOT_FOUND;
        this.#give(have.value, data, valueSize);
        this.#view.setUint32(version, have.version, true);
        return OK;
      },
      proxy_set_shared_data: (at, size, value, valueSize, version) => {
        const key = this.#text(at, size);
        const have = this.#shared.get(key)?.version ?? 0;
        if (version !== 0 && have !== 0 && version !== have) return CAS_MISMATCH;
        this.#shared.set(key, { value: this.#copy(value, valueSize), version: have + 1 });
        return OK;
      },
      proxy_define_metric: (kind, at, size, id) => {
        this.counts.push(0);
        this.#look();
        this.#view.setUint32(id, this.counts.length - 1, true);
        return OK;
      },
      proxy_increment_metric: (id, by) => {
        this.counts[id] += Number(by);
        return OK;
      },
      proxy_send_local_response: (status, details, detailsSize, body, bodySize) => {
        this.reply = { status, body: this.#copy(body, bodySize).toString() };
        return OK;
      },
      // The module does by itself what a host cannot.
      proxy_call_foreign_function: () => NOT_FOUND,
    };
  }

  #wasi() {
    return {
      environ_sizes_get: (count, size) => {
        this.#look();
        this.#view.setUint32(count, 0, true);
        this.#view.setUint32(size, 0, true);
        return OK;
      },
      environ_get: () => OK,
      random_get: (at, size) => {
        this.#look();
        crypto.getRandomValues(this.#bytes.subarray(at, at + size));
        return OK;
      },
    };
  }
}

const ROOT = 1;

export { ROOT, REQUEST_HEADERS, RESPONSE_HEADERS, REQUEST_BODY, RESPONSE_BODY };

/** The ABI's form of a map: the number of pairs, the lengths of each, the texts with a NUL behind each. */
function pairs(map) {
  const lengths = map.flatMap(([name, value]) => [name.length, value.length]);
  const out = Buffer.alloc(4 + lengths.length * 4 + lengths.reduce((sum, length) => sum + length + 1, 0));
  let at = out.writeUInt32LE(map.length, 0);
  for (const length of lengths) at = out.writeUInt32LE(length, at);
  for (const [name, value] of map) {
    at += out.latin1Write(name, at) + 1;
    at += out.latin1Write(value, at) + 1;
  }
  return out;
}
