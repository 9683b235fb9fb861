// The controls, lists, numbers, formulas and predictions of every exhibit. The page says
// with data- attributes what is what (see .github/CONTRIBUTING.md); Python decides what happens.
import { running, tell } from "./boot.mjs";
import { element, openSource, showLine } from "./exhibits.mjs";
import { local } from "./keep.mjs";
import { showMatrix } from "./matrices.mjs";

const split = (key) => [key.split(".")[0], key.slice(key.indexOf(".") + 1)];

const slots = new Map(); // attribute and key -> the elements that have it
function slotsOf(attribute, key) {
  const place = `${attribute} ${key}`;
  if (!slots.has(place)) slots.set(place, [...document.querySelectorAll(`[data-${attribute}="${key}"]`)]);
  return slots.get(place);
}

/** What Python's view of one exhibit says of its controls, lists and matrices. */
export function showView({ state = {}, lists = {}, matrices = {} }) {
  const held = document.activeElement; // what was pressed may be gone afterwards
  appeared = [];
  for (const [key, value] of Object.entries(state)) showState(key, value);
  for (const [key, items] of Object.entries(lists)) {
    for (const list of slotsOf("list", key)) showList(list, items);
  }
  for (const [key, matrix] of Object.entries(matrices)) {
    for (const place of slotsOf("matrix", key)) showMatrix(place, ...split(key), matrix);
  }
  if (held.disabled || !held.getClientRects().length) near(held)?.focus({ preventScroll: true });
}

let appeared = []; // what the last view has brought in sight
function hide(place, hidden) {
  if (place.hidden && !hidden) appeared.push(place);
  place.hidden = hidden;
}

const ableIn = (place) => [...place.querySelectorAll("button, input, select")]
  .filter((one) => !one.disabled && one.tabIndex >= 0 && one.getClientRects().length);

/** Where the focus goes from a control that is gone: what its exhibit names, what came in its place, or else the next. */
function near(gone) {
  const exhibit = gone.closest(".exhibit");
  const named = exhibit?.querySelector("[data-refocus]");
  if (named || !exhibit) return named;
  const [instead] = appeared.filter((place) => place.parentElement.contains(gone)).flatMap(ableIn);
  let around = gone;
  let able = [instead].filter(Boolean);
  while (!able.length && around !== exhibit) able = ableIn(around = around.parentElement);
  return able.find((one) => gone.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ?? able.at(-1);
}

function showState(key, value) {
  for (const place of slotsOf("if", key)) hide(place, !value);
  for (const place of slotsOf("unless", key)) hide(place, Boolean(value));
  for (const place of slotsOf("bind", key)) place.value = value;
  for (const control of slotsOf("do", key)) {
    if (control.localName === "button") {
      if ("value" in control.dataset) control.setAttribute("aria-pressed", String(value) === control.dataset.value);
      else if (typeof value === "boolean") control.setAttribute("aria-pressed", value);
    } else if (control.type === "checkbox") control.checked = Boolean(value);
    else if (control.type === "radio") control.checked = String(value) === control.value;
    else if (control !== document.activeElement || control.type === "range") control.value = value;
  }
  if (!key.endsWith(".off")) return;
  for (const control of slotsOf("do", key.slice(0, -4))) turn(control, Boolean(value));
}

let enabled = false;

const CONTROLS = `[data-do], button[data-term], .tools button, .transport :is(button, input), #latest, #hear, #hear-more :is(button, input),
  #corpus :is(textarea, button, input), #share :is(button, input, select):not([data-local] *), #own-example, [data-save], #import-file`;

/** Switch a control on or off, as it stands. */
export function settle(control) {
  const { do: key, late } = control.dataset;
  control.disabled = !enabled || control.hasAttribute("data-off") || Boolean(key && late);
}

/** Say whether a control has no use just now. */
export function turn(control, off) {
  control.toggleAttribute("data-off", off);
  settle(control);
}

/** Switch every control that needs Python on or off. */
export function enable(on) {
  enabled = on;
  document.querySelectorAll(CONTROLS).forEach(settle);
}

// ---- controls: data-do="e02.word" tells Python ("word", value) ------------------------------

const valueOf = (control) => {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "range" || control.type === "number") return Number(control.value);
  return control.value;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const key = (button?.closest("[data-do]") ?? button)?.dataset.do;
  if (!key || button.disabled) return;
  tell(...split(key), button.dataset.value ?? (button.value || null));
  const there = button.dataset.goto && document.getElementById(button.dataset.goto);
  if (!there) return;
  there.scrollIntoView();
  there.focus({ preventScroll: true });
});

// A key that is held presses what it went down on, once for each repeat, and not what then comes in its place.
let pressed = null;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (!event.repeat) pressed = event.target;
  else if (event.target !== pressed || pressed.id === "train") event.preventDefault();
}, true);

// Of a label around an output and a slider, the slider is what it names.
for (const label of document.querySelectorAll("label.range")) {
  const slider = label.querySelector("input");
  slider.id ||= slider.dataset.do;
  label.htmlFor = slider.id;
}

