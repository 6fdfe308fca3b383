// What the filter is built with (`.cargo/config.toml`) and Envoy's V8 has: V8 before 11.4, as in Node 20, has relaxed SIMD behind a flag, which
// later ones do not know.

import { versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';

const [major, minor] = versions.v8.split('.').map(Number);
if (major < 11 || (major === 11 && minor < 4)) {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}
