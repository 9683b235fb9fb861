// PyScript's "interpreter", run in the worker in place of pyodide.mjs, beside which it
// lies. It fetches all that Python needs at once, checks every byte against the site's
// manifest, and tells the page how far it is and what went wrong.
import "../idb_guard.mjs";
import * as fishDraw from "../draw.mjs";
import { fence } from "../fence.mjs";
import { beginWith, restored } from "../memory.mjs";
import { install, unzip } from "../unzip.mjs";

globalThis.fishDraw = fishDraw; // for Python's painter

const SITE = new URL("../", import.meta.url);
const ROOT = new URL("../", SITE).href;
const at = (name) => new URL(`runtime/${name}`, SITE).href;

// For Python's finder of what it started without (browser/library.py), which cannot wait.
const Request = XMLHttpRequest;
globalThis.fishRest = (name) => {
  const request = new Request();
  request.open("GET", at(name), false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${name}: HTTP ${request.status}`);
  return request.response;
};

const PREAMBLE = /^import pyscript as/m; // PyScript's own Python package, which nothing here uses
const CORE = /_multiarray_umath\..*so$/; // in numpy's pack its place is empty
const BOOT = ["python", "numpy", "fishformer"]; // the manifest's stages, in order
const tell = (boot) => postMessage({ boot });
const nativeFetch = globalThis.fetch.bind(globalThis);

/** Why something of the site cannot be had: the kind is one that boot.mjs has words for. */
class Failure extends Error {
  constructor(reason) {
    super(reason.message ?? `${reason.name}: ${reason.kind}`);
    this.reason = reason;
  }
}

/** Tell the page what stops the boot, once and for all. */
function stop(error) {
  tell({ error: error.reason ?? { kind: "python", message: String(error) } });
  throw error;
}

/** fetch, tried three times when the network or the server fails. */
async function persistent(url, options) {
  const name = String(url).split("/").pop();
  for (let attempt = 0; ; attempt++) {
    let why;
    try {
      const response = await nativeFetch(url, options);
      if (response.ok) return response;
      if (response.status < 500) throw new Failure({ kind: "missing", name, message: `${name}: HTTP ${response.status}` });
      why = `HTTP ${response.status}`;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      why = error.message;
    }
    if (attempt === 2) throw new Failure({ kind: "network", name, message: `${name}: ${why}` });
    await new Promise((then) => setTimeout(then, 400 << attempt));
  }
}

const { subtle } = globalThis.crypto ?? {}; // absent without https
/** The SHA-256 of some bytes, in hex. */
const hashOf = async (bytes) => [...new Uint8Array(await subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");

// The build's folder has its name from the manifest's hash, so that index.html vouches for all.
const listed = await (await persistent(new URL("manifest.json", SITE), { cache: "no-cache" }).catch(stop)).arrayBuffer();
if (subtle && !SITE.pathname.endsWith(`/b-${(await hashOf(listed)).slice(0, 10)}/`)) stop(new Failure({ kind: "corrupt", name: "manifest.json" }));
const manifest = JSON.parse(new TextDecoder().decode(listed));
const base64 = (hex) => btoa(hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16))));
const sealOf = new Map(manifest.files.map((file) => [new URL(file.path, SITE).href, `sha256-${base64(file.sha256)}`]));
const { sha256: memorySeal } = manifest.files.find(({ stage }) => stage === "memory");
const MEMORY = `${ROOT}${memorySeal}/memory.pack`; // in the service worker's store
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
async function whole(url, file, count = () => {}) {
  const name = file.path.split("/").pop();
  const response = await persistent(url);
  // Compiling begins with the first bytes; what comes of it is used once all are right.
  const module = name.endsWith(".wasm") ? WebAssembly.compileStreaming?.(response.clone()) : null;
  module?.catch(() => {}); // then it is compiled from the bytes
  const bytes = new ArrayBuffer(file.bytes); // not a Blob, which would go by way of another process
  try {
    for (let reader = response.body.getReader(), part; !(part = await reader.read()).done;) {
      const from = file.got;
      file.got += part.value.byteLength;
      if (file.got <= file.bytes) new Uint8Array(bytes).set(part.value, from);
      count();
    }
  } catch (error) {
    throw new Failure({ kind: "network", name, message: `${name}: ${error.message}` });
  }
  let right = file.got === file.bytes;
  if (right && subtle) right = file.sha256 === await hashOf(bytes);
  if (right) return { bytes, module, type: response.headers.get("Content-Type") };
  await nativeFetch(url, { cache: "reload" }).catch(() => {}); // so that trying again may help
  throw new Failure({ kind: "corrupt", name });
}

const ahead = new Map(); // address -> its file, on its way
for (const [url, file] of files) {
  const coming = whole(url, file, tellProgress).catch(stop);
  coming.catch(() => {}); // the page has been told
  ahead.set(url, coming);
}
globalThis.fetch = async (input, options) => {
  const coming = ahead.get(String(input?.url ?? input));
  if (!coming) return persistent(input, options).catch(stop);
  const { bytes, type } = await coming;
  return new Response(bytes, { headers: { "Content-Type": type } });
};

// As the browser's own, from the module that is compiled already.
const { instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (reply, imports) => {
  WebAssembly.instantiateStreaming = instantiateStreaming;
  const { bytes, module } = await ahead.get(at("pyodide.asm.wasm"));
  const compiled = (await module?.catch(() => {})) ?? await WebAssembly.compile(bytes);
  return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) };
};

/** The library of numpy that is compiled while it comes. */
async function numpyCore() {
  const { bytes, module } = await ahead.get(at("numpy.wasm"));
  return { bytes: new Uint8Array(bytes), module: await module?.catch(() => {}) };
}

/** Pyodide would compile it again at the import, from its bytes; they are known by their number. */
function knowCore({ bytes, module }) {
  const { Module } = WebAssembly;
  if (module) WebAssembly.Module = new Proxy(Module, {
    construct(_, [given]) {
      if (given.byteLength !== bytes.byteLength) return new Module(given);
      WebAssembly.Module = Module;
      return module;
    },
  });
}

/** A script is imported once its bytes are here and right. */
async function script(name) {
  await ahead.get(at(name));
  return at(name);
}

/** What is in a pack: a zip archive, compressed as a whole. */
const inflate = (bytes) => new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
const inflated = async (name) => inflate((await ahead.get(at(name))).bytes);

/** Python's library, for Pyodide. */
const library = inflated("python.pack").then((bytes) => ({ bytes, type: "application/zip" }));
ahead.set(at("python_stdlib.zip"), library);

const core = numpyCore();
/** The files of numpy and of our own package that a start needs. */
const packages = Promise.all(["numpy.pack", "fishformer.pack"].map(async (name) => {
  const found = await unzip(await inflated(name));
  return Promise.all(found.map(async ([path, data]) => [path, CORE.test(path) ? (await core).bytes : data]));
}));
for (const coming of [library, core, packages]) coming.catch(() => {});

/** numpy's libraries, compiled: [[path in site-packages, module], ...]. */
async function libraries() {
  const found = (await packages).flat().filter(([name]) => name.endsWith(".so"));
  const module = async (name, bytes) => (CORE.test(name) && (await core).module) || WebAssembly.compile(bytes);
  return Promise.all(found.map(async ([name, bytes]) => [name.replace("site/", ""), await module(name, bytes)]));
}

/** Python's memory, if the service worker has kept it since an earlier visit. */
const memory = memoryKept();
memory.catch(() => {}); // without it, Python imports
async function memoryKept() {
  const bytes = await (await caches.match(MEMORY)).arrayBuffer();
  if (await hashOf(bytes) !== memorySeal) throw new Failure({ kind: "corrupt", name: "memory.pack" });
  return Object.fromEntries(await unzip(await inflate(bytes)));
}

/** Keep nothing in its place: it does not fit this engine, or is damaged. */
async function forget() {
  const store = await caches.open(`fishformer ${ROOT}`); // as the service worker calls it
  if (await store.match(MEMORY)) await store.put(MEMORY, new Response());
}

const engine = script("pyodide.asm.js").then((url) => import(url));
engine.catch(() => {}); // loadPyodide() is told
const pyodide = await import(await script("pyodide.mjs"));
export const version = pyodide.version;

/** Python with its memory, if there is one that fits this machine. */
async function remembering(options) {
  const parts = await memory;
  const about = JSON.parse(new TextDecoder().decode(parts["about.json"]));
  const [snapshot, complete] = restored(about, parts);
  beginWith(await libraries(), (machine, places) => {
    if (`${places}` !== `${about.places}`) throw new Error(`${places} is not ${about.places}`);
    complete(machine);
  });
  const python = await pyodide.loadPyodide({ ...options, _loadSnapshot: snapshot });
  const { loadedLibsByHandle, loadedLibsByName } = python._module.LDSO;
  for (const [handle, name] of about.loaded) loadedLibsByHandle[handle] = loadedLibsByName[name];
  python.runPython("import random; random.seed()");
  return python;
}

/** Python without a memory. */
async function anew(options) {
  core.then(knowCore, () => {});
  return pyodide.loadPyodide(options);
}

/** As Pyodide's own, but nothing runs unchecked, and errors reach the page. */
export async function loadPyodide(options) {
  const failed = async (error) => {
    await forget().catch(() => {});
    await Promise.all(ahead.values()); // a file that is damaged is the better reason
    stop(error);
  };
  // All three first: Pyodide asks for them before it looks at what comes of it.
  await Promise.all([engine, script("pyodide.asm.wasm"), library]).catch(failed);
  const bare = { ...options, packages: [] };
  const remembered = await remembering(bare).catch(forget).catch(() => null);
  const python = remembered ?? await anew(bare).catch(failed);
  install(python, (await packages.catch(failed)).flat());
  const soon = manifest.files.find((file) => file.stage === "soon");
  globalThis.fishSoon = async () => {
    const { bytes } = await whole(new URL(soon.path, SITE).href, { ...soon, got: 0 });
    const found = await unzip(bytes);
    return () => install(python, found);
  };
  for (const name of options.packages) python.loadedPackages[name] = "default channel";
  const run = python.runPythonAsync;
  python.runPythonAsync = async (code, ...given) => {
    if (!PREAMBLE.test(code)) return run.call(python, code, ...given).catch(failed);
  };
  fence(SITE, sealed);
  ahead.clear();
  tell({ stage: "start", loaded: remembered ? "remembered" : "imported" });
  return python;
}

/** What Python fetches later, held against its hash. A reply that is refused for it does not
 * tell whether the server has the file at all: one that it lacks is asked for once more. */
async function sealed(url, options) {
  const integrity = sealOf.get(url);
  try {
    return await nativeFetch(url, { integrity, ...options });
  } catch (error) {
    const reply = integrity && await nativeFetch(url, options).catch(() => null);
    if (reply && !reply.ok) return reply;
    throw error;
  }
}
