// What the filter is built with (`.cargo/config.toml`) and Envoy's V8 has: Node 20's has relaxed SIMD behind a flag, and later ones do not
// mind being asked.

import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--experimental-wasm-relaxed-simd');
