// Python's memory as it is once all that a start imports has been imported. The build has it
// taken (.build/memory.mjs); from the second visit on Python begins with it and imports nothing.
//
// It fits only a machine like the one that it is from: with the same libraries at the same
// places. Below the heap, what Python left as it was is not kept: that is the same in every
// machine, or (some seeds, how an engine counts arguments) its own.

const LEFT = 0, MASK = 0x5eafa7e5; // a word that Python left as it was; what is laid over others

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

/** Blot out of a memory what Python left as it was in the one before. */
export function blot(memory, before, heap) {
  for (let n = 0; n < heap / 4; n++) {
    if (memory[n] === MASK) throw new Error("There is a word like the mask: take another one.");
    memory[n] = memory[n] === before[n] ? LEFT : memory[n] ^ MASK;
  }
}

/** Fill it in again. */
export function fill(memory, before, heap) {
  for (let n = 0; n < heap / 4; n++) memory[n] = memory[n] === LEFT ? before[n] : memory[n] ^ MASK;
}
