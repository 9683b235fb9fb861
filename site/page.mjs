// The page: puts its parts together and shows what Python sends.
import { AGAIN, boot, send, tell, trouble } from "./boot.mjs";
import { keepOffline } from "./offline.mjs";
import "./contents.mjs";
import * as corpus from "./corpus.mjs";
import * as experiments from "./experiments.mjs";
import * as e01 from "./e01.mjs";
import "./fields.mjs";
import { answer, describe, element, endFirstFrames, handOver, refresh, tableOf } from "./exhibits.mjs";
import "./files.mjs";
import * as share from "./share.mjs";
import * as sound from "./sound.mjs";
import * as transport from "./transport.mjs";
import * as widgets from "./widgets.mjs";
import * as work from "./work.mjs";
import "./workshop.mjs";

const root = document.documentElement;
const at = (id) => document.getElementById(id);
const status = document.querySelector("[data-text='e01.status']");
const rule = document.querySelector(".rule");

// ---- settings, in the address: #seed=7&layers=2&step=212 --------------------------------

const hash = () => (location.hash.includes("=") ? location.hash.slice(1) : "");
let used = hash();
let settings = share.settingsOf(used);
let ofRun = null; // the settings of the live run, as its address has them
addEventListener("hashchange", () => { if (hash() && hash() !== used) location.reload(); });
const atLeast = (text, least, most) => (Number(text) <= most ? Math.max(least, Math.floor(text)) : least);
e01.makeMaps(atLeast(settings.layers, 2, 12), atLeast(settings.heads, 4, 8));

const SETTLING = 5000; // milliseconds in which what lies above a place may still be laid out

/** Scroll to a part, and again when what is laid out above moves it, until something else scrolls. */
function land(target) {
  const until = performance.now() + SETTLING;
  let own = true;
  let place = null; // of the target in the page, and where that was scrolled to
  let scrolled = null;
  for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(type, () => { own = false; }, { once: true, passive: true });
  const aim = () => {
    const now = target.getBoundingClientRect().top + scrollY;
    const moved = Math.abs(now - place) > 1;
    if (scrolled !== null && !moved && scrollY !== scrolled) return;
    if (scrolled === null || moved) target.scrollIntoView({ behavior: "instant" });
    [place, scrolled] = [target.getBoundingClientRect().top + scrollY, scrollY];
    if (own && performance.now() < until) requestAnimationFrame(aim);
  };
  aim();
}

// A link within the page moves there and leaves the settings in the address alone.
for (const link of document.querySelectorAll("a[href^='#']")) {
  link.onclick = (event) => {
    event.preventDefault();
    const target = at(link.hash.slice(1));
    land(target);
    target.focus({ preventScroll: true });
  };
}

// ---- frames -------------------------------------------------------------------------------

let newest = null; // the frame that came last, until it is shown
let shown = { state: "booting" };
const painted = new Set(); // exhibits that Python has drawn
let saidAt = 0; // when the live region was last written
const slots = new Map(); // key of a text -> its elements
const told = new Map(); // key of a text -> what stands there
function findSlots() {
  slots.clear();
  for (const slot of document.querySelectorAll("[data-text]")) {
    slots.set(slot.dataset.text, [...(slots.get(slot.dataset.text) ?? []), slot]);
  }
}
findSlots();
addEventListener("grown", findSlots);

/** Several frames may come before one is shown; each has only what changed. */
function receiveFrame(frame) {
  if (!newest) requestAnimationFrame(showNewest);
  else {
    frame.texts = { ...newest.texts, ...frame.texts };
    frame.painted = [...newest.painted, ...frame.painted];
  }
  newest = frame;
}

function showNewest() {
  const frame = newest;
  newest = null;
  if (!frame) return; // of a Python that was stopped
  Object.assign(root.dataset, { state: frame.state, step: frame.step, loss: frame.loss ?? "" });
  for (const [key, words] of Object.entries(frame.texts)) write(key, words);
  transport.showFrame(frame);
  share.showFrame(frame);
  sound.showFrame(frame);
  if (frame.lit !== shown.lit) widgets.light(frame.lit);
  const fresh = frame.painted.filter((name) => !painted.has(name));
  if (fresh.length) requestAnimationFrame(() => endFirstFrames(fresh));
  for (const name of fresh) painted.add(name);
  if (shown.state === "booting") requestAnimationFrame(goLive);
  refresh();
  announce(frame);
  shown = frame;
}

/** Put words, a text or [[text, class], ...], where the page has their key. */
function write(key, words) {
  const same = typeof words === "string" ? words : JSON.stringify(words);
  if (told.get(key) === same) return;
  told.set(key, same);
  for (const slot of slots.get(key) ?? []) {
    if (typeof words === "string") slot.textContent = words;
    else slot.replaceChildren(...words.map(([text, name]) => element("span", { textContent: text, className: name })));
  }
}

/** For those who listen: now and then in training, at once when it stops. */
function announce(frame) {
  const stopped = frame.state !== shown.state && frame.state !== "training";
  if (!stopped && (frame.state !== "training" || performance.now() - saidAt < sound.sayEvery())) return;
  saidAt = performance.now();
  at("said").textContent = `${told.get("e01.status")}, loss ${told.get("transport.loss")}`;
}

const CALM = 3000; // milliseconds after the start: what is not urgent begins

