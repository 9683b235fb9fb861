// Python's memory as it is once all that a start imports has been imported. The build has it
// taken (.build/memory.mjs); from the second visit on Python begins with it and imports nothing.
//
// It fits only a machine like the one that it is from: with the same libraries at the same
// places. Kept is the heap and, of what lies below it, what Python changed. The rest is the
// same in every machine, or (some seeds, how an engine counts arguments) its own.

let create = null; // pyodide.asm.js's own way to make a machine for Python

/** Have the next machine load these libraries, [[path in site-packages, module], ...]. Then
 * `begun` sees it before Python does anything, and in `places` where all lies: the libraries'
 * functions in its table, and last the heap. */
export function beginWith(libraries, begun) {
  create ??= globalThis._createPyodideModule;
  globalThis._createPyodideModule = (machine) => new Promise((resolve, reject) => {
    globalThis._createPyodideModule = create;
    const places = [];
    const trying = (act) => () => { // for what fails here, nobody else is told
      try { act(); } catch (error) { reject(error); }
    };
    machine.preRun.push(trying(() => {
      for (const [path, module] of libraries) {
        places.push(machine.wasmTable.length);
        load(machine, `${machine.API.sitePackages}/${path}`, module);
      }
      places.push(machine.wasmTable.length, machine.GOT.__heap_base.value);
    }));
    machine.onRuntimeInitialized = trying(() => begun(machine, places));
    create(machine).then(resolve, reject);
  });
}

function load(machine, name, module) {
  const exports = machine.loadWebAssemblyModule(module, { nodelete: true, allowUndefined: true }, name, {});
  machine.newDSO(name, undefined, exports).global = false;
  for (const [key, value] of Object.entries(exports)) if (key.startsWith("PyInit_")) machine.addFunction(value); // which Python looks up
}

/** What Python changed in these words: how many further on each time, and to what. */
export function changes(words, before) {
  const found = [];
  let last = 0;
  words.forEach((word, n) => {
    if (word === before[n]) return;
    found.push(n - last, word);
    last = n;
  });
  return Uint32Array.from(found);
}

/** A snapshot as Pyodide takes it, but for what lies below the heap: that, given a machine. */
export function restored({ size, places }, { head, below, heap }) {
  const [end] = places.slice(-1);
  const snapshot = new Uint8Array(size);
  snapshot.set(head);
  snapshot.set(heap, head.length + end);
  const words = new Uint32Array(snapshot.buffer, head.length, end / 4);
  const changed = new Uint32Array(below.slice().buffer);
  return [snapshot, (machine) => {
    words.set(machine.HEAPU32.subarray(0, words.length));
    for (let k = 0, n = 0; k < changed.length; k += 2) words[n += changed[k]] = changed[k + 1];
  }];
}