const timers = new Map(); // text field -> what will be told when the typing rests
function onInput(event) {
  const control = event.target;
  if (!control.dataset?.do) return;
  const now = () => { timers.delete(control); tell(...split(control.dataset.do), valueOf(control)); };
  clearTimeout(timers.get(control));
  const typed = control.type === "text" || control.type === "number";
  if (typed && event.type === "input") timers.set(control, setTimeout(now, 300));
  else if (!typed || timers.has(control)) now();
}
document.addEventListener("input", onInput);
document.addEventListener("change", (event) => {
  if (event.target.type === "text" || event.target.type === "number") onInput(event);
});

// ---- lists: data-list="e02.near", buttons if it has a data-do -------------------------------

function showList(list, items) {
  const made = items.map((item, i) => {
    const old = list.children[i];
    const tag = list.dataset.do ? "button" : "span";
    const place = old?.localName === tag ? old : element(tag);
    if (tag === "button") {
      place.type = "button";
      place.dataset.value = item.value;
      place.setAttribute("aria-pressed", item.lit);
    }
    if (place.textContent !== item.words) place.textContent = item.words;
    place.classList.toggle("chosen", item.lit);
    if (item.thing) place.dataset.thing = item.thing;
    else delete place.dataset.thing;
    return place;
  });
  if (made.length !== list.children.length || made.some((place, i) => place !== list.children[i])) list.replaceChildren(...made);
}

// ---- pointing at a canvas: data-point="e02.at" ------------------------------------------------

for (const box of document.querySelectorAll("[data-point]")) {
  let due = []; // what the pointer did, until the next animation frame tells it
  const at = (event, kind) => {
    if (!running()) return;
    const area = box.getBoundingClientRect();
    if (!due.length) requestAnimationFrame(() => { for (const value of due) tell(...split(box.dataset.point), value); due = []; });
    const moves = kind === "hover" || kind === "drag";
    if (moves && due.at(-1)?.kind === kind) due.pop();
    const scale = box.clientWidth / area.width; // not 1 in a lesson, which is shown larger
    due.push({ canvas: box.dataset.canvas, x: scale * (event.clientX - area.left), y: scale * (event.clientY - area.top), kind });
  };
  const drags = box.classList.contains("drag");
  box.onpointermove = (event) => {
    if (drags && box.hasPointerCapture(event.pointerId)) at(event, "drag");
    else if (event.pointerType === "mouse") at(event, "hover");
  };
  box.onpointerleave = (event) => { if (event.pointerType === "mouse") at(event, "leave"); };
  box.onclick = (event) => at(event, "press");
  if (!drags) continue;
  box.onpointerdown = (event) => { box.setPointerCapture(event.pointerId); at(event, "down"); };
  box.onpointerup = box.onpointercancel = (event) => at(event, "up");
}

// ---- linked views: data-thing="word:bass" -------------------------------------------------------

let thing = null; // what is lit up

export function light(next) {
  if (next === thing) return;
  thing = next;
  for (const place of document.querySelectorAll(".lit-thing")) place.classList.remove("lit-thing");
  if (!thing) return;
  for (const place of document.querySelectorAll(`[data-thing="${CSS.escape(thing)}"]`)) place.classList.add("lit-thing");
}

function onThing(event) {
  const place = event.target.closest?.("[data-thing]");
  const over = event.type === "pointerover" || event.type === "focusin";
  const next = over ? place?.dataset.thing ?? null : null;
  if (!place || next === thing || !running()) return;
  if (!over && place.contains(event.relatedTarget)) return;
  light(next);
  tell(place.closest(".exhibit").id, "light", next);
}
for (const kind of ["pointerover", "pointerout", "focusin", "focusout"]) document.addEventListener(kind, onThing);

// ---- formulas: each term lights up its part and its line ------------------------------------------

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-term]");
  if (!place || !running()) return;
  const { term } = place.dataset;
  const exhibit = place.closest(".exhibit");
  const formula = place.closest("[data-terms]");
  if (!formula) return openSource(exhibit, term); // its line is beside it already
  const on = !place.classList.contains("lit");
  for (const part of exhibit.querySelectorAll("[data-term]")) {
    const lit = on && part.dataset.term === term;
    part.classList.toggle("lit", lit);
    if (part.localName === "button") part.setAttribute("aria-pressed", lit);
  }
  showLine(formula, on ? term : null);
  tell(formula.dataset.terms, "term", on ? term : null);
});

// ---- predictions: the answer shows once a choice is made ---------------------------------------------

for (const question of document.querySelectorAll("[data-predict]")) {
  const name = question.dataset.predict;
  const answers = document.querySelectorAll(`[data-after="${name}"]`);
  const said = element("p", { className: "said ui" });
  const show = (choice) => {
    for (const answer of answers) answer.classList.toggle("shown", Boolean(choice));
    said.textContent = choice ? `You said: ${choice.parentElement.textContent.trim()}` : "";
  };
  question.append(said);
  const choices = [...question.querySelectorAll("input")];
  for (const choice of choices) {
    choice.onchange = () => { local.set(`predict.${name}`, choice.value); show(choice); };
    choice.checked = choice.value === local.get(`predict.${name}`);
  }
  show(choices.find((choice) => choice.checked));
}
