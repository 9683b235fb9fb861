// For a projector: one exhibit fills the screen, large, with the transport below it. Page down
// and page up go from exhibit to exhibit, Escape leaves.
import { element, setZoom } from "./exhibits.mjs";

const root = document.documentElement;
const at = (id) => document.getElementById(id);
const all = [...document.querySelectorAll("main > .exhibit:not(#share, #export)")];
const titleOf = (exhibit) => exhibit.querySelector("header :is(h2, h3)").textContent;
const numberOf = (exhibit) => exhibit.querySelector("header > .no")?.textContent ?? "";
const LOCAL = 1060; // CSS pixels that an exhibit is laid out in, where the screen has as many

let chosen = []; // the exhibits of this lesson, in the order of the page
let now = 0;

export const on = () => root.classList.contains("teach");
export const has = (id) => all.some((exhibit) => exhibit.id === id);

// ---- the bar above ------------------------------------------------------------------------------

const bar = document.querySelector(".teach-bar");
const [before, after, leave, theme] = bar.querySelectorAll("button");
const title = bar.querySelector("p");
before.onclick = () => go(now - 1);
after.onclick = () => go(now + 1);
leave.onclick = () => stop();
theme.onclick = () => at("theme").click();

function zoom() {
  const wide = innerWidth >= 900 ? Math.min(Math.max(innerWidth / LOCAL, 1.15), 2.2) : 1;
  const factor = on() ? wide : 1;
  root.style.setProperty("--zoom", factor);
  setZoom(factor);
  dispatchEvent(new Event("zoomed"));
}
addEventListener("resize", () => { if (on()) zoom(); });

function go(place) {
  now = Math.min(Math.max(place, 0), chosen.length - 1);
  for (const exhibit of all) exhibit.classList.toggle("teaching", exhibit === chosen[now]);
  before.disabled = now === 0;
  after.disabled = now === chosen.length - 1;
  title.textContent = [numberOf(chosen[now]), titleOf(chosen[now]), `${now + 1} of ${chosen.length}`].filter(Boolean).join("  ·  ");
  scrollTo(0, 0);
}

/** Show these exhibits, by id, or "all" of them, from the one at `place` on. */
export function start(ids, place) {
  chosen = all.filter((exhibit) => ids.includes("all") || ids.includes(exhibit.id));
  if (!chosen.length) return;
  root.classList.add("teach");
  bar.hidden = false;
  go(Math.max(chosen.findIndex((exhibit) => exhibit.id === place), 0));
  zoom();
}

export function stop() {
  const shown = chosen[now];
  root.classList.remove("teach");
  bar.hidden = true;
  for (const exhibit of all) exhibit.classList.remove("teaching");
  zoom();
  shown.scrollIntoView();
  at("teach-start").focus({ preventScroll: true });
}

/** The exhibit that is read now. */
const inView = () => all.findLast((exhibit) => exhibit.getBoundingClientRect().top < innerHeight / 2)?.id;
for (const starter of document.querySelectorAll(".teach-start")) starter.onclick = () => start(["all"], starter.dataset.at ?? inView());

addEventListener("keydown", (event) => {
  if (!on() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, pre, .cm-editor");
  const moves = { PageDown: 1, PageUp: -1 };
  if (event.shiftKey) Object.assign(moves, { ArrowRight: 1, ArrowLeft: -1 });
  if (event.key === "Escape") stop();
  else if (moves[event.key] && !typing) go(now + moves[event.key]);
  else return;
  event.preventDefault();
});

// A link to another exhibit goes there, or leaves the lesson for where it leads.
document.addEventListener("click", (event) => {
  const hash = on() && event.target.closest("a[href^='#']")?.hash.slice(1);
  if (!hash) return;
  const exhibit = at(hash)?.closest(".exhibit");
  if (chosen.includes(exhibit)) go(chosen.indexOf(exhibit));
  else stop();
}, true);

// The form of the link has all exhibits to choose from.
for (const exhibit of all) {
  const name = [numberOf(exhibit), titleOf(exhibit)].filter(Boolean).join(" ");
  at("share-at").append(element("option", { value: exhibit.id, textContent: name }));
  at("share-exhibits").append(element("label", { className: "tick" },
    element("input", { type: "checkbox", name: "share-exhibit", value: exhibit.id, disabled: true }), element("span", { textContent: name })));
}
at("share-teach").onchange = () => { at("share-exhibits").hidden = !at("share-teach").checked; };