/** Python has painted for the first time. */
function goLive() {
  root.classList.add("live");
  rule.hidden = true;
  widgets.enable(true);
  transport.begin(work.speed());
  if (at("parts").hidden) showParts();
  work.begin();
  setTimeout(() => keepOffline((words) => { at("offline").textContent = words; }), CALM);
  dispatchEvent(new Event("live"));
}

// Python is stopped and started again: as at the first time, but the page stays.
addEventListener("restart", () => {
  newest = null;
  shown = { state: "booting" };
  root.dataset.state = "booting";
  told.clear();
  widgets.enable(false);
  failed = null;
  trouble(null);
});

addEventListener("dead", () => widgets.enable(false));

// ---- what else Python says ------------------------------------------------------------------

const STAGES = { python: "Python", numpy: "numpy", fishformer: "Fishformer" };
const PARTS = { ...STAGES, page: "The page and PyScript", soon: "After the first step", "on demand": "Only when asked for" };

function showProgress({ stage, got, total, loaded }, anew) {
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  const starting = loaded ? "Making the model" : "Starting Python";
  const doing = STAGES[stage] ? `Fetching ${STAGES[stage]}, ${mb(got)} of ${mb(total)} MB` : starting;
  status.textContent = `${anew ? "Begun anew after a minute of silence: " : ""}${doing}. Below: the random start`;
  if (!total) return;
  rule.style.setProperty("--got", `${(100 * got) / total}%`);
  rule.setAttribute("aria-valuenow", Math.round((100 * got) / total));
  rule.setAttribute("aria-valuetext", doing);
}

function showView({ exhibit, value }) {
  if (exhibit === "run") return showRun(value);
  showBroken(at(exhibit), value.broken);
  if (value.broken) return;
  if (exhibit === "e01") return e01.showView(value);
  widgets.showView(value);
  experiments.show[exhibit]?.(value);
}

/** An exhibit that stopped with an error says so in its own place, or no longer. */
function showBroken(exhibit, broken) {
  exhibit.querySelector(".broken")?.remove();
  if (!broken) return;
  const again = element("button", { type: "button", className: "btn", textContent: "Begin it again",
    onclick: () => tell(exhibit.id, "begin_again") });
  exhibit.querySelector("header").after(element("div", { className: "state bad broken", role: "alert" },
    element("h3", { textContent: broken.title }),
    element("p", { textContent: broken.words }),
    element("div", { className: "act" }, again),
    element("details", {}, element("summary", { textContent: "Details" }),
      element("pre", { tabIndex: 0, textContent: broken.detail }))));
}

let failed = null; // the step at which the run failed, if it has

/** The address follows the live run, once it is another one than the address asked for. */
function showAddress(next) {
  const text = new URLSearchParams(next).toString();
  if (ofRun !== null && ofRun !== text) {
    used = text;
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }
  ofRun = text;
  settings = next;
}

function showRun({ trouble: what, notices, settings: now, corpus: sentences, facts }) {
  showAddress(now);
  const box = document.querySelector(".notices");
  box.replaceChildren(...notices.map((text) => element("p", { textContent: text })));
  box.hidden = !notices.length;
  corpus.showCorpus(sentences);
  for (const slot of document.querySelectorAll("[data-fact]")) {
    slot.textContent = facts[slot.dataset.fact].toLocaleString("en");
  }
  const before = failed;
  failed = what?.step ?? null;
  if (failed === before) return;
  trouble(what && {
    ...what,
    run: () => send({ kind: "command", name: "seek", value: what.back }),
    other: what.remedy && { words: what.remedy.words, run: () => send({ kind: "command", name: "settings", value: what.remedy.settings }) },
  });
}

async function showParts() {
  const manifest = await (await fetch(new URL("manifest.json", import.meta.url))).json();
  const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  const parts = manifest.dependencies.map((part) => [part.name, part.version, part.licence]);
  const sizes = Object.entries(PARTS).map(([part, name]) => [name, mb(manifest.totals[part])]);
  at("parts").append(
    tableOf({ caption: "What runs here, and its licence", columns: ["Part", "Version", "Licence"], rows: parts }),
    tableOf({ caption: "What was fetched for it", columns: ["Fetched", "Size"], rows: sizes }),
  );
  at("parts").hidden = false;
}

rule.hidden = root.dataset.state === "failed";
share.arrive(used);
boot({
  progress: showProgress,
  start: async () => handOver(settings, await work.kept()),
  ready: () => { root.classList.remove("back"); share.begin(); },
  frame: receiveFrame,
  view: showView,
  answer,
  refused: ({ what, message }) => (what === "corpus" ? corpus.refuse(message)
    : trouble({ waiting: true, title: "That cannot be done", what: message, kept: "The run goes on as before." })),
  short: ({ words }) => {
    dispatchEvent(new Event("short"));
    trouble({
      waiting: true,
      title: "Memory is full",
      what: words,
      kept: "Train goes on from there. If this comes again, delete runs, or take a smaller model or batch. Loading the page again gives Python fresh memory and brings back what this browser keeps.",
      button: "Load the page again",
      other: { words: "Go on", run: () => trouble(null) },
    });
  },
  labels: ({ value }) => describe(value),
  error: ({ message, detail }) => trouble({
    title: "Python stopped with an error",
    what: message,
    kept: AGAIN,
    detail,
    button: "Start again",
  }),
});
