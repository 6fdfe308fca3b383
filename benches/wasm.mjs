// Runs a bench that was built for wasm32-wasip1, under the V8 of Node and with the compiler Envoy's V8 uses:
//
//   node --no-warnings --no-liftoff benches/wasm.mjs PATH.wasm [ARGUMENT...]
//
// What WASI gives is given; of Envoy's functions (module `env`) none is called by a bench, and each answers 0.

import { readFile } from 'node:fs/promises';
import { argv, exit, env } from 'node:process';
import { WASI } from 'node:wasi';

const [path, ...rest] = argv.slice(2);
if (!path) {
  console.error('usage: node --no-warnings --no-liftoff benches/wasm.mjs PATH.wasm [ARGUMENT...]');
  exit(2);
}
const module = await WebAssembly.compile(await readFile(path));
const wasi = new WASI({ version: 'preview1', args: [path, ...rest], env, returnOnExit: true });
const host = Object.fromEntries(WebAssembly.Module.imports(module).filter((one) => one.module === 'env').map((one) => [one.name, () => 0]));
const instance = await WebAssembly.instantiate(module, { ...wasi.getImportObject(), env: host });
const { memory, _start } = instance.exports;
exit(wasi.start({ exports: { memory, _start } }));
