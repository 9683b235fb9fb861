// What all exhibits share: canvases handed to Python with their sizes, what is on screen,
// the colours, long descriptions, and the answers to "Show the Python" and "Data table".
import { send, tell } from "./boot.mjs";

const root = document.documentElement;
const TOKENS = ["paper", "sunk", "hair", "edge", "ink", "ink-2", "ink-3", "sea", "sea-mid", "sea-soft",
  "coral", "coral-ink", "coral-soft", "query", "query-soft", "key", "key-soft", "value", "value-soft",
  ...["seq", "div"].flatMap((ramp) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${ramp}-${n}`))];

/** A new element with properties and children. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const boxes = new Map(); // canvas name -> its box
const visible = {}; // id of an exhibit -> whether it is near the screen
let resized = new Set();
let watching = false; // theme and pixels

const read = (names) => {
  const style = getComputedStyle(root);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
};

let zoom = 1; // of all exhibits, in a lesson
const ratio = () => devicePixelRatio * zoom;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const tellSizes = (names) => send({ kind: "resize", sizes: sizes(names), dpr: ratio() });

/** The exhibits are shown so many times as large: Python draws with more pixels. */
export function setZoom(factor) {
  if (factor === zoom) return;
  zoom = factor;
  tellSizes(boxes.keys());
}

/** The size of a box in CSS pixels, cut to whole device pixels. */
function size(box) {
  const whole = (length) => Math.round(length * ratio()) / ratio();
  return [whole(box.clientWidth), whole(box.clientHeight)];
}

function sizes(names) {
  return Object.fromEntries([...names].map((name) => [name, size(boxes.get(name))]));
}

// Several boxes change size at once: one message for all, before the next paint.
const onResize = new ResizeObserver((entries) => {
  if (!resized.size) {
    requestAnimationFrame(() => {
      tellSizes(resized);
      resized = new Set();
    });
  }
  for (const entry of entries) resized.add(entry.target.dataset.canvas);
});

const onScreen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting: value } of entries) {
    if (visible[target.id] === value) continue;
    visible[target.id] = value;
    if (value) add(waiting(target));
    send({ kind: "visible", exhibit: target.id, value });
  }
}, { rootMargin: "200px" });

function watchPixels() {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => {
    tellSizes(boxes.keys());
    watchPixels();
  }, { once: true });
}

/** The canvases of some boxes, by name, for Python to draw on. */
function take(some) {
  const canvases = {};
  for (const box of some) {
    const name = box.dataset.canvas;
    boxes.set(name, box);
    canvases[name] = box.querySelector("canvas").transferControlToOffscreen();
    onResize.observe(box);
  }
  return canvases;
}

/** The boxes of an exhibit that have not been handed over. */
const waiting = (place) => [...place.querySelectorAll("[data-canvas]")].filter((box) => boxes.get(box.dataset.canvas) !== box);

/** Boxes that come on the screen, or are made, while Python runs: it gets their canvases too. */
export function add(some) {
  if (!boxes.size || !some.length) return; // handOver() will
  const canvases = take(some);
  send({ kind: "canvases", canvases, sizes: sizes(Object.keys(canvases)) }, Object.values(canvases));
}

/** What Python gets when it says hello: the canvases on the screen, and all it must know to draw. */
export function handOver(settings, kept) {
  const canvases = {};
  for (const box of boxes.values()) { // a Python before this one has these: make new ones
    const canvas = box.querySelector("canvas");
    canvas.replaceWith(canvas.cloneNode());
  }
  boxes.clear();
  onResize.disconnect(); // of those that this Python does not have yet
  resized.clear();
  for (const place of document.querySelectorAll(".exhibit, .transport")) {
    const area = place.getBoundingClientRect();
    visible[place.id] = area.height > 0 && area.top < innerHeight + 200 && area.bottom > -200;
    if (visible[place.id]) Object.assign(canvases, take(waiting(place)));
    onScreen.observe(place);
  }
  if (!watching) {
    watching = true;
    watchPixels();
    addEventListener("theme", () => send({ kind: "theme", tokens: read(TOKENS) }));
    calm.addEventListener("change", () => tell("e01", "still", calm.matches));
  }
  const message = {
    kind: "start", settings: Object.entries(settings), kept, canvases, sizes: sizes(boxes.keys()), dpr: ratio(),
    tokens: read(TOKENS), fonts: read(["serif", "sans", "mono"]), visible: { ...visible }, base: new URL(".", import.meta.url).href,
    still: calm.matches,
  };
  return { message, transfer: [...Object.values(canvases), ...(kept ? [kept.live.buffer] : [])] };
}

/** Python has painted these exhibits: its canvases take the place of the first frames. */
export function endFirstFrames(exhibits) {
  for (const id of exhibits) document.getElementById(id).querySelectorAll(".first").forEach((first) => first.remove());
}

/** Say in words what the canvases show. */
export function describe(labels) {
  for (const [name, text] of Object.entries(labels)) {
    boxes.get(name)?.querySelector("canvas").setAttribute("aria-description", text);
  }
}

// ---- on request: the source and the data ---------------------------------------------

const open = new Map(); // panel -> { exhibit, what, term, since, stale, said }

const ask = ({ exhibit, what, term }) => send({ kind: "ask", exhibit, what, term });

/** Python's answer to a question, shown unless its panel has been closed meanwhile. */
export function answer({ of: { exhibit, what, term }, value }) {
  const panel = document.querySelector(`#${exhibit} [data-answer="${what}"]`);
  if (!open.has(panel) || open.get(panel).term !== term) return;
  panel.hidden = false; // first: nothing scrolls to a line of a panel that is hidden
  show[what](panel, value);
}

function sourceOf(functions) {
  return functions.map(({ file, name, first_line: first, text }) => {
    const lines = text.replace(/\n$/, "").split("\n");
    const code = element("pre", { tabIndex: 0, ariaLabel: `${name}, in ${file}` });
    code.append(...lines.map((line) => element("span", { textContent: line })));
    code.style.setProperty("--before", first - 1);
    const where = `${file}, lines ${first} to ${first + lines.length - 1}`;
    const title = element("header", {}, element("b", { textContent: name }), element("span", { textContent: where }));
    return element("section", { className: "python" }, title, code);
  });
}

/** A table; a column whose first cell is a number is set as numbers. */
export function tableOf({ caption, columns, rows }) {
  const number = (rows[0] ?? []).map((cell) => /^[−-]?[\d.,]+ ?(%|MB)?$/.test(cell));
  const line = (tag, row) => element("tr", {}, ...row.map((text, i) =>
    element(tag, { textContent: text, className: number[i] ? "r" : "" })));
  const table = element("table", { className: "data" }, element("caption", { textContent: caption }),
    element("thead", {}, line("th", columns)), element("tbody", {}, ...rows.map((row) => line("td", row))));
  for (const cell of table.tHead.rows[0].cells) cell.scope = "col";
  return table;
}

/** Whether a panel does not say this yet. */
function news(panel, value) {
  const of = open.get(panel);
  const before = of.said;
  of.said = JSON.stringify(value);
  return of.said !== before;
}

const show = {
  source: (panel, value) => {
    const { functions, terms } = value;
    const again = "said" in open.get(panel);
    if (!news(panel, [value, panel.dataset.term])) return;
    panel.replaceChildren(...sourceOf(functions));
    const [place, line] = terms[panel.dataset.term] ?? [];
    if (place === undefined) return;
    const marked = panel.children[place].querySelectorAll("pre span")[line - functions[place].first_line];
    marked.classList.add("live");
    if (!again) marked.scrollIntoView({ block: "nearest" });
  },
  line: (panel, value) => {
    if (!news(panel, value)) return;
    if (!value) return panel.replaceChildren("This code has no such line.");
    const { term } = open.get(panel);
    const place = element("button", { type: "button", className: "link", textContent: `${value.file}, line ${value.line}` });
    place.onclick = () => openSource(panel.closest(".exhibit"), term);
    panel.replaceChildren(element("code", { textContent: value.text }), place);
  },
  table: (panel, value) => {
    if (!news(panel, value)) return;
    const tables = [value].flat().map(tableOf);
    const frames = [...panel.querySelectorAll(".scroll")];
    if (frames.length === tables.length) return frames.forEach((frame, i) => frame.replaceChildren(tables[i]));
    panel.replaceChildren(...tables.flatMap((table, i) => [
      element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: table.caption.textContent }, table),
      element("button", { type: "button", className: "link ui csv", value: i, textContent: "Save as CSV", ariaDescription: table.caption.textContent }),
    ]));
  },
};
const togglers = new Map(); // panel -> what opens (true) or closes it
const WORDS = { source: ["Show the Python", "Hide the Python"], table: ["Data table", "Hide the data table"] };

