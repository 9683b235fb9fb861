// The transport bar: Train, Step, Restart, Speed, Timeline, and the keys that do the same.
import { running, send, tellPart } from "./boot.mjs";

const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 0]; // steps a second; 0 is as fast as it can
const at = (id) => document.getElementById(id);
const train = at("train");
const speed = at("speed");
const timeline = document.querySelector(".timeline input");
const latest = at("latest");

let now = { state: "booting", step: 0, last: 0, end: 1 }; // the frame shown
let goal = null; // a step asked for, until Python stands there
let unsent = null; // the same, until it goes out with the next animation frame
let held = false; // whether a pointer holds the timeline

function command(name, value) {
  if (!running()) return;
  if (name !== "seek") goal = null;
  send({ kind: "command", name, value });
}

/** Go to a step; of several in one animation frame only the last is sent. */
function seek(step) {
  if (unsent === null) requestAnimationFrame(() => { command("seek", unsent); unsent = null; });
  goal = unsent = Math.min(Math.max(step, 0), now.last);
  showStep(goal);
}

/** Pause, and keep where it stands: the page may be left at once. */
function pause() {
  command("pause");
  tellPart("keeper", "save");
}

const acts = {
  train: () => (now.state === "training" ? pause() : command("train")),
  step: () => command("step"),
  restart: () => command("restart"),
  latest: () => command("latest"),
  back: () => seek((goal ?? now.step) - 1),
  on: () => ((goal ?? now.step) < now.last ? seek((goal ?? now.step) + 1) : command("step")),
  first: () => seek(0),
};

function showStep(step) {
  timeline.value = step;
  timeline.setAttribute("aria-valuetext", `step ${step} of ${now.end}`);
}

function sayPace() {
  const pace = SPEEDS[speed.value];
  speed.nextElementSibling.textContent = pace ? `${pace}/s` : "max";
  speed.setAttribute("aria-valuetext", pace ? `${pace} steps a second` : "as fast as it can");
  return pace;
}

for (const name of ["train", "step", "restart", "latest"]) at(name).onclick = acts[name];
speed.oninput = () => command("speed", sayPace());
timeline.oninput = () => seek(Number(timeline.value));
timeline.onpointerdown = () => { held = true; };
addEventListener("pointerup", () => { held = false; });
addEventListener("pointercancel", () => { held = false; });

const KEYS = { " ": "train", ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "latest" };
addEventListener("keydown", (event) => {
  const act = acts[KEYS[event.key]];
  if (!act || !running() || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  // What has the focus comes first where it uses the key itself.
  const users = event.key === " " ? "button, a, summary, input:not([type='range'])" : "input";
  if (event.target.closest(`${users}, textarea, pre, .scroll`)) return;
  event.preventDefault();
  if (event.key !== " " || !event.repeat) act();
});

/** Show the run as this frame has it. */
export function showFrame(frame) {
  const fresh = now.state !== frame.state;
  now = frame;
  if (fresh) train.lastElementChild.textContent = frame.state === "training" ? "Pause" : "Train";
  if (frame.step === goal || frame.state === "training") goal = null;
  if (!held) {
    timeline.max = frame.end;
    showStep(goal ?? frame.step);
  }
  const back = frame.step < frame.last && frame.state !== "training";
  if (latest.hidden === back) latest.hidden = !back;
  if (back) latest.textContent = `Go to ${frame.last.toLocaleString("en")}`;
}

/** Show the pace of the last visit, or tell Python another one than 30 that the browser kept in the form. */
export function begin(pace) {
  if (SPEEDS.includes(pace)) speed.value = SPEEDS.indexOf(pace);
  if (sayPace() !== (pace ?? 30)) command("speed", sayPace());
}
