// E22: the page's half of the workshop. It holds what the visitor has typed, shows what
// Python says of it, and stops a Python that no longer answers.
import { join, restart, running as alive, silence, tellPart } from "./boot.mjs";
import { makeEditor } from "./editor.mjs";
import { element } from "./exhibits.mjs";
import { get, mine, putAll } from "./keep.mjs";
import { enableTests } from "./testing.mjs";

const at = (name) => document.getElementById(`e22-${name}`);
const tell = (name, value) => tellPart("workshop", name, value);
const UNANSWERED = 15; // seconds of silence after which a Python that tries an edit is stopped
const LONG = 1_500; // ms until there is a button for it
const LOG = 12_000; // characters of what is printed

let editor = null;
let original = {}; // file -> its text as it was made
let texts = {}; // file -> what has been typed, where that differs
let runs = {}; // file -> what runs now, where that differs
let path = "attention.py";
let locked = true;
let before = null; // the texts before the last thing that replaced some
let trying = null; // timers of an edit that is being tried
let mute = 0; // seconds for which nothing has been heard of it
let wrong = null; // where the last error is
let ended = false; // whether Python was stopped, and its next start is awaited

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const textOf = (file) => texts[file] ?? original[file];
const say = (words) => { at("said").textContent = words; };

// ---- opening -------------------------------------------------------------------------------

let opened = false;
/** Fetch the editor and the source, once they can be seen. */
async function begin() {
  if (!alive()) return;
  if (!opened) {
    opened = true;
    at("code").firstElementChild.textContent = "Fetching the editor";
    editor = await makeEditor(at("code"), { changed, leave: () => at("run").focus() });
    const kept = await get(await mine("drafts"));
    if (kept) ({ texts, path } = kept);
  }
  if (editor && !(path in original)) tell("open"); // once more, if the network was away
}
new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) begin(); }, { rootMargin: "300px" })
  .observe(document.getElementById("e22"));

function showFiles(files) {
  original = files.original;
  for (const [file, text] of Object.entries(texts)) {
    if (!(file in original) || text === original[file]) delete texts[file];
  }
  if (!(path in original)) path = Object.keys(original)[0];
  const groups = new Map();
  for (const file of Object.keys(original)) {
    const group = file.includes("/") ? file.split("/")[0] : "The model";
    if (!groups.has(group)) groups.set(group, element("optgroup", { label: group }));
    groups.get(group).append(element("option", { value: file }));
  }
  at("file").replaceChildren(...groups.values());
  editor.show(path, textOf(path));
  enable(true);
  if (Object.keys(texts).length && !same(texts, runs) && !at("said").textContent) say("What you typed before is still here. It does not run until you press Run.");
  refresh();
}

function enable(on) {
  for (const name of ["file", "unlock", "run"]) at(name).disabled = !on;
  for (const button of document.querySelectorAll("#e22 [data-type]")) button.disabled = !on;
  enableTests(on);
}

// ---- typing --------------------------------------------------------------------------------

/** Have this text in a file, which may be the one that it was made with. */
function put(file, text) {
  if (text === original[file]) delete texts[file];
  else texts[file] = text;
}

function changed(file, text) {
  put(file, text);
  if (wrong) endTrouble();
  later();
}

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, 300);
}

/** Keep what was typed, and show what it changes. */
async function refresh() {
  for (const option of at("file").options) {
    const file = option.value;
    option.textContent = file in texts ? `${file} (changed)` : file;
  }
  at("file").value = path;
  for (const button of resets) button.disabled = button.dataset.reset === "all" ? !Object.keys(texts).length : !(path in texts);
  at("undo").disabled = !before;
  tell("diff", texts);
  const told = await putAll({ [await mine("drafts")]: { texts, path }, [await mine("saved")]: Date.now() });
  at("keys").textContent = (locked ? "Locked: press Unlock to type. Tab moves on."
    : "Tab indents; Escape leaves the editor.") + (editor?.plain ? " The editor did not load, so this is a plain field." : "")
    + (told === true ? "" : ` ${told}`);
}

/** Replace texts as one step that can be undone. */
function replace(made, words) {
  before = { ...texts };
  const first = Object.keys(made)[0];
  if (first && !(path in made)) path = first;
  const old = textOf(path).split("\n");
  for (const [file, text] of Object.entries(made)) put(file, text);
  editor.show(path, textOf(path));
  const line = textOf(path).split("\n").findIndex((text, i) => text !== old[i]);
  if (line >= 0) editor.goTo(line + 1);
  endTrouble();
  say(words);
  refresh();
}

