// E01, Watch it learn: the words around the maps, the sizes of their cells, and what the
// visitor chooses: a sentence, a head, a word, a sentence of their own.
import { tell } from "./boot.mjs";
import { add, element } from "./exhibits.mjs";

const exhibit = document.getElementById("e01");
const all = (selector) => [...exhibit.querySelectorAll(selector)];
const one = (selector) => exhibit.querySelector(selector);

// As the page was built: without a gap, so that Python's first view is news.
let view = { words: all(".from > *").map((word) => word.textContent), gap: -1, layers: 2, heads: 4 };
let chosen = null; // the word looked from by choice; null is the gap
let hovered = null; // the word that the pointer is on

// ---- maps for more layers and heads than the page was built with -------------------

/** Make those that are missing; before Python starts, or while it runs. */
export function makeMaps(layers, heads) {
  const before = new Set(all(".box.map"));
  const grow = (parent, selector, count, rename) => {
    for (let n = parent.querySelectorAll(selector).length + 1; n <= count; n++) {
      const last = [...parent.querySelectorAll(selector)].at(-1);
      const copy = last.cloneNode(true);
      copy.querySelectorAll(".first").forEach((first) => first.remove());
      rename?.(copy, n);
      last.after(copy);
    }
  };
  const name = (head, l, h) => {
    head.dataset.thing = `head:${l}.${h}`;
    head.querySelector(".box").dataset.canvas = `e01.map.${l}.${h}`;
    head.querySelector("canvas").setAttribute("aria-label", `Attention, layer ${l}, head ${h}`);
    head.querySelector("button").setAttribute("aria-label", `Layer ${l}, head ${h}`);
    head.querySelector("button span").textContent = `Head ${h}`;
    head.querySelector(".role").dataset.text = `e01.head.${l}.${h}`;
  };
  for (const layer of all(".layer")) {
    layer.querySelectorAll(".head").forEach((head, i) => { head.dataset.thing = `head:${layer.dataset.layer}.${i + 1}`; });
  }
  grow(one(".maps"), ".layer", layers, (layer, l) => {
    layer.dataset.layer = l;
    layer.querySelector("h4").textContent = `Layer ${l}`;
    layer.querySelectorAll(".head").forEach((head, i) => name(head, l, i + 1));
  });
  grow(one(".layer"), ".cols", heads);
  for (const layer of all(".layer")) {
    grow(layer, ".head", heads, (head, h) => name(head, layer.dataset.layer, h));
  }
  const made = all(".box.map").filter((box) => !before.has(box));
  if (!made.length) return;
  add(made);
  dispatchEvent(new Event("grown"));
}

// ---- sizes: whole device pixels a cell ------------------------------------------------

function setSizes() {
  const words = view.words.length;
  const phone = getComputedStyle(one(".lens")).display !== "none";
  const whole = (length) => Math.max(1, Math.floor(length * devicePixelRatio)) / devicePixelRatio;
  const set = (element, cell, label) => {
    element.style.setProperty("--map", `${cell * words}px`);
    element.style.setProperty("--lab", `${label}px`);
  };
  const room = one(".maps").clientWidth - 12 * (view.heads - 1);
  const lens = one(".lens").clientWidth;
  const label = phone ? 0 : 64;
  const cell = whole(Math.min(phone ? 12 : 24, (room - label) / (view.heads * words)));
  set(one(".maps"), cell, label);
  one(".maps").classList.toggle("tiny", cell < 9);
  set(one(".lens"), whole((lens - 64) / words), 64);
  one(".maps").style.setProperty("--heads", view.heads);
}
setSizes();
addEventListener("resize", setSizes);
addEventListener("zoomed", setSizes);

// ---- what Python says that it shows -----------------------------------------------------

