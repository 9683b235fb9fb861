// PyScript's "interpreter", run in the worker in place of pyodide.mjs, beside which it
// lies. It fetches all that Python needs at once, checks every byte against the site's
// manifest, and tells the page how far it is and what went wrong.
import { usable } from "../idb_guard.mjs";
import * as fishDraw from "../draw.mjs";
import { fence } from "../fence.mjs";
import { unzip } from "../unzip.mjs";

globalThis.fishDraw = fishDraw; // for Python's painter

// For Python's finder of what it started without (browser/library.py), which cannot wait.
const Request = XMLHttpRequest;
globalThis.fishRest = () => {
  const request = new Request();
  request.open("GET", new URL("runtime/rest.zip", SITE), false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`rest.zip: HTTP ${request.status}`);
  return request.response;
};

const SITE = new URL("../", import.meta.url);
const BOOT = ["python", "numpy", "fishformer"]; // the manifest's stages, in order
const tell = (boot) => postMessage({ boot });
const nativeFetch = globalThis.fetch.bind(globalThis);

/** Tell the page what stops the boot, once and for all. */
function stop(error) {
  tell({ error });
  throw new Error(error.message ?? `${error.name}: ${error.kind}`);
}

/** fetch, tried three times when the network or the server fails. */
async function persistent(url, options) {
  const name = String(url).split("/").pop();
  for (let attempt = 0; ; attempt++) {
    let why;
    try {
      const response = await nativeFetch(url, options);
      if (response.ok) return response;
      if (response.status < 500) stop({ kind: "missing", name, message: `${name}: HTTP ${response.status}` });
      why = `HTTP ${response.status}`;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      why = error.message;
    }
    if (attempt === 2) stop({ kind: "network", name, message: `${name}: ${why}` });
    await new Promise((then) => setTimeout(then, 400 << attempt));
  }
}

const { subtle } = globalThis.crypto ?? {}; // absent without https
/** The SHA-256 of some bytes, in hex. */
const hashOf = async (bytes) => [...new Uint8Array(await subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");

await usable;
// The build's folder has its name from the manifest's hash, so that index.html vouches for all.
const fresh = { cache: "no-cache" };
const listed = await (await persistent(new URL("manifest.json", SITE), fresh)).arrayBuffer();
if (subtle && !SITE.pathname.endsWith(`/b-${(await hashOf(listed)).slice(0, 10)}/`)) stop({ kind: "corrupt", name: "manifest.json" });
const manifest = JSON.parse(new TextDecoder().decode(listed));
const base64 = (hex) => btoa(hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))));
const sealOf = new Map(manifest.files.map((file) => [new URL(file.path, SITE).href, `sha256-${base64(file.sha256)}`]));
const files = new Map(manifest.files
  .filter((file) => BOOT.includes(file.stage))
  .map((file) => [new URL(file.path, SITE).href, { ...file, got: 0 }]));

function tellProgress() {
  const all = [...files.values()];
  const sum = (key) => all.reduce((total, file) => total + file[key], 0);
  const stage = BOOT.find((name) => all.some((f) => f.stage === name && f.got < f.bytes));
  tell({ stage: stage ?? "start", got: sum("got"), total: sum("bytes") });
}

/** The bytes of one file, counted as they come, once they are all here and right. */
async function whole(url, file) {
  const name = file.path.split("/").pop();
  const response = await persistent(url, url.endsWith(".json") ? fresh : {});
  const parts = [];
  try {
    for (let reader = response.body.getReader(), part; !(part = await reader.read()).done;) {
      parts.push(part.value);
      file.got += part.value.byteLength;
      tellProgress();
    }
  } catch (error) {
    stop({ kind: "network", name, message: `${name}: ${error.message}` });
  }
  const bytes = await new Blob(parts).arrayBuffer();
  let right = file.got === file.bytes;
  if (right && subtle) right = file.sha256 === await hashOf(bytes);
  if (right) return { bytes, type: response.headers.get("Content-Type") };
  await nativeFetch(url, { cache: "reload" }).catch(() => {}); // so that trying again may help
  stop({ kind: "corrupt", name });
}

const ahead = new Map(); // address -> its file, on its way
for (const [url, file] of files) {
  const coming = whole(url, file);
  coming.catch(() => {}); // the page has been told
  ahead.set(url, coming);
}
globalThis.fetch = async (input, options) => {
  const coming = ahead.get(String(input?.url ?? input));
  if (!coming) return persistent(input, options);
  const { bytes, type } = await coming;
  return new Response(bytes, { headers: { "Content-Type": type } });
};

/** A script is imported once its bytes are here and right. */
async function script(name) {
  const url = new URL(`runtime/${name}`, SITE).href;
  await ahead.get(url);
  return url;
}

/** The files of numpy and of our own package. */
async function packages() {
  const wheels = [...files].filter(([, file]) => file.stage !== "python");
  const unpacked = wheels.map(async ([url]) => unzip((await ahead.get(url)).bytes));
  return (await Promise.all(unpacked)).flat();
}

const unpacked = packages();
unpacked.catch(() => {});
const pyodide = await import(await script("pyodide.mjs"));
export const version = pyodide.version;

/** As Pyodide's own, but nothing runs unchecked, and errors reach the page. */
export async function loadPyodide(options) {
  await script("pyodide.asm.js");
  const failed = async (error) => {
    await Promise.all(ahead.values()); // a file that is damaged is the better reason
    stop({ kind: "python", message: String(error) });
  };
  const python = await pyodide.loadPyodide({ ...options, packages: [] }).catch(failed);
  install(python, await unpacked.catch(failed));
  for (const name of options.packages) python.loadedPackages[name] = "default channel";
  const run = python.runPythonAsync;
  python.runPythonAsync = (...given) => run.apply(python, given).catch(failed);
  fence(SITE, (url, options) => nativeFetch(url, { integrity: sealOf.get(url), ...options }));
  ahead.clear();
  tell({ stage: "start", loaded: true });
  return python;
}

/** Put files where Python looks for packages. */
function install(python, files) {
  const place = python.runPython("import site; site.getsitepackages()[0]");
  const made = new Set();
  for (const [name, bytes] of files) {
    const path = `${place}/${name}`;
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(folder)) python.FS.mkdirTree(folder);
    made.add(folder);
    python.FS.writeFile(path, bytes, { canOwn: true });
  }
  python.runPython("import importlib; importlib.invalidate_caches()");
}
