// The bench's page: starts a worker for each peer and passes questions and answers on.

const workers = {};
const waiting = new Map();
let count = 0;

/** Start a worker; its first answer tells that it is ready. */
globalThis.start = (peer, script) => {
  const worker = (workers[peer] = new Worker(script, { type: "module", name: peer }));
  worker.onmessage = ({ data: { id, answer, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(`${peer}: ${error}`));
    else resolve(answer);
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`${peer}: ${message}`));
  };
};

/** Have a worker do something by name; at most one does at any time. */
globalThis.ask = (peer, name, given = {}, transfer = []) => new Promise((resolve, reject) => {
  waiting.set(++count, { resolve, reject });
  workers[peer].postMessage({ id: count, name, given }, transfer);
});

/** Give a worker canvases of the page: {name: [width, height]} in CSS pixels. */
globalThis.giveCanvases = (peer, name, given, sizes) => {
  const canvases = {};
  for (const [canvas, [width, height]] of Object.entries(sizes)) {
    const element = document.createElement("canvas");
    element.style.cssText = `width: ${width}px; height: ${height}px`;
    document.body.append(element);
    canvases[canvas] = element.transferControlToOffscreen();
  }
  return globalThis.ask(peer, name, { ...given, canvases }, Object.values(canvases));
};

globalThis.end = (peer) => workers[peer].terminate();
