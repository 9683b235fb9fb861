// The untrimmed build's "interpreter": Pyodide as it comes, which loads its packages itself.
import "../idb_guard.mjs";
import * as fishDraw from "../draw.mjs";

// Worker.py names them; a Python that is whole calls none of the last two.
Object.assign(globalThis, { fishDraw, fishRest: null, fishSoon: null });

export { loadPyodide, version } from "./pyodide.mjs";
