// "Run the tests here" in E22: asks the worker for them and shows each result as it comes.
import { join, tellPart } from "./boot.mjs";
import { element } from "./exhibits.mjs";

const at = (name) => document.getElementById(`e22-${name}`);
const buttons = [...document.querySelectorAll("#e22 [data-tests]")];

let busy = false;
let may = false; // whether there is a Python to ask
let rows = new Map(); // id of a test -> its line

export function enableTests(on) {
  may = on;
  for (const button of buttons) button.disabled = !may || busy;
}

function setBusy(on) {
  const held = document.activeElement;
  busy = on;
  enableTests(may);
  at("stop").hidden = at("progress").hidden = !on;
  at("run").disabled = on || !may;
  if (buttons.includes(held)) at("stop").focus({ preventScroll: true });
  else if (held === at("stop")) buttons[0].focus({ preventScroll: true });
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

function line({ id, words }) {
  const row = element("li", { className: "waiting" }, element("span", { textContent: "waits" }),
    element("span", { textContent: words }), element("span", { className: "num" }));
  rows.set(id, row);
  return row;
}

function showResult({ id, words, outcome, time, why, verdict, done, status }) {
  const row = rows.get(id) ?? line({ id, words });
  if (!row.isConnected) at("results").append(row);
  row.className = outcome;
  const [mark, , took] = row.children;
  mark.textContent = outcome;
  took.textContent = time;
  if (verdict) row.append(element("span", { className: `verdict${verdict === "as expected" ? "" : " strong"}`, textContent: verdict }));
  if (why) {
    row.append(element("details", { className: "why", open: verdict !== "as expected" }, element("summary", { textContent: "Why" }),
      element("pre", { tabIndex: 0, ariaLabel: `Why: ${words}`, textContent: why })));
  }
  if (outcome === "failed" || verdict) at("results").prepend(row);
  at("progress").value = done;
  say(status);
}

function end(words) {
  for (const row of rows.values()) {
    if (row.className === "waiting") row.firstElementChild.textContent = "not run";
  }
  say(words);
  setBusy(false);
}

join("workshop", {
  "tests.fetching": ({ name, done, of }) => {
    at("progress").value = done / of;
    say(`Fetching ${name}, ${done + 1} of ${of}`);
  },
  "tests.found": (tests) => {
    rows = new Map();
    at("results").replaceChildren(...tests.map(line));
    say(`${tests.length} tests`);
  },
  "tests.result": showResult,
  "tests.end": end,
  "tests.failed": ({ words, detail }) => {
    at("results").replaceChildren(element("li", { className: "failed" }, element("span", { textContent: "failed" }),
      element("span", { textContent: words }), element("div", { className: "why", textContent: detail })));
    say("The tests could not be run.");
    setBusy(false);
  },
});

addEventListener("restart", () => { if (busy) end(`Stopped: ${at("tests-said").textContent}`); });
