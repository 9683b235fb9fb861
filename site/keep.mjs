// What this browser keeps of a visitor's work when the page is closed: values by key, in
// IndexedDB. Where that is forbidden, full or broken the page goes on, and says so.
import "./idb_guard.mjs";

const HERE = new URL(".", document.baseURI).pathname; // other pages may share the origin
const STORE = "kept";
const FORGOTTEN = 5; // works of closed tabs that wait for a new one, at most
const LONGEST = 20_000; // ms that the store may take to answer
const FORBIDDEN = "This browser does not let the page keep anything. All else works; only, what you do here is gone when the page is closed.";
const SILENT = "This browser's store does not answer, so what you do here is not kept. What was kept before stays: loading the page again, later, may bring it back.";
export const FULL = "The room that this browser gives the page is full, so what you do now is not kept, only what was kept before. Deleting runs, or Clear all, makes room: both are under Runs, in chapter 9.";

// Short notes by name; null forgets one. Where that is forbidden they last as long as the page.
const notes = (kind) => ({
  get(name) { try { return globalThis[kind].getItem(name); } catch { return null; } },
  set(name, text) {
    try { text === null ? globalThis[kind].removeItem(name) : globalThis[kind].setItem(name, text); } catch { /* forbidden */ }
  },
});
export const local = notes("localStorage");
export const session = notes("sessionStorage");

function why(error) {
  if (error?.name === "QuotaExceededError") return FULL;
  return `The browser could not keep this: ${error?.message || error?.name || "it does not say why"}.`;
}

// Why nothing can be kept, in words, or null.
const refused = new Promise((answer) => {
  try {
    const request = indexedDB.open("probe");
    request.onsuccess = () => { request.result.close(); answer(null); };
    request.onerror = (event) => { event.preventDefault(); event.stopPropagation(); answer(FORBIDDEN); };
    setTimeout(answer, LONGEST, SILENT);
  } catch { answer(FORBIDDEN); }
});
let opened = null; // a promise of the database
function database() {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open(`fishformer ${HERE}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      request.result.onclose = request.result.onversionchange = () => { request.result.close(); opened = null; };
      done(request.result);
    };
    request.onerror = request.onblocked = () => fail(request.error);
  });
  opened.catch(() => { opened = null; });
  return opened;
}

/** One transaction; what the last request in it found. */
async function within(mode, act) {
  const words = await refused;
  if (words) throw new Error(words);
  const db = await database();
  return new Promise((done, fail) => {
    const transaction = db.transaction(STORE, mode, { durability: "relaxed" });
    let request;
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => fail(transaction.error ?? request?.error);
    try { request = act(transaction.objectStore(STORE)); } catch (error) {
      fail(error);
      transaction.abort(); // all or nothing
    }
  });
}

const told = async (work) => {
  try { await work; } catch (error) { return (await refused) ?? why(error); }
  return true;
};

/** Keep values by key, all or none, and forget the keys in `gone`: true, or in words why it cannot be. */
export const putAll = (values, gone = []) => told(within("readwrite", (store) => {
  for (const key of gone) store.delete(key);
  let last;
  for (const [key, value] of Object.entries(values)) last = store.put(value, key);
  return last ?? store.count();
}));

/** What was kept, or undefined. */
export const get = (key) => within("readonly", (store) => store.get(key)).catch(() => undefined);

/** All keys that start with a prefix. */
export const keys = (prefix = "") => within("readonly", (store) =>
  store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`))).catch(() => []);

/** Forget everything, of all tabs. */
export const clearAll = () => told(within("readwrite", (store) => store.clear()));

// ---- tabs: each keeps its work under keys of its own, mine("runs") = "tab/<id>/runs" -------------

const ID = `fishformer.tab ${HERE}`;
const LOCKS = navigator.locks;

// Without locks (they need https) tabs ask one another who they are, and answer within a moment.
const MOMENT = 500; // ms
const others = LOCKS ? null : new Promise((done) => {
  const ids = new Set();
  const channel = new BroadcastChannel(ID);
  channel.onmessage = ({ data }) => ids.add(data);
  channel.postMessage(null);
  setTimeout(() => { channel.close(); done(ids); }, MOMENT);
});
function answerTo(id) {
  const channel = new BroadcastChannel(ID);
  channel.onmessage = ({ data }) => { if (data === null) channel.postMessage(id); };
}

/** Be the tab of this id for as long as the page lives; whether no other tab is. */
const hold = async (id, patience = 0) => (LOCKS ? locked(id, patience) : !(await others).has(id));
const locked = (id, patience) => new Promise((answer) => {
  const lock = async () => {
    const options = patience ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
    await LOCKS.request(`fishformer ${HERE} ${id}`, options, (held) => {
      answer(Boolean(held));
      return held && new Promise(() => {});
    });
  };
  lock().catch(() => answer(false)); // it took too long, or locks are forbidden
});

/** Which tab this is: the one it was, or one that was closed, or a new one. */
async function claim() {
  let id = session.get(ID);
  // A tab that was copied has the id of one that lives. The page before a reload may not
  // have let go of its own yet; on a slow machine that takes seconds.
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  if (!id || !(await hold(id, again ? 20_000 : 500))) id = await closedTab();
  if (!id) {
    id = Math.random().toString(36).slice(2);
    await hold(id);
  }
  if (!LOCKS) answerTo(id);
  session.set(ID, id); // else the next load is a new tab
  return id;
}

/** The ids of all tabs that have work here, the one that saved last before the others. */
async function working() {
  const found = [];
  for (const key of await keys("tab/")) {
    const [, id, name] = key.split("/");
    if (name === "saved") found.push([await get(key), id]);
  }
  return found.sort(([one], [other]) => other - one).map(([, id]) => id);
}

/** The tab closed last whose work is still here; of those before it a few stay. */
async function closedTab() {
  let mine = null;
  let waiting = 0;
  for (const id of await working()) {
    if (mine ? await lives(id) : !(await hold(id))) continue;
    if (!mine) mine = id;
    else if (++waiting > FORGOTTEN) await putAll({}, await keys(`tab/${id}/`));
  }
  return mine;
}

const lives = async (id) => (LOCKS ? (await LOCKS.query()).held.some(({ name }) => name === `fishformer ${HERE} ${id}`) : (await others).has(id));

/** This tab's id, a promise. */
export const tab = claim().catch(() => "none");

/** Another tab that lives and has work of its own, the one that saved last; or null. */
export async function livingTab() {
  const own = await tab;
  return (await working()).find((id) => id !== own) ?? null;
}

/** From now on this page is nobody's tab: nothing of its is taken up by the next load. */
export const leave = () => session.set(ID, null);

/** A key of this tab's own. When it saves, it notes the time under mine("saved"). */
export const mine = async (name) => `tab/${await tab}/${name}`;
