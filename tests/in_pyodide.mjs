// Runs pytest inside Pyodide, the site's own, under Node: test files of this repository,
// the package's source, and the pure-Python tools of the environment.
//   node in_pyodide.mjs REPOSITORY SITE_PACKAGES pytest-arguments...
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [root, tools, ...given] = process.argv.slice(2);
const build = readdirSync(`${root}/dist`).find((name) => name.startsWith("b-"));
const runtime = `${root}/dist/${build}/runtime/`;
const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`));
// Where CI is set Hypothesis draws the same examples each time; so it does in here.
const { CI } = process.env;
const python = await loadPyodide({ indexURL: runtime, env: CI ? { CI } : {} });
await python.loadPackage("numpy", { messageCallback() {} });
for (const [place, folder] of [["/repository", root], ["/tools", tools]]) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
python.globals.set("given", python.toPy(given));
// The tools come last in the path: numpy must be Pyodide's.
process.exitCode = await python.runPythonAsync(`
import os, sys
sys.dont_write_bytecode = True
# Plugins of other tools want a real system.
os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HYPOTHESIS_NO_PLUGINS": "1"}
sys.path.insert(0, "/repository/pysrc")
sys.path.append("/tools")
os.chdir("/repository")
from pathlib import Path
from fishformer.browser.library import complete
(rest,) = Path("dist").glob("b-*/runtime/rest.zip")
complete(lambda name: rest.read_bytes())
import pytest
int(pytest.main(["-q", "-p", "no:cacheprovider", *given]))
`);
