// Starts Python in a PyScript worker, passes messages both ways, and watches over it.
import "./idb_guard.mjs";

const CONFIG = {
  interpreter: "./runtime/interpreter.mjs",
  packages: ["numpy", "fishformer"],
  packages_cache: "passthrough",
  sync_main_only: true,
};
const SILENCE = 20; // seconds without a word before the page says so
const PATIENCE = 60; // and before it gives up on a start

const root = document.documentElement;
let worker = null;
let heard = performance.now(); // the last word from the worker
let asked = -1; // the last time that it was told something
let warned = false;
let dead = false;

export const trouble = (detail) => dispatchEvent(new CustomEvent("trouble", { detail }));
export const running = () => root.classList.contains("live") && !dead;

/** Send a message to Python. Without Python it is dropped. */
export function send(message, transfer = []) {
  if (!worker || dead) return;
  asked = performance.now();
  worker.postMessage(message, transfer);
}

/** Stop for good: only loading the page again helps. */
export function stop(detail) {
  dead = true;
  worker?.terminate();
  trouble(detail);
  root.dataset.state = "failed";
  dispatchEvent(new Event("dead"));
}

/** What this browser lacks, as trouble, or null. */
function missing() {
  const what = "The page shows the random start, drawn when it was built; training needs a browser that can.";
  if (typeof WebAssembly !== "object") {
    return {
      title: "This browser cannot run Python",
      what: "WebAssembly is missing or switched off, so nothing can be trained here. Some locked-down modes do that.",
      kept: what,
    };
  }
  let canvas = false;
  try { canvas = Boolean(new OffscreenCanvas(1, 1).getContext("2d")) && "transferControlToOffscreen" in HTMLCanvasElement.prototype; } catch { /* too old */ }
  if (canvas && "Worker" in window) return null;
  return {
    title: "This browser is too old for this page",
    what: "It cannot draw from a worker (OffscreenCanvas), and here all drawing is done by Python in a worker.",
    kept: what,
  };
}

const BOOT_TROUBLE = {
  missing: (e) => ({
    title: "A file of this page is missing",
    what: `The server does not have ${e.name}, so Python cannot start.`,
    kept: "A new version may just be on its way: wait a minute and try again. If it stays so, whoever keeps this site has to repair it.",
  }),
  corrupt: (e) => ({
    title: "A file of this page is damaged",
    what: `${e.name} is not the file that belongs to this page, so it was not run.`,
    kept: "It has been fetched again past the cache. Trying again may be enough.",
  }),
  network: (e) => ({
    title: "The connection broke off",
    what: `${e.name} could not be fetched, after three attempts.`,
    kept: "What has arrived is kept by the browser. Try again when the network is back.",
  }),
  package: (e) => ({
    title: "Python started without a part that it needs",
    what: `The package ${e.name} did not load.`,
    kept: "Trying again may help.",
  }),
  python: () => ({
    title: "Python could not start",
    what: "It stopped with an error before the first step.",
    kept: "Nothing was lost, for nothing had been trained yet.",
  }),
};

/**
 * Start Python. handlers: `progress(boot)`, `start()` -> {message, transfer} when Python
 * asks for the page, and one function for each kind of message.
 */
export async function boot(handlers) {
  const lack = missing();
  if (lack) return stop({ ...lack, button: "Try again" });
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", () => { heard = performance.now(); });

  const { hooks } = await import("./pyscript/core.js");
  hooks.worker.onBeforeRunAsync.clear(); // it would need 'unsafe-eval'
  const script = Object.assign(document.createElement("script"), { type: "py", src: "./worker.py" });
  script.setAttribute("worker", "");
  script.setAttribute("config", JSON.stringify(CONFIG));
  document.body.append(script);
  while (!script.xworker) await new Promise((then) => setTimeout(then, 2));
  worker = script.xworker;
  worker.addEventListener("error", (event) => stop({
    title: "Python stopped",
    what: "The worker in which it runs has ended with an error.",
    kept: "What was trained is lost. With the same settings it comes out the same again.",
    button: "Start again",
    detail: event.message ?? String(event.error ?? ""),
  }));
  worker.addEventListener("message", ({ data }) => receive(data, handlers));
}

function receive(data, handlers) {
  if (dead) return;
  heard = performance.now();
  if (warned) {
    warned = false;
    trouble(null);
    if (root.dataset.state === "failed") root.dataset.state = "booting";
  }
  if (data?.boot?.error) {
    const error = data.boot.error;
    return stop({ ...BOOT_TROUBLE[error.kind](error), detail: error.message });
  }
  if (data?.boot) return handlers.progress(data.boot);
  const message = JSON.parse(data); // Python's own are JSON text, for speed
  if (message.kind !== "hello") return handlers[message.kind](message);
  const { message: start, transfer } = handlers.start();
  send(start, transfer);
}

/** Once a second: has Python been silent for too long? */
function watch() {
  if (dead || document.hidden) return;
  const silent = (performance.now() - heard) / 1000;
  const due = !running() || root.dataset.state === "training" || asked > heard;
  if (!due || silent < SILENCE) return;
  const start = !running();
  const givenUp = start && silent >= PATIENCE;
  if (warned && !givenUp) return;
  warned = true;
  trouble({
    waiting: !givenUp,
    title: start ? "Python is slow to start" : "Python does not answer",
    what: givenUp ? "Nothing has been heard of it for a minute. Something holds it up: the network, or a blocked file."
      : `Nothing has been heard of it for ${SILENCE} seconds. The page still waits.`,
    kept: start ? "Nothing is lost: trying again loads the page afresh." : "If it comes back, training goes on. Starting again begins at step 0.",
    button: start ? "Try again" : "Start again",
  });
}
