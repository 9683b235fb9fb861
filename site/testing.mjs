// "Run the tests here" in E22: asks the worker for them and shows each result as it comes.
import { tellPart } from "./boot.mjs";
import { element } from "./exhibits.mjs";

const at = (name) => document.getElementById(`e22-${name}`);
const buttons = [...document.querySelectorAll("#e22 [data-tests]")];
const OUTCOMES = { passed: "passed", failed: "failed", skipped: "skipped" };

let busy = false;
let may = false; // whether there is a Python to ask
let rows = new Map(); // id of a test -> its line
let counts = {};

export function enableTests(on) {
  may = on;
  for (const button of buttons) button.disabled = !may || busy;
}

function setBusy(on) {
  busy = on;
  enableTests(may);
  at("stop").hidden = at("progress").hidden = !on;
  at("run").disabled = on || !may;
}

for (const button of buttons) {
  button.onclick = () => {
    setBusy(true);
    at("progress").removeAttribute("value");
    at("results").replaceChildren();
    say("Fetching pytest");
    tellPart("workshop", "tests", button.dataset.tests);
  };
}
at("stop").onclick = () => {
  say("Stopping after this test");
  tellPart("workshop", "stop");
};

const say = (words) => { at("tests-said").textContent = words; };

function summary() {
  const parts = Object.entries(OUTCOMES).filter(([kind]) => counts[kind]).map(([kind, word]) => `${counts[kind]} ${word}`);
  return parts.join(", ") || "none";
}

function line({ id, words }) {
  const row = element("li", { className: "waiting" }, element("span", { textContent: "waits" }),
    element("span", { textContent: words }), element("span", { className: "num" }));
  rows.set(id, row);
  return row;
}

function showResult({ id, outcome, seconds, said, where, ours, words, verdict }) {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
  const row = rows.get(id) ?? line({ id, words });
  if (!row.isConnected) at("results").append(row);
  row.className = outcome;
  const [mark, , time] = row.children;
  mark.textContent = OUTCOMES[outcome];
  time.textContent = seconds >= 0.0005 ? `${seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${seconds.toFixed(1)} s`}` : "";
  const why = [where, said, ours && `in ${ours}`].filter(Boolean).join("\n");
  if (verdict) row.append(element("span", { className: `verdict${verdict === "as expected" ? "" : " strong"}`, textContent: verdict }));
  if (why && outcome !== "passed") row.append(element("div", { className: "why", textContent: why }));
  if (outcome === "failed" || verdict) at("results").prepend(row);
  const done = Object.values(counts).reduce((sum, n) => sum + n, 0);
  at("progress").value = done / Math.max(rows.size, 1);
  say(`${done} of ${rows.size}: ${summary()}`);
}

const hears = {
  fetching: ({ name, done, of }) => {
    at("progress").value = done / of;
    say(`Fetching ${name}, ${done + 1} of ${of}`);
  },
  found: (tests) => {
    rows = new Map();
    counts = {};
    at("results").replaceChildren(...tests.map(line));
    say(`${tests.length} tests`);
  },
  result: showResult,
  end: ({ seconds, stopped, words = "" }) => {
    for (const row of rows.values()) {
      if (row.className === "waiting") row.firstElementChild.textContent = "not run";
    }
    say(`${stopped ? "Stopped: " : ""}${summary()}, in ${seconds.toFixed(1)} s. ${words}`);
    setBusy(false);
  },
  failed: ({ words, detail }) => {
    at("results").replaceChildren(element("li", { className: "failed" }, element("span", { textContent: "failed" }),
      element("span", { textContent: words }), element("div", { className: "why", textContent: detail })));
    say("The tests could not be run.");
    setBusy(false);
  },
};

export const hearTests = (name, value) => hears[name](value);
addEventListener("restart", () => { if (busy) hears.end({ seconds: 0, stopped: true }); });
