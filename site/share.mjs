// Links: made here, opened here. Python writes and reads them (browser/share.py).
import { join, tellPart } from "./boot.mjs";
import * as consent from "./consent.mjs";
import { handIn, handOut } from "./handed.mjs";
import * as teach from "./teach.mjs";
import { turn } from "./widgets.mjs";

const at = (id) => document.getElementById(id);
const LIMIT = 8000; // characters after the #, and
const MOST = 60; // fields: as fishformer/links.py has them
const OURS = ["w", "at", "teach", "sentence", "head"]; // in a link, besides the settings
const MAX_FILE = 2e6; // bytes of a file that is worth opening
const section = at("share");
const one = (selector) => section.querySelector(selector);
const say = (text) => { at("said").textContent = text; };

const read = (fragment) => new URLSearchParams(fragment.length <= LIMIT ? fragment : "");

/** The settings of a link: none of one that is too long. */
export function settingsOf(fragment) {
  const fields = [...read(fragment)];
  return Object.fromEntries(fields.length <= MOST ? fields.filter(([key]) => !OURS.includes(key)) : []);
}

// ---- a link that was followed ------------------------------------------------------------------

let opened = "";
/** Look where the link looks, as soon as there is a page. */
export function arrive(fragment) {
  opened = fragment;
  const fields = read(fragment);
  const places = (fields.get("teach") ?? "").split(",").filter(Boolean);
  const place = fields.get("at");
  const strange = places.filter((id) => id !== "all" && !teach.has(id));
  if (place && !at(place)?.matches("main > :is(.exhibit, .chapter)")) strange.push(place);
  if (places.length) teach.start(places, place);
  if (place && !teach.on() && !strange.includes(place)) at(place).scrollIntoView();
  if (strange.length) {
    consent.show({ title: "A part of this link leads nowhere", paragraphs: [`This page has no exhibit ${JSON.stringify(strange[0].slice(0, 40))}. The rest of the link holds.`] });
  }
}

/** Python is there: once, it reads the link whole. */
export function begin() {
  if (opened) tellPart("share", "open", opened);
  opened = "";
}

// ---- a link to take along ------------------------------------------------------------------------

let link = null; // what Python made of the choices
const field = at("share-link");
const count = { in: at("share-sentences"), code: at("share-code") };

function options(quick = false) {
  const chosen = [...section.querySelectorAll("[name=share-exhibit]:checked")].map((input) => input.value);
  const teaching = !quick && at("share-teach").checked;
  return {
    quick,
    sentences: quick || count.in.checked,
    code: quick || count.code.checked,
    step: quick ? "here" : one("[name=share-step]:checked").value,
    at: quick ? "" : at("share-at").value,
    teach: teaching ? chosen.join(",") || "all" : "",
  };
}

const make = () => tellPart("share", "form", options());
const addressOf = ({ fragment }) => `${location.href.split("#")[0]}#${fragment}`;

function showLink(next) {
  link = next;
  field.value = link.fits ? addressOf(link) : "";
  field.disabled = !link.fits;
  for (const [name, words] of Object.entries(link.words)) one(`.share-${name}`).textContent = words;
  one(".share-size").classList.toggle("error", !link.fits);
  turn(at("share-copy"), !link.fits);
  turn(count.in, !link.sentences);
  turn(count.code, !link.code);
}

async function copy(address) {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch { return false; }
}

at("share-copy").onclick = async () => {
  const done = await copy(field.value);
  if (!done) field.select();
  said(done ? "Copied." : "This browser does not let the page copy. The link is selected: copy it with the keyboard.");
};
function said(text) {
  one(".share-said").textContent = text;
  clearTimeout(said.timer);
  said.timer = setTimeout(() => { one(".share-said").textContent = ""; }, 8000);
}
field.onfocus = () => field.select();
at("share-save").onclick = () => tellPart("share", "save", options());

function save(name, bytes) {
  handOut(name, bytes, "application/json");
  said(`Saved ${name}.`);
}

// E01's own button takes all of it, to the step where the run stands.
const quick = document.querySelector("[data-ask='link']");
const toldBy = (words) => {
  quick.textContent = words;
  say(words);
  setTimeout(() => { quick.textContent = "Link to this step"; }, 4000);
};
quick.onclick = () => tellPart("share", "form", options(true));
async function giveLink(made) {
  if (!made.fits) {
    section.scrollIntoView();
    toldBy("Too long for a link: save it as a file, in chapter 9");
    return;
  }
  if (!made.packed) history.replaceState(null, "", `#${made.fragment}`);
  const done = await copy(addressOf(made));
  if (!done && made.packed) section.scrollIntoView();
  const where = done ? "copied" : made.packed ? "stands in chapter 9, Share" : "in the address bar";
  toldBy(`Link to step ${made.step} ${where}`);
}

handIn({
  input: at("share-file"),
  place: section,
  limit: MAX_FILE,
  refuse: (words) => consent.refuse(words, "share"),
  take: (name, bytes) => tellPart("share", "file", new TextDecoder().decode(bytes)),
});

for (const choice of section.querySelectorAll(".share-form input, .share-form select")) choice.addEventListener("change", make);

// The link follows the run while it can be seen, at most once a second.
let seen = false;
let due = 0;
let step = -1;
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  if (seen && !at("share-copy").hidden && step >= 0) make();
}).observe(section);
export function showFrame(frame) {
  const moved = frame.step !== step;
  step = frame.step;
  if (!seen || !moved || performance.now() < due) return;
  due = performance.now() + 1000;
  make();
}

join("share", {
  refused: ({ what, words }) => (what === "form" || what === "save" ? said(words) : consent.refuse(words, what === "file" ? "share" : "")),
  link: (made) => (made.quick ? giveLink(made) : showLink(made)),
  file: save,
});
addEventListener("live", make);
