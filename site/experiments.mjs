// Experiments: what the forms of chapter 9 need beyond widgets.mjs.
import { tell } from "./boot.mjs";

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
const template = document.getElementById("runs-row").content.firstElementChild;
const made = new Map(); // key of a run -> its row

function makeRow(key) {
  const row = template.cloneNode(true);
  const parts = { row, dd: row.querySelectorAll("dd") };
  for (const part of row.querySelectorAll("[data-part]")) parts[part.dataset.part] = part;
  for (const button of row.querySelectorAll("button")) button.onclick = () => tell("runs", button.dataset.part, key);
  parts.name.onchange = () => tell("runs", "rename", [key, parts.name.value]);
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
    parts.show.className = `swatch ${run.look}`;
    parts.show.setAttribute("aria-pressed", run.shown);
    parts.show.setAttribute("aria-label", `Curve of ${run.name}`);
    parts.show.querySelector("line").setAttribute("stroke-dasharray", run.dash);
    parts.what.textContent = run.differs;
    parts.what.hidden = run.differs === run.name;
    run.numbers.forEach((text, i) => { parts.dd[i].textContent = text; });
    parts.live.hidden = !run.live;
    for (const name of ["open", "compare", "delete"]) {
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
