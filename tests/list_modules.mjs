// Prints the modules of Python's library and of numpy that the page uses, one a line: first
// what a start needs, then what else is needed while tests/walking.py presses everything,
// which takes minutes. It boots the built site's Python. `.build/modules.txt` is made by it,
// from a build that is not trimmed:
//   : > .build/modules.txt && python3 build.py && node tests/list_modules.mjs . > /tmp/list
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { unzip } from "../site/unzip.mjs";

const root = resolve(process.argv[2]);
const build = readdirSync(`${root}/dist`).find((name) => name.startsWith("b-"));
const runtime = `${root}/dist/${build}/runtime/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
const python = await loadPyodide({ indexURL: runtime });
const place = python.runPython("import site; site.getsitepackages()[0]");
// Not by loadPackage(), which imports what a start in the page does not.
for (const name of readdirSync(runtime).filter((file) => /^(numpy|fishformer)-.*whl$/.test(file))) {
  const { buffer } = Uint8Array.from(readFileSync(runtime + name));
  for (const [path, bytes] of await unzip(buffer)) {
    python.FS.mkdirTree(`${place}/${path}`.replace(/\/[^/]*$/, ""));
    python.FS.writeFile(`${place}/${path}`, bytes);
  }
}
python.FS.mkdir("/repository");
python.FS.mount(python.FS.filesystems.NODEFS, { root }, "/repository");
console.log(python.runPython(`
import sys
def known():
    return {n for n in sys.modules if not n.startswith(("fishformer", "__main__")) and n.isascii()}
import fishformer.browser.first_step
if "_later" in sys.modules:
    raise SystemExit("Make the list from a build that is not trimmed: empty modules.txt first.")
fishformer.browser.first_step.first_step()
from fishformer.browser.library import POSTPONED
frozen = {n for n, m in sys.modules.items() if getattr(m.__spec__, "origin", "") == "frozen"}
first = known() - POSTPONED - frozen
import asyncio, base64, hashlib, importlib, inspect, json, pkgutil, traceback, types, zipfile, zlib
import pyodide.http, pyodide.webloop, pyodide.ffi.wrappers

import pyodide._package_loader, importlib.metadata, tarfile
for module in pkgutil.walk_packages(fishformer.__path__, "fishformer."):
    if "terminal" not in module.name and "__main__" not in module.name and "prerender" not in module.name:
        importlib.import_module(module.name)
traceback.format_exc()
sys.path.append("/repository/tests")
import walking
from pathlib import Path
walking.walk("".join(path.read_text() for path in Path("/repository/site").rglob("*.html")), seconds=4)
own = ("html.parser", "walking", "_markupbase")
"\\n".join([*sorted(first), "", *sorted(known() - first - set(own))])
`));