for (const button of document.querySelectorAll(".tools [data-ask]")) {
  const what = button.dataset.ask;
  if (!show[what]) continue;
  const exhibit = button.closest(".exhibit");
  const panel = exhibit.querySelector(`[data-answer="${what}"]`);
  const toggle = (opening) => {
    button.setAttribute("aria-expanded", opening);
    button.textContent = WORDS[what][Number(opening)];
    if (!opening) {
      open.delete(panel);
      panel.hidden = true;
      return;
    }
    const of = { exhibit: exhibit.id, what, since: performance.now() };
    open.set(panel, of);
    ask(of);
  };
  button.onclick = () => { delete panel.dataset.term; toggle(!open.has(panel)); };
  togglers.set(panel, toggle);
}

/** Show the Python of an exhibit, with the line of one term of a formula marked. */
export function openSource(exhibit, term) {
  const panel = exhibit.querySelector('[data-answer="source"]');
  if (!panel) return;
  panel.dataset.term = term;
  togglers.get(panel)(true);
}

/** Show below a formula the line of Python that one of its terms is; null: none. */
export function showLine(formula, term) {
  const exhibit = formula.closest(".exhibit");
  const panel = exhibit.querySelector(".its-line") ?? element("p", { className: "its-line ui", role: "status" });
  panel.dataset.answer = "line";
  panel.replaceChildren();
  formula.append(panel);
  open.delete(panel);
  if (!term) return;
  const of = { exhibit: exhibit.id, what: "line", term, since: performance.now() };
  open.set(panel, of);
  ask(of);
}

/** What is open and on the screen follows the run, and what is chosen, at most once a second. */
export function refresh() {
  for (const of of open.values()) of.stale = true;
  catchUp();
}

let later = 0;
function catchUp() {
  clearTimeout(later);
  for (const of of open.values()) {
    if (!of.stale || !visible[of.exhibit]) continue;
    const early = of.since + 1000 - performance.now();
    if (early > 0) later = setTimeout(catchUp, early);
    else {
      Object.assign(of, { stale: false, since: performance.now() });
      ask(of);
    }
  }
}