/** Go to another file. */
function open(file) {
  path = file;
  editor.show(path, textOf(path));
  if (wrong?.file === path) editor.mark(wrong.line);
  refresh();
}
at("file").onchange = () => open(at("file").value);
at("unlock").onclick = () => {
  locked = !locked;
  editor.lock(locked);
  at("unlock").textContent = locked ? "Unlock" : "Lock";
  at("unlock").setAttribute("aria-pressed", !locked);
  if (!locked) editor.focus();
  refresh();
};
const resets = document.querySelectorAll("#e22 [data-reset]");
for (const button of resets) {
  button.onclick = () => {
    const scope = button.dataset.reset;
    if (scope === "function") return tell("reset", { path, text: textOf(path), line: editor.line() });
    const files = scope === "file" ? [path] : Object.keys(texts);
    replace(Object.fromEntries(files.map((file) => [file, original[file]])),
      scope === "file" ? `${path} is as it was made.` : "Everything is as it was made.");
  };
}
at("undo").onclick = () => {
  const made = {};
  for (const file of Object.keys({ ...texts, ...before })) made[file] = before[file] ?? original[file];
  replace(made, "As it was before.");
};
for (const button of document.querySelectorAll("#e22 [data-type]")) {
  button.onclick = () => tell("challenge", button.dataset.type);
}

// ---- running -------------------------------------------------------------------------------

at("run").onclick = () => {
  clearTimeout(timer);
  endTrouble();
  enable(false);
  say("Trying it: two steps, and every chart in sight.");
  trying = [setTimeout(() => { at("halt").hidden = false; }, LONG), setInterval(listen, 1000)];
  mute = 0;
  tell("run", texts);
};
/** Python may have much to do before it comes to the edit: it is not silent then. */
function listen() {
  mute = silence() < 1000 ? 0 : mute + 1;
  if (mute >= UNANSWERED) halt();
}
at("halt").onclick = () => halt();

function tried() {
  for (const one of trying ?? []) clearTimeout(one);
  const left = trying && document.activeElement === document.body; // the button that was pressed
  trying = null;
  at("halt").hidden = true;
  if (original[path] !== undefined) enable(true);
  if (left) at("run").focus({ preventScroll: true });
}

/** Python does not come back: end it and start another one. */
async function halt() {
  tried();
  enable(false);
  say("Python did not come back from your code. It is being started again, without it.");
  ended = true;
  await restart();
}
function startedAgain() {
  ended = false;
  runs = {};
  tell("open");
  say("Python did not come back from your code, so it was stopped and started again. Your text is still here, and does not run. The runs are as they were before it.");
}

function showTrouble({ words, file, line, detail }, start = "") {
  wrong = { file, line };
  const box = at("trouble");
  const [text, code, button] = box.children;
  text.textContent = start + words;
  code.textContent = detail;
  code.hidden = !detail;
  button.hidden = !file;
  box.hidden = false;
  if (file === path) editor.mark(line);
}
at("trouble").querySelector("button").onclick = () => {
  open(wrong.file);
  editor.focus();
};

function endTrouble() {
  if (wrong) editor.mark(0);
  wrong = null;
  at("trouble").hidden = true;
}

function showDiff(place, lines) {
  place.replaceChildren(...lines.map(([kind, text]) => element("span", { className: kind, textContent: text })));
  if (!lines.length) place.textContent = "The code is as it was made.";
}

join("workshop", {
  files: showFiles,
  diff: ({ files, lines, challenge }) => {
    at("count").textContent = files.length ? files.join(", ") : "nothing";
    showDiff(at("diff"), lines);
    for (const details of document.querySelectorAll("#e22 .challenge")) {
      details.querySelector("[data-made]").textContent = details.dataset.challenge === challenge ? "You have made this edit" : "";
    }
  },
  made: ({ texts: made, words }) => {
    replace(made, words);
    at("run").scrollIntoView();
    at("run").focus({ preventScroll: true });
  },
  running: ({ files, edits }) => {
    const waited = Boolean(trying);
    tried();
    runs = edits;
    at("status").textContent = files.length ? `Edited: ${files.join(", ")}` : "The page runs the code as it was made";
    at("status").classList.toggle("strong", files.length > 0);
    document.documentElement.dataset.edited = files.join(" ");
    if (!waited) return;
    say(files.length ? "It runs. A new run has begun from the same seed; the one before is kept under Runs."
      : "The original runs again, from the same seed; the run before is kept under Runs.");
  },
  refused: (error) => {
    tried();
    say(error.what === "run" ? "The page goes on with the code from before." : "");
    showTrouble(error);
  },
  fell: (error) => {
    tried();
    say("The code and the run from before it go on; the run of your edit is kept as far as it came.");
    showTrouble(error, "Your edit stopped. ");
  },
  printed: (text) => {
    const [place, box] = [at("printed").querySelector("pre"), at("printed")];
    const low = place.scrollHeight - place.scrollTop - place.clientHeight < 30;
    place.textContent = (place.textContent + text).slice(-LOG);
    box.hidden = false;
    if (low) place.scrollTop = place.scrollHeight;
  },
});
at("clear").onclick = () => {
  at("printed").hidden = true;
  at("printed").querySelector("pre").textContent = "";
};

addEventListener("live", () => {
  if (ended) return startedAgain();
  const { top, bottom } = document.getElementById("e22").getBoundingClientRect();
  if (top < innerHeight + 300 && bottom > -300) begin();
});
addEventListener("short", () => {
  if (!trying) return;
  tried();
  say("There is too little memory to try it. The page goes on with the code from before.");
});
addEventListener("dead", () => enable(false));
