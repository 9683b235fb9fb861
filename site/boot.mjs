// Starts Python in a PyScript worker, passes messages both ways, and watches over it.
// No module of the page may await at its top level: WebKit often never runs a second one
// that imports it meanwhile, and the page would stay without its Python.
import "./idb_guard.mjs";

const CONFIG = {
  interpreter: new URL("runtime/interpreter.mjs", import.meta.url).href,
  packages: ["numpy", "fishformer"],
  packages_cache: "passthrough",
  index_urls: ["."], // where micropip would look: nowhere else
  sync_main_only: true,
};
const SILENCE = 20; // seconds without a word before the page says so
const PATIENCE = 60; // and before it begins a start anew, once, or gives up
const LOOK = 1000; // milliseconds between two looks at the clock

const root = document.documentElement;
let worker = null;
let script = null; // the element that PyScript made it from
let heard = performance.now(); // when the worker last said something
let looked = heard; // when the page last looked at the clock
let stage = null; // of the start, as the worker told it last
let anew = false; // the page has given up on a start and begun another
let begun = false; // it has its first message, which says how the page stands
let asked = -1; // when it was last told something
let warned = false; // trouble is on show that a word from the worker ends
let dead = false;

export const trouble = (detail) => dispatchEvent(new CustomEvent("trouble", { detail }));
/** Milliseconds since Python was last heard. */
export const silence = () => performance.now() - heard;
export const running = () => root.classList.contains("live") && !dead;

/** Send a message to Python. Before its first one, which says it all, and without Python it is dropped. */
export function send(message, transfer = []) {
  if (!begun || dead) return;
  asked = performance.now();
  worker.postMessage(transfer.length ? message : JSON.stringify(message), transfer);
}

/** Tell an exhibit what was done in it. */
export const tell = (exhibit, name, value = null) => send({ kind: "event", exhibit, name, value });

const parts = new Map(); // part of the worker -> name of a message -> what hears it here
/** Hear a part of the worker (browser/show.py, Show.part): hears[name](value, bytes). */
export const join = (part, hears) => parts.set(part, { ...parts.get(part), ...hears });
export const tellPart = (part, name, value = null, transfer = []) => send({ kind: "part", part, name, value }, transfer);

/** Stop for good: only loading the page again helps. */
function stop(detail) {
  if (dead) return;
  end();
  trouble(detail);
}

function end() {
  dead = true;
  worker?.terminate();
  dispatchEvent(new Event("dead"));
}
addEventListener("broken", end); // a script was refused: theme.js says so

export const AGAIN = "Starting again brings back what this browser keeps: every run as it was up to ten seconds ago. What it may not keep begins at step 0, and with the same settings comes out the same.";
const RELOAD = "Loading the page again may help. If it does not, whoever keeps this site has to repair it.";

/** What this browser lacks, as trouble, or null. */
function lacking() {
  const kept = "The page shows the random start, drawn when it was built. Training needs a browser that can.";
  const wasm = {
    title: "This browser cannot run Python",
    what: "WebAssembly is missing or switched off, so nothing can be trained here. Some locked-down modes do that.",
    kept,
  };
  const old = {
    title: "This browser is too old for this page",
    what: "It cannot draw from a worker (OffscreenCanvas), and here all drawing is done by Python in a worker.",
    kept,
  };
  if (typeof WebAssembly !== "object") return wasm;
  if (!("Worker" in window && "transferControlToOffscreen" in HTMLCanvasElement.prototype)) return old;
  try { if (!new OffscreenCanvas(1, 1).getContext("2d")) return old; } catch { return old; }
  return null;
}

const TROUBLE = {
  missing: ({ name }) => ({
    title: "A file of this page is missing",
    what: `The server does not give ${name}, so Python cannot start.`,
    kept: "A new version may be on its way: wait a minute and try again. If it stays so, whoever keeps this site has to repair it.",
  }),
  corrupt: ({ name }) => ({
    title: "A file of this page is damaged",
    what: `${name} is not the file that belongs to this page.`,
    kept: "It has been fetched again past the cache. Trying again may be enough.",
  }),
  network: ({ name, message = "" }) => {
    const servers = message.includes("HTTP"); // it answered, with an error of its own
    return {
      title: servers ? "The server has trouble" : "The connection broke off",
      what: `${name} could not be fetched.`,
      kept: `What has arrived is kept by the browser. Try again ${servers ? "in a minute" : "when the network is back"}.`,
    };
  },
  package: ({ name }) => ({
    title: "Python started without a part that it needs",
    what: `The package ${name} did not load.`,
    kept: RELOAD,
  }),
  python: () => ({
    title: "Python could not start",
    what: "It stopped with an error before the first step.",
    kept: RELOAD,
  }),
  script: () => ({
    title: "A part of this page did not load",
    what: "PyScript, which starts Python in the browser, could not do so.",
    kept: RELOAD,
  }),
};

// ---- starting -----------------------------------------------------------------------

let handlers = null; // the page's, once it has been read
const early = []; // what the worker said before

/**
 * Begin to listen to Python. handlers: `progress(boot, anew)`, `start()`, a promise of {message,
 * transfer}, when Python asks for the page, and a function for each other kind of message.
 */
export function boot(given) {
  dispatchEvent(new Event("read"));
  if (!getComputedStyle(root).getPropertyValue("--paper")) stop(TROUBLE.missing({ name: "style.css" }));
  handlers = given;
  for (const data of early.splice(0)) if (!dead) receive(data);
}

