// What a notebook on Pyodide does with the site's wheel: fetch it with micropip, train.
//   node in_notebook.mjs REPOSITORY ADDRESS_OF_THE_WHEEL
import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [root, wheel] = process.argv.slice(2);
const build = readdirSync(`${root}/dist`).find((name) => name.startsWith("b-"));
const runtime = `${root}/dist/${build}/runtime/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
const python = await loadPyodide({ indexURL: runtime });
await python.loadPackage(["numpy", "micropip"], { messageCallback() {} });
python.FS.writeFile("/library.py", readFileSync(`${root}/pysrc/fishformer/browser/library.py`)); // a notebook's Python is whole
python.globals.set("wheel", wheel);
python.FS.writeFile("/rest.zip", readFileSync(`${runtime}rest.zip`));
process.exitCode = await python.runPythonAsync(`
import sys
from pathlib import Path
sys.path.append("/")
from library import complete
complete(lambda name: Path("/rest.zip").read_bytes())
import micropip
await micropip.install(wheel)
from fishformer.config import Config
from fishformer.training import train
losses = [report.loss for report in train(Config(steps=20))]
print(*losses)
int(len(losses) != 21)
`);
