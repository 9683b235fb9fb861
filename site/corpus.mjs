// Other sentences to learn from: typed, pasted, dropped or from a file; and back to the fish.
import { send } from "./boot.mjs";
import { element } from "./exhibits.mjs";

const at = (id) => document.getElementById(id);
const text = at("corpus-text");
const file = at("corpus-file");
const error = at("corpus-error");
const use = (value) => send({ kind: "command", name: "corpus", value });

/** Python's answer to sentences that it cannot use. */
export function refuse(message) {
  error.textContent = message;
  text.setAttribute("aria-invalid", "true");
}

/** What became of the sentences that the run learns from. */
export function showCorpus({ sentences, words, notes, skipped, own }) {
  error.textContent = "";
  text.setAttribute("aria-invalid", "false");
  at("corpus-fish").hidden = !own;
  const count = (number) => number.toLocaleString("en");
  const sizes = `Learning from ${count(sentences)} sentences, a vocabulary of ${count(words)}.`;
  const lines = own ? [sizes, ...notes, ...skipped] : [];
  at("corpus-report").replaceChildren(...lines.map((line) => element("p", { textContent: line })));
}

async function read(chosen) {
  if (!chosen) return;
  try {
    text.value = new TextDecoder("utf-8", { fatal: true }).decode(await chosen.arrayBuffer());
    error.textContent = "";
  } catch {
    refuse(`${chosen.name} is not a text in UTF-8.`);
  }
}

at("corpus").onsubmit = (event) => { event.preventDefault(); use(text.value); };
at("corpus-fish").onclick = () => use(null);
file.onchange = () => { read(file.files[0]); file.value = ""; };
text.ondragover = (event) => event.preventDefault();
text.ondrop = (event) => {
  const [dropped] = event.dataTransfer.files;
  if (!dropped) return;
  event.preventDefault();
  read(dropped);
};

/** Switch the controls on or off. */
export function enable(on) {
  for (const control of [text, file, at("corpus-train"), at("corpus-fish")]) control.disabled = !on;
}
