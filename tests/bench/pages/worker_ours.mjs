// Our own package in the built site's Pyodide; the bench's Python files come beside it.
import * as fishDraw from "/built/draw.mjs";
import { loadPyodide } from "/built/runtime/pyodide.mjs";
import { serve } from "./serve.mjs";

globalThis.fishDraw = fishDraw; // for Python's painter
let python = null;

serve({
  /** Boot, with these Python files importable. */
  async begin({ files }) {
    python = await loadPyodide({ packages: ["numpy", "fishformer"] });
    for (const file of files) {
      python.FS.writeFile(file, await (await fetch(`/python/${file}`)).text());
    }
    python.runPython("import sys, os; sys.path.insert(0, os.getcwd())");
    return python.version;
  },

  /** Call a function of a file; what it is given and answers is JSON, but for canvases. */
  async call({ module, function: name, given, canvases = {} }) {
    const call = python.pyimport("in_page").call;
    return JSON.parse(await call(module, name, JSON.stringify(given), canvases));
  },

  /** Bytes of the WebAssembly memory, which never shrinks. */
  memory: () => python._module.HEAPU8.length,
});
