// What a link or a file brings of sentences or code: shown as text, with a question, before any
// of it runs. Python's half is browser/consent.py. The box stands where the visitor is.
import { join, tellPart } from "./boot.mjs";
import { element } from "./exhibits.mjs";

const at = (id) => document.getElementById(id);
const box = at("brought");
const say = (text) => { at("said").textContent = text; };
let opener = null; // what had the focus before

/** Paragraphs, and lists of lines with their kinds, in the exhibit `place` or above the first. */
export function show({ title, paragraphs, lists = [], asks = false, place = "" }) {
  if (place) at(place).append(box);
  else at("e01").before(box);
  const list = ([name, words, lines]) => element("details", { open: true }, element("summary", { textContent: words }),
    element("pre", { tabIndex: 0, ariaLabel: name }, ...lines.map(([kind, line]) => element("span", { className: kind, textContent: line }))));
  box.querySelector("h2").textContent = title;
  box.querySelector(".what").replaceChildren(...paragraphs.filter(Boolean).map((text) => element("p", { textContent: text })));
  box.querySelector(".lists").replaceChildren(...lists.map(list));
  at("brought-yes").hidden = !asks;
  at("brought-no").textContent = asks ? "Not now" : "Close";
  box.hidden = false;
  say(`${title}.`);
  if (!asks && !place) return;
  if (!box.contains(document.activeElement)) opener = document.activeElement;
  box.scrollIntoView({ block: "nearest" });
  box.querySelector("h2").focus({ preventScroll: true });
}

export const refuse = (words, place = "") =>
  show({ title: "This link or file cannot be used as it is", paragraphs: [words, "The page goes on without it."], place });

function close() {
  const held = box.contains(document.activeElement);
  box.hidden = true;
  box.querySelector(".lists").replaceChildren();
  if (!held) return;
  const place = box.closest(".exhibit")?.querySelector("input[type=file]") ?? at("top");
  const back = opener?.isConnected && opener !== document.body ? opener : place;
  back.focus({ preventScroll: true });
}
at("brought-yes").onclick = () => { tellPart("consent", "yes"); say("Trying it …"); };
at("brought-no").onclick = () => { tellPart("consent", "no"); close(); };
addEventListener("restart", close); // the Python that asked is gone

join("consent", {
  ask: show,
  refused: (words) => refuse(words, box.closest(".exhibit")?.id),
  done: () => { close(); say("It runs."); },
});