/** Start Python. This needs nothing of the page, and does not wait for it to be read. */
async function start() {
  if (root.dataset.broken) return end();
  const lack = lacking();
  if (lack) return stop(lack);
  setInterval(watch, LOOK);
  document.addEventListener("visibilitychange", () => { heard = performance.now(); });
  // PyScript lets go of its own failures: a worker.py or an interpreter that is missing.
  addEventListener("unhandledrejection", (event) => {
    if (running() || warned) return;
    event.preventDefault();
    if (dead) return; // that has been told
    warned = true;
    trouble({ ...TROUBLE.script(), detail: String(event.reason?.message ?? event.reason) });
  });

  // PyScript would look through all attributes of the page, and of whatever is added to it,
  // for handlers such as py-click. There are none.
  globalThis.XPathEvaluator = class {
    createExpression = () => ({ evaluate: () => ({ snapshotLength: 0 }) });
  };
  const { hooks } = await import("./pyscript/core.js");
  hooks.worker.onBeforeRunAsync.clear(); // it would need 'unsafe-eval'
  await launch();
}

// PyScript fetches worker.py. It gets the one whose hash is in index.html, or none.
const entry = document.getElementById("worker").content.firstChild;
const { fetch } = globalThis;
globalThis.fetch = async (what, options) => {
  if (what !== entry.href) return fetch(what, options);
  try {
    return await fetch(what, { ...options, integrity: entry.integrity });
  } catch (error) {
    const reply = await fetch(what, { cache: "reload" }).catch(() => null);
    const kind = !reply ? "network" : reply.ok ? "corrupt" : "missing";
    stop({ ...TROUBLE[kind]({ name: "worker.py" }), detail: error.message });
    throw error;
  }
};

async function launch() {
  const own = script = Object.assign(document.createElement("script"), { type: "py", src: entry.href });
  own.setAttribute("worker", "");
  own.setAttribute("config", JSON.stringify(CONFIG));
  document.head.append(own);
  while (!own.xworker) await new Promise((then) => setTimeout(then, 2));
  const mine = own.xworker;
  if (dead || script !== own) return mine.terminate();
  worker = mine;
  // PyScript answers calls of the worker into the page, its window among them: here none.
  for (const name of Reflect.ownKeys(worker.sync)) worker.sync[name] = undefined;
  worker.addEventListener("message", ({ data }) => {
    if (dead || worker !== mine) return;
    heard = performance.now();
    if (handlers) receive(data);
    else early.push(data);
  });
  // What no Python can catch, such as the end of its own stack or a fault in C.
  worker.addEventListener("error", ({ message }) => {
    if (worker === mine && running()) trouble({ title: "Python stopped with an error", what: message, kept: AGAIN, button: "Start again" });
  });
}

/** End a Python that no longer answers and start another; the page begins again with it. */
export async function restart() {
  worker?.terminate();
  script?.remove();
  worker = stage = null;
  begun = false;
  early.length = 0;
  warned = false;
  heard = performance.now();
  root.classList.remove("live");
  dispatchEvent(new Event("restart"));
  await launch();
}

function receive(data) {
  if (warned) {
    warned = false;
    trouble(null);
  }
  if (data.boot) {
    const { error } = data.boot;
    if (error) return stop({ ...TROUBLE[error.kind](error), detail: error.message });
    stage = data.boot.stage;
    if (data.boot.loaded) performance.mark(`Python ${data.boot.loaded}`);
    return handlers.progress(data.boot, anew);
  }
  const [text, bytes] = [data].flat(); // Python's own are JSON text, for speed; with bytes, a pair
  const message = JSON.parse(text);
  if (message.kind === "part") return parts.get(message.part)?.[message.name]?.(message.value, bytes);
  if (message.kind !== "hello") return handlers[message.kind]?.(message);
  const mine = worker;
  handlers.start().then(({ message: first, transfer }) => {
    if (worker !== mine) return;
    begun = true;
    send(first, transfer);
  });
}

/** Once a second: has Python been silent for too long? */
function watch() {
  const now = performance.now();
  if (now - looked > 5 * LOOK) heard = now; // the page itself stood still: the device slept
  looked = now;
  const silent = (now - heard) / 1000;
  const due = !running() || root.dataset.state === "training" || asked > heard;
  if (dead || document.hidden || !due || silent < SILENCE) return;
  const givenUp = silent >= PATIENCE;
  if (warned && (!givenUp || root.dataset.state === "failed")) return;
  const started = running();
  const again = !started && !anew && script && (!stage || stage === "start"); // nothing is on its way
  if (again && givenUp) return beginAnew();
  warned = true;
  const title = started ? ["Python does not answer", "Python has stopped"] : ["Python is slow to start", "Python has not started"];
  const minute = anew && !started ? "It was begun a second time, and again nothing has been heard of it for a minute."
    : "Nothing has been heard of it for a minute.";
  const next = again ? "After a minute the page begins its start anew." : "The page goes on waiting.";
  trouble({
    waiting: !givenUp,
    title: title[Number(givenUp)],
    what: givenUp ? minute : `Nothing has been heard of it for ${SILENCE} seconds. ${next}`,
    kept: started ? AGAIN
      : "Something holds it up: the network, or a file that is blocked. Trying again keeps what has arrived.",
    button: started ? "Start again" : "Try again",
  });
}

/** Something hangs that should not: a visitor need not know how to help. */
function beginAnew() {
  anew = true;
  handlers?.progress({ stage: "start" }, anew);
  return restart();
}

start();
