// PyScript opens IndexedDB, in the page and in its worker, and dies where the browser
// refuses it (site data blocked). Nothing that it keeps there is needed here, so a
// refusal is answered with a store that forgets.
//
// No module of the page may await at its top level: WebKit often never runs a second one
// that imports it meanwhile, and the page would stay without its Python.

/** A promise: whether IndexedDB is the browser's own. PyScript may be imported after it. */
export const usable = new Promise((answer) => {
  try {
    const request = indexedDB.open("probe");
    request.onsuccess = () => { request.result.close(); answer(true); };
    request.onerror = (event) => { event.preventDefault(); event.stopPropagation(); answer(false); };
  } catch { answer(false); }
}).then((works) => {
  if (!works) forget();
  return works;
});

function forget() {
  const reply = (result) => {
    const request = {};
    setTimeout(() => request.onsuccess?.({ target: { result } }));
    return request;
  };
  const none = () => reply(undefined);
  const store = {
    getAllKeys: () => reply([]), count: () => reply(0),
    get: none, getKey: none, put: none, delete: none, clear: none,
  };
  const database = {
    objectStoreNames: ["entries"], createObjectStore() {}, close() {},
    transaction: () => ({ objectStore: () => store }),
  };
  Object.defineProperty(globalThis, "indexedDB", { configurable: true, value: { open: () => reply(database) } }); // the fence takes it away again
}

// Firefox then refuses BroadcastChannel too, which PyScript makes while it is read.
try { new BroadcastChannel("probe").close(); } catch {
  globalThis.BroadcastChannel = class extends EventTarget { postMessage() {} close() {} };
}
