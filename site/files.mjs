// What leaves the page as a file, and what comes back as one. Python makes the bytes and
// reads them (browser/files.py); here they are saved and handed in.
import { join, tellPart } from "./boot.mjs";
import { element } from "./exhibits.mjs";
import { handIn, handOut } from "./handed.mjs";

const at = (id) => document.getElementById(id);
const LIMIT = 150e6; // bytes; Python has the same
const section = at("export");

// ---- out ---------------------------------------------------------------------------------------

let saying = at("export-said"); // where the file that was asked for last is announced

function ask(name, value, place) {
  saying = place;
  saying.textContent = "Writing …";
  tellPart("files", name, value);
}

function save({ name, type }, bytes) {
  handOut(name, bytes, type);
  saying.textContent = `Saved ${name}`;
}

for (const button of section.querySelectorAll("[data-save]")) {
  button.onclick = () => ask("save", button.dataset.save, at("export-said"));
}

// Below each exhibit with charts: a list of them, each as PNG and as SVG.
for (const exhibit of document.querySelectorAll(".exhibit")) {
  const tools = exhibit.querySelector(".tools");
  if (!tools || !exhibit.querySelector("[data-canvas]")) continue;
  const panel = element("div", { className: "answer pictures ui", hidden: true });
  const button = element("button", { type: "button", textContent: "Save a picture", disabled: true, ariaExpanded: "false" });
  button.onclick = () => {
    panel.hidden = !panel.hidden;
    button.ariaExpanded = String(!panel.hidden);
    if (!panel.hidden) panel.replaceChildren(...pictures(exhibit));
  };
  tools.append(button);
  exhibit.append(panel);
}

function pictures(exhibit) {
  const said = element("p", { role: "status" });
  const shown = [...exhibit.querySelectorAll("[data-canvas]")].filter((box) => box.clientWidth);
  const rows = shown.map((box) => {
    const title = box.querySelector("canvas").getAttribute("aria-label");
    const kinds = ["png", "svg"].map((ending) => element("button", {
      type: "button", className: "link", textContent: ending.toUpperCase(), ariaLabel: `${title}, as ${ending.toUpperCase()}`,
      onclick: () => ask("picture", { canvas: box.dataset.canvas, title, ending, size: [box.clientWidth, box.clientHeight] }, said),
    }));
    return element("li", {}, element("span", { textContent: title }), ...kinds);
  });
  return [element("ul", {}, ...rows), said];
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button.csv");
  if (!button) return;
  button.nextElementSibling?.matches("[role=status].said") || button.after(element("span", { className: "ui quiet said", role: "status" }));
  ask("table", { exhibit: button.closest(".exhibit").id, place: Number(button.value) }, button.nextElementSibling);
});

// ---- in ----------------------------------------------------------------------------------------

let busy = false;

function showImport({ error = "", words = "" }) {
  busy = false;
  at("import-error").textContent = error;
  at("import-said").textContent = words;
}

handIn({
  input: at("import-file"),
  place: section,
  limit: LIMIT,
  refuse: (error) => { if (!busy) showImport({ error }); },
  take(name, bytes) {
    if (busy) return;
    showImport({ words: `Reading ${name} …` });
    busy = true;
    tellPart("files", "open", { name, bytes }, [bytes.buffer]);
  },
});

addEventListener("short", () => { if (busy) showImport({ error: "There is too little memory for this file." }); });
addEventListener("restart", () => {
  if (busy) showImport({ error: "Python was started again while it read the file. Choose it once more." });
});

join("files", {
  file: save,
  part: (words) => { at("import-said").textContent = words; },
  brought: (words) => showImport({ words }),
  refused: ({ importing, message }) => {
    if (importing) showImport({ error: message });
    else saying.textContent = message;
  },
});
