// Python's memory as it is once all that a start imports has been imported. The build has it
// taken (.build/memory.mjs); from the second visit on Python begins with it and imports nothing.
//
// It fits only a machine like the one that it is from: with the same libraries at the same
// places. What is kept is the difference that Python made; what it left as it was (some seeds,
// and how this engine counts arguments) stays this machine's own.

let create = null; // pyodide.asm.js's own way to make a machine for Python

/** Have machines load these libraries, [[path in site-packages, module], ...], and let `begun`
 * see them before Python does anything, with a text that tells where the libraries lie. */
export function beginWith(libraries, begun) {
  create ??= globalThis._createPyodideModule;
  globalThis._createPyodideModule = (machine) => {
    const places = [];
    machine.preRun.push(() => {
      for (const [path, module] of libraries) {
        places.push(machine.wasmTable.length);
        load(machine, `${machine.API.sitePackages}/${path}`, module);
      }
      places.push(machine.wasmTable.length, machine.GOT.__heap_base.value);
    });
    machine.onRuntimeInitialized = () => begun(machine, places.join());
    return create(machine);
  };
}

function load(machine, name, module) {
  const exports = machine.loadWebAssemblyModule(module, { nodelete: true, allowUndefined: true }, name, {});
  machine.newDSO(name, undefined, exports).global = false;
  for (const [key, value] of Object.entries(exports)) if (key.startsWith("PyInit_")) machine.addFunction(value); // which Python looks up
}

/** Turn a memory into its difference from one before, or back. */
export function differ(memory, before) {
  for (let n = 0; n < memory.length; n++) memory[n] ^= before[n] ?? 0;
}
