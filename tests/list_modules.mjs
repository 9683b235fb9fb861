// Prints the modules that the page uses, one a line: boots the built site's Python, shows
// every exhibit, trains, winds back and exports. `.build/modules.txt` is made by it:
//   node tests/list_modules.mjs . > .build/modules.txt
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(process.argv[2]);
const build = readdirSync(`${root}/dist`).find((name) => name.startsWith("b-"));
const runtime = `${root}/dist/${build}/runtime/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
const python = await loadPyodide({ indexURL: runtime });
await python.loadPackage(["numpy", "fishformer"], { messageCallback() {} });
console.log(python.runPython(`
import asyncio, base64, hashlib, importlib, inspect, json, pkgutil, sys, traceback, types, zipfile, zlib
import pyodide.http, pyodide.webloop, pyodide.ffi.wrappers
import fishformer
if "_later" in sys.modules:
    raise SystemExit("Make the list from a build that is not trimmed: empty modules.txt first.")
for module in pkgutil.walk_packages(fishformer.__path__, "fishformer."):
    if "terminal" not in module.name and "__main__" not in module.name and "prerender" not in module.name:
        importlib.import_module(module.name)
from fishformer.exhibits.catalogue import EXHIBITS
from fishformer.exhibits.stage import Stage
stage = Stage({})
for name in EXHIBITS:
    stage.set_on_screen(name, True)
stage.open()
for _ in range(5):
    stage.work()
    stage.frame(), stage.labels(), stage.views()
for canvas in stage.canvases():
    stage.draw(canvas, 300, 200)
for name in EXHIBITS:
    stage.tables(name)
stage.command("seek", 2)
while stage.busy:
    stage.work()
stage.unpack(stage.pack())
traceback.format_exc()
"\\n".join(sorted(n for n in sys.modules if not n.startswith(("fishformer", "__main__")) and n.isascii()))
`));
