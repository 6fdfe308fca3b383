// Runs a program of target wasm32-wasip1 on Node: what `cargo bench --target wasm32-wasip1` calls (`.cargo/config.toml`).
//
// What a filter imports from Envoy is there and does nothing. Only V8's optimizing compiler is used, as Envoy has it.

import './features.mjs';
import { readFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { WASI } from 'node:wasi';

const [, , program, ...args] = argv;
const wasi = new WASI({ version: 'preview1', args: [program, ...args], env: {} });
const module = await WebAssembly.compile(await readFile(program));
const imports = wasi.getImportObject();
for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
  if (kind === 'function' && !(name in (imports[from] ??= {}))) {
    imports[from][name] = () => 0;
  }
}
const { exports } = await WebAssembly.instantiate(module, imports);
wasi.start({ exports: { memory: exports.memory, _start: exports._start } });
