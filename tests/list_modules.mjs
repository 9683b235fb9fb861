// Prints the modules that the page uses, one a line: boots the built site's Python and lets
// tests/walking.py press everything, which takes minutes. `.build/modules.txt` is made by it,
// from a build that is not trimmed:
//   : > .build/modules.txt && python3 build.py && node tests/list_modules.mjs . > /tmp/list
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(process.argv[2]);
const build = readdirSync(`${root}/dist`).find((name) => name.startsWith("b-"));
const runtime = `${root}/dist/${build}/runtime/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
const python = await loadPyodide({ indexURL: runtime });
await python.loadPackage(["numpy", "fishformer"], { messageCallback() {} });
python.FS.mkdir("/repository");
python.FS.mount(python.FS.filesystems.NODEFS, { root }, "/repository");
console.log(python.runPython(`
import asyncio, base64, hashlib, importlib, inspect, json, pkgutil, sys, traceback, types, zipfile, zlib
import pyodide.http, pyodide.webloop, pyodide.ffi.wrappers
import fishformer
if "_later" in sys.modules:
    raise SystemExit("Make the list from a build that is not trimmed: empty modules.txt first.")
for module in pkgutil.walk_packages(fishformer.__path__, "fishformer."):
    if "terminal" not in module.name and "__main__" not in module.name and "prerender" not in module.name:
        importlib.import_module(module.name)
traceback.format_exc()
sys.path.append("/repository/tests")
import walking
from pathlib import Path
walking.walk("".join(path.read_text() for path in Path("/repository/site").rglob("*.html")), seconds=4)
own = ("fishformer", "__main__", "walking", "html.parser", "_markupbase")
"\\n".join(sorted(n for n in sys.modules if not n.startswith(own) and n.isascii()))
`));
