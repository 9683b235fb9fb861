// Other sentences to learn from: typed, pasted, dropped or from a file; and back to the fish.
import { send, tell } from "./boot.mjs";
import { element } from "./exhibits.mjs";
import { handIn } from "./handed.mjs";

const at = (id) => document.getElementById(id);
const text = at("corpus-text");
const file = at("corpus-file");
const error = at("corpus-error");
const live = at("corpus-live");
const use = (value) => send({ kind: "command", name: "corpus", value });
const LARGEST = 4e6; // bytes of a file; 400,000 characters have fewer

// What is typed is reported on when the typing rests, before anything is trained.
let timer = 0;
function report() {
  timer = 0;
  tell("sentences", "typed", text.value);
}
function reportSoon(wait) {
  clearTimeout(timer);
  timer = setTimeout(report, wait);
}
text.oninput = () => { refuse(""); reportSoon(400); };

/** Why the sentences cannot be used, or "" if nothing is known against them. */
export function refuse(message) {
  error.textContent = message;
  text.setAttribute("aria-invalid", Boolean(message));
  live.hidden = Boolean(message) && live.textContent === message; // it is said once
}

/** What became of the sentences that the run learns from. */
export function showCorpus({ report, own }) {
  refuse("");
  at("corpus-fish").hidden = !own;
  const lines = own ? report.map((line) => element("p", { textContent: line })) : [];
  at("corpus-report").replaceChildren(...lines);
}

function read(name, bytes) {
  try { text.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { throw new Error(`${name} is not a text in UTF-8.`); }
  refuse("");
  reportSoon(0);
}
handIn({ input: file, place: at("corpus"), limit: LARGEST, take: read, refuse });

at("corpus-train").onclick = () => {
  clearTimeout(timer);
  if (timer) report();
  use(text.value);
};
at("corpus-fish").onclick = () => use(null);