export function showView(next) {
  const fresh = next.words.join(" ") !== view.words.join(" ") || next.gap !== view.gap;
  const grown = next.layers !== view.layers || next.heads !== view.heads;
  view = next;
  if (grown) {
    makeMaps(Math.max(2, view.layers), Math.max(4, view.heads));
    setSizes();
  }
  for (const layer of all(".layer")) {
    layer.hidden = layer.dataset.layer > view.layers;
    for (const kind of [".head", ".cols"]) {
      layer.querySelectorAll(kind).forEach((part, i) => { part.hidden = i >= view.heads; });
    }
  }
  if (fresh) {
    chosen = null;
    for (const row of all(".words")) row.replaceChildren(...view.words.map((word, i) => wordSpan(word, i)));
    one(".from").replaceChildren(...view.words.map(wordButton));
    setSizes();
  }
  markRow();
  for (const button of all("[data-sentence]")) {
    button.disabled = !(button.dataset.sentence in view.sentences);
    button.setAttribute("aria-pressed", button.dataset.sentence === view.shown);
  }
  for (const button of all(".head button")) {
    const name = button.closest(".head").querySelector(".box").dataset.canvas;
    button.disabled = false;
    button.setAttribute("aria-pressed", name === `e01.map.${view.head.join(".")}`);
  }
  const places = [...all(".guess"), one(".own > :last-child")];
  ["1", "2", "3", "own"].forEach((name, i) => {
    const sentence = view.sentences[name];
    places[i].hidden = !sentence;
    if (!sentence) return;
    places[i].querySelector(".before").textContent = sentence.before;
    places[i].querySelector(".after").textContent = sentence.after;
  });
  own.setAttribute("aria-invalid", Boolean(view.error));
  one("#own-error").textContent = view.error ?? "";
}

const mark = (i) => (i === view.gap ? "gap" : "");
function wordSpan(word, i) {
  const span = element("span", { textContent: word, className: mark(i) });
  if (i !== view.gap) span.dataset.thing = `word:${word}`;
  return span;
}
const wordButton = (word, i) =>
  element("button", { type: "button", className: mark(i), onclick: () => choose(i) }, wordSpan(word, -1));

function markRow() {
  [...one(".from").children].forEach((word, i) => word.setAttribute("aria-pressed", i === view.row));
  for (const rows of all(".rows")) {
    [...rows.children].forEach((word, i) => word.classList.toggle("on", i === view.row));
  }
}

// ---- what the visitor chooses ------------------------------------------------------------

function choose(word) {
  chosen = word === view.gap ? null : word;
  tell("e01", "word", chosen);
}

for (const button of all("[data-sentence]")) button.onclick = () => tell("e01", "sentence", button.dataset.sentence);

const mapAt = (event) => event.target.closest(".head, .lens")?.querySelector(".box");

/** The word whose row lies under the pointer. */
function rowAt(event, box) {
  const area = box.getBoundingClientRect();
  const row = Math.floor(((event.clientY - area.top) / area.height) * view.words.length);
  const inside = row >= 0 && row < view.words.length && event.clientX >= area.left && event.clientX < area.right;
  return inside ? row : null;
}

const TOUCHABLE = 100; // CSS pixels: in a smaller map no row can be chosen

for (const area of [one(".maps"), one(".lens")]) {
  area.onclick = (event) => {
    const box = mapAt(event);
    if (!box || !view.sentences) return;
    const [, , layer, head] = box.dataset.canvas.split(".");
    if (head) tell("e01", "head", [Number(layer), Number(head)]);
    const row = event.detail ? rowAt(event, box) : null; // 0: pressed with a key
    if (row !== null && box.clientWidth >= TOUCHABLE) choose(row);
  };
  area.onpointermove = (event) => {
    if (event.pointerType !== "mouse" || !view.sentences) return;
    const box = mapAt(event);
    hover(box ? rowAt(event, box) : null);
  };
  area.onpointerleave = () => hover(null);
}
function hover(row) {
  if (row === hovered || !view.sentences) return;
  hovered = row;
  tell("e01", "word", row ?? chosen);
}

// ---- a sentence of one's own ----------------------------------------------------------------

const own = one("#own-text");
one("#own-example").onclick = () => {
  if (!view.sentences) return; // Python has not said them yet
  const { before, after } = view.sentences[1];
  own.value = `${before} ___ ${after}`;
  own.focus();
  tell("e01", "typed", own.value);
};
