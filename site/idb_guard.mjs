// PyScript opens IndexedDB, in the page and in its worker, waits for it, and dies where the
// browser refuses it (site data blocked). Nothing that it keeps there is needed here, so it
// gets a store that forgets, at once.
const PYSCRIPTS = /^IDBMap\//; // the names of its databases

function reply(result) {
  const request = {};
  queueMicrotask(() => request.onsuccess?.({ target: { result } }));
  return request;
}

const none = () => reply(undefined);
const store = {
  getAllKeys: () => reply([]), count: () => reply(0),
  get: none, getKey: none, put: none, delete: none, clear: none,
};
const database = {
  objectStoreNames: ["entries"], createObjectStore() {}, close() {},
  transaction: () => ({ objectStore: () => store }),
};
let own = null;
try { own = globalThis.indexedDB; } catch { /* forbidden */ }
const { open } = own ?? {};
function guarded(name, ...given) {
  if (PYSCRIPTS.test(name)) return reply(database);
  if (!open) throw new Error("this browser has no IndexedDB");
  return open.call(own, name, ...given);
}
if (own) own.open = guarded;
else Object.defineProperty(globalThis, "indexedDB", { configurable: true, value: { open: guarded } });
// Firefox then refuses BroadcastChannel too, which PyScript makes while it is read.
try { new BroadcastChannel("probe").close(); } catch {
  globalThis.BroadcastChannel = class extends EventTarget { postMessage() {} close() {} };
}
