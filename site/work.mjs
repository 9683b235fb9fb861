// The visitor's work, kept: what Python packs goes into IndexedDB, and after a reload or a
// crash back to Python. The runs beside the live one follow when the page is there.
import { join, send, silence, tellPart } from "./boot.mjs";
import { clearAll, FULL, get, leave, livingTab, local, mine, putAll, session } from "./keep.mjs";

const at = (id) => document.getElementById(id);
const PATIENCE = 6000; // ms that the start waits for what was kept; a busy disk is slow

let about = null; // of the last visit: order of the runs, the live one, position, edits
let written = new Set(); // keys of the runs that lie in the store
let base = null; // the live run, in the store
let unwritten = {}; // key of a run -> its bytes, since the last write
let writing = Promise.resolve();
let full = false; // whether the last writing found no room
let left = false; // no more writing: all is cleared
let lost = false; // something was kept, and the store has nothing of it

// Edited code that stands still as soon as it is back must not do so at every visit.
const TRIAL = "fishformer.edited"; // in sessionStorage while it is not known to go well
const LONG_ENOUGH = 20_000; // ms after which it is
const endTrial = () => { if (silence() < 3000) session.set(TRIAL, null); };
addEventListener("pagehide", endTrial);

const keyOf = (run) => mine(`run/${run}`);

/** The bytes of one run: those not written yet, or else those in the store. */
const bytesOf = async (run) => unwritten[run]?.slice() ?? get(await keyOf(run));

/** The live run as it was kept last, and all that there is to know about it; or null. */
async function newest() {
  await writing;
  about ??= await get(await mine("work"));
  const live = about && await bytesOf(about.live);
  if (!live) return null;
  written = new Set(about.order);
  base = about.live;
  const edited = Object.keys(about.edits).length > 0;
  const stuck = edited && session.get(TRIAL) !== null;
  session.set(TRIAL, edited && !stuck ? "on" : null);
  return { about: { ...about, stuck }, live };
}

let read = newest().catch(() => null); // while Python boots
let late = null; // the same, if the start did not wait for it

/** What the start message carries of the last visit, or of the worker before this one; or null. */
export async function kept() {
  late = read ?? newest().catch(() => null);
  read = null;
  const enough = new Promise((done) => { setTimeout(done, PATIENCE); });
  const found = await Promise.race([late, enough]);
  if (found !== undefined) late = null;
  return found ?? null;
}

/** The speed of the last visit, if there was one. */
export const speed = () => about?.position.speed;

/** Python has painted: hand it the other runs, and begin to keep. */
export async function begin() {
  at("keep-clear").disabled = false;
  setTimeout(endTrial, LONG_ENOUGH);
  if (late) at("keep-words").textContent = "What this browser keeps has not come yet; until then nothing more is kept.";
  if (await late) { // it would be overwritten: all of it comes beside the run that has begun
    await handOver(about.order, [], bytesOf);
    tellKept("What this browser keeps came only when the page had begun: your runs are back, under Runs.", false);
  } else if (about) {
    const { order, live } = about;
    await handOver(order.filter((run) => run !== live), order, bytesOf);
  } else lost = !(await borrow()) && local.get("kept") !== null;
  tellPart("keeper", "begin");
}

function tellKept(words, fresh = true) {
  at("kept-words").textContent = words;
  at("kept-afresh").hidden = !fresh;
  at("kept").hidden = false;
}

async function handOver(runs, order, bytes) {
  const data = (await Promise.all(runs.map(bytes))).filter(Boolean);
  if (data.length) send({ kind: "part", part: "keeper", name: "rest", value: { order, runs: data } }, data.map((one) => one.buffer));
}

/** A second tab lists the runs of the first, as copies; whether there is one. */
async function borrow() {
  const id = await livingTab();
  const theirs = id && await get(`tab/${id}/work`);
  if (!theirs) return false;
  await handOver(theirs.order, [], (run) => get(`tab/${id}/run/${run}`));
  tellKept("Another tab has this page open. Its runs are listed here as copies; what you do here stays apart.", false);
  return true;
}

// ---- writing -----------------------------------------------------------------------------------

join("keeper", {
  took: (words) => tellKept(words),
  run: ({ key }, bytes) => { unwritten[key] = bytes; },
  kept: (now) => { about = now; writing = writing.then(write); },
});

const LOST = "This browser has forgotten what it kept of your last visit, as private windows do. A run that you save as a file, in chapter 9, is safe from that.";

async function write() {
  if (left) return;
  const fresh = unwritten;
  unwritten = {};
  const values = { [await mine("work")]: about, [await mine("saved")]: Date.now() };
  for (const [run, bytes] of Object.entries(fresh)) values[await keyOf(run)] = bytes;
  const { order, live, position } = about;
  const gone = [...written].filter((run) => !order.includes(run));
  const all = async () => putAll(values, await Promise.all(gone.map(keyOf)));
  let done = await all();
  if (done === FULL) { // what was deleted may have made room, but only once it is gone
    const spare = gone.filter((run) => run !== base);
    if (spare.length && (await putAll({}, await Promise.all(spare.map(keyOf)))) === true) {
      for (const run of spare) written.delete(run);
      done = await all();
    }
  }
  const before = full;
  full = done === FULL;
  if (done !== true) {
    unwritten = { ...fresh, ...unwritten };
    if (full && !before) tellKept(done, false);
    at("keep-words").textContent = done;
    return;
  }
  [written, base] = [new Set(order), live];
  local.set("kept", ""); // for the next visit's first layout: there will be word of its runs
  if (lost) tellKept(LOST, false);
  if (before) at("kept").hidden = true;
  lost = false;
  const runs = order.length === 1 ? "1 run" : `${order.length} runs`;
  at("keep-words").textContent = `Kept in this browser: ${runs}, until step ${position.step.toLocaleString("en")} of the live one.`;
}

const save = () => { if (!left) tellPart("keeper", "save"); };
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
addEventListener("pagehide", save);

// ---- starting afresh, forgetting ---------------------------------------------------------------

at("kept-afresh").onclick = () => { tellPart("keeper", "afresh"); at("kept").hidden = true; };
at("kept-close").onclick = () => { at("kept").hidden = true; };

const ask = (asking) => {
  at("keep-sure").hidden = !asking;
  at("keep-clear").hidden = asking;
  (asking ? at("keep-no") : at("keep-clear")).focus();
};
at("keep-clear").onclick = () => ask(true);
at("keep-no").onclick = () => ask(false);
at("keep-yes").onclick = async () => {
  left = true;
  await writing;
  const done = await clearAll();
  if (done !== true) {
    left = false;
    at("keep-words").textContent = done;
    return ask(false);
  }
  leave();
  local.set("kept", null);
  location.replace(location.pathname + location.search);
};
