// Has Python import what a start imports and read the fish sentences, and writes what its
// memory is then. For Node:
//   node memory.mjs RUNTIME FOLDER
// RUNTIME is that of the site; FOLDER has the names of the modules in modules.json and gets
// the parts of a snapshot that site/memory.mjs puts together again.
import crypto from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { beginWith, changes } from "../site/memory.mjs";
import { install, unzip } from "../site/unzip.mjs";

const [runtime, folder] = process.argv.slice(2).map((path) => `${resolve(path)}/`);
const inflated = (name) => gunzipSync(readFileSync(`${runtime}${name}.pack`));

// Neither the hour nor chance is to be found in it.
Date.now = performance.now = () => 0;
crypto.randomFillSync = (array) => array.fill(0);

writeFileSync(`${folder}python.zip`, inflated("python"));
const files = [];
for (const name of ["numpy", "fishformer"]) files.push(...await unzip(Uint8Array.from(inflated(name)).buffer));
const libraries = [];
for (const file of files.filter(([name]) => name.endsWith(".so"))) {
  const [name, bytes] = file;
  libraries.push([name.replace("site/", ""), await WebAssembly.compile(bytes.length ? bytes : readFileSync(`${runtime}numpy.wasm`))]);
  file[1] = new Uint8Array(0); // Python would keep it in its memory
}

await import(pathToFileURL(`${runtime}pyodide.asm.js`));
let first; // what the machine was before Python began
beginWith(libraries, ({ HEAPU32, wasmTable }, places) => {
  first = { memory: HEAPU32.slice(), functions: wasmTable.length, places };
});
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
const python = await loadPyodide({
  indexURL: runtime,
  stdLibURL: pathToFileURL(`${folder}python.zip`).href,
  env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
  _sysExecutable: "./this.program",
  _makeSnapshot: true,
});
install(python, files);
const take = `
import gc, sys
from importlib import import_module
from importlib.util import find_spec
from fishformer.browser.library import complete
complete(None)
from fishformer.corpus import load_fish
load_fish().tokenizer # before the others, for they fill what this leaves free
for name in ${readFileSync(`${folder}modules.json`)}:
    if name not in sys.modules and find_spec(name): # others are made in C by those
        import_module(name)
del complete, find_spec, import_module, load_fish, name
gc.collect()
`;
try { python.runPython(take); } catch (error) {
  console.error(error.message.trim()); // the last line tells
  process.exit(1);
}
const { LDSO, _sbrk, wasmTable } = python._module;
if (wasmTable.length !== first.functions) throw new Error("Python has put functions of JavaScript into its table, and a start would lack them.");
const snapshot = python.makeMemorySnapshot();
const [, start] = new Uint32Array(snapshot.buffer);
const page = 1 << 16;
const size = start + Math.ceil(_sbrk(0) / page) * page;
const heap = first.places.at(-1);
const loaded = Object.entries(LDSO.loadedLibsByHandle).map(([handle, { name }]) => [handle, name]);
const write = (name, data) => writeFileSync(`${folder}${name}`, data);
write("about.json", JSON.stringify({ size, places: first.places, loaded }));
write("head", snapshot.subarray(0, start));
write("below", changes(new Uint32Array(snapshot.buffer, start, heap / 4), first.memory));
write("heap", snapshot.subarray(start + heap, size));
