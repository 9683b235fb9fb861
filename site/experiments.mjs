// Experiments: what the forms of chapter 9 need beyond widgets.mjs.
import { send } from "./boot.mjs";
import { element } from "./exhibits.mjs";

/** Which settings are edited, and which are not allowed. */
function showSetup({ state }) {
  for (const place of document.querySelectorAll("[data-setting]")) {
    const key = place.dataset.setting;
    place.classList.toggle("edited", state["setup.edited"].includes(key));
    place.querySelector("input, select").setAttribute("aria-invalid", state["setup.invalid"].includes(key));
  }
}

// The gist of the panel makes way where the panel itself is in sight.
new IntersectionObserver(([{ isIntersecting }]) => document.querySelector("#setup .effects-now").classList.toggle("met", isIntersecting))
  .observe(document.querySelector("#setup .effects"));

// ---- the list of runs -------------------------------------------------------------------------

const list = document.getElementById("runs-list");
const tell = (name, value) => send({ kind: "event", exhibit: "runs", name, value });
const NUMBERS = ["steps", "training loss", "held-out", "time"];
const SVG = "http://www.w3.org/2000/svg";
const made = new Map(); // key of a run -> its row

function swatch(key) {
  const button = element("button", { type: "button", onclick: () => tell("show", key) });
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ width: 28, height: 12, "aria-hidden": true })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: 0, x2: 28, y1: 6, y2: 6, stroke: "currentColor", "stroke-width": 3 })) line.setAttribute(name, value);
  svg.append(line);
  button.append(svg);
  return button;
}

function makeRow(key) {
  const act = (text, name) => element("button", { type: "button", className: "link", textContent: text, onclick: () => tell(name, key) });
  const name = element("input", { type: "text", maxLength: 60, autocomplete: "off", spellcheck: false, ariaLabel: "Name of the run" });
  name.onchange = () => tell("rename", [key, name.value]);
  const numbers = NUMBERS.map((text) => element("div", {}, element("dt", { textContent: text }), element("dd")));
  const parts = {
    swatch: swatch(key), name, what: element("p", { className: "what" }), numbers: numbers.map((one) => one.lastChild),
    live: element("span", { textContent: "live" }), open: act("Open", "open"), compare: act("Compare", "compare"), remove: act("Delete", "delete"),
  };
  const mid = element("div", { className: "mid" }, parts.what, element("dl", {}, ...numbers));
  const acts = element("div", { className: "acts" }, parts.live, parts.open, parts.compare, parts.remove);
  parts.row = element("div", { role: "listitem" }, parts.swatch, name, mid, acts);
  return parts;
}

/** What was pressed is elsewhere or gone: the focus stays with its run, or goes to where it can be had back. */
function keepFocus(held) {
  const row = held.closest("[role=listitem]");
  const places = [held, row.querySelector("input"), document.querySelector("[data-do='runs.undelete']")];
  places.find((place) => place.getClientRects().length)?.focus({ preventScroll: true });
}

/** All runs, as Python has them. */
function showRuns({ rows, state }) {
  const held = list.contains(document.activeElement) && document.activeElement;
  for (const key of [...made.keys()]) if (!rows.some((run) => run.key === key)) made.delete(key);
  const order = rows.map((run) => {
    if (!made.has(run.key)) made.set(run.key, makeRow(run.key));
    const parts = made.get(run.key);
    parts.row.classList.toggle("live", run.live);
    if (parts.name !== document.activeElement) parts.name.value = run.name;
    parts.swatch.className = `swatch ${run.look}`;
    parts.swatch.setAttribute("aria-pressed", run.shown);
    parts.swatch.setAttribute("aria-label", `Curve of ${run.name}`);
    parts.swatch.querySelector("line").setAttribute("stroke-dasharray", run.dash);
    parts.what.textContent = run.differs;
    parts.what.hidden = run.differs === run.name;
    run.numbers.forEach((text, i) => { parts.numbers[i].textContent = text; });
    parts.live.hidden = !run.live;
    for (const name of ["open", "compare", "remove"]) {
      parts[name].hidden = run.live;
      parts[name].setAttribute("aria-label", `${parts[name].textContent} ${run.name}`);
    }
    parts.compare.setAttribute("aria-pressed", run.beside);
    return parts.row;
  });
  if (order.length !== list.children.length || order.some((row, i) => row !== list.children[i])) list.replaceChildren(...order);
  if (held && (held !== document.activeElement || !held.getClientRects().length)) keepFocus(held);
  ["layer", "head"].forEach((name, i) => {
    const range = document.getElementById(`two-${name}`);
    range.max = state["runs.most"][i];
    range.value = state[`runs.${name}`];
    range.parentElement.querySelector("output").textContent = range.value;
  });
}

export const show = { setup: showSetup, runs: showRuns };
