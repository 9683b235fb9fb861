// What the worker loses once Python has started, for it may come to run code that somebody
// else has written. What is left can compute, draw, read the files of this site, and tell
// the page; it has no store of this browser, no other server, and no worker of its own.
const GONE = ["indexedDB", "caches", "cookieStore", "XMLHttpRequest", "WebSocket", "WebSocketStream",
  "WebTransport", "EventSource", "BroadcastChannel", "Worker", "SharedWorker", "importScripts",
  "Notification", "FontFace", "PushManager", "webkitRequestFileSystem", "webkitRequestFileSystemSync",
  "webkitResolveLocalFileSystemURL", "webkitResolveLocalFileSystemSyncURL"];
const GONE_FROM_NAVIGATOR = ["storage", "serviceWorker", "locks", "permissions", "usb", "serial", "hid", "storageBuckets"];

function remove(from, names) {
  for (let place = from; place; place = Object.getPrototypeOf(place)) {
    for (const name of names) if (Object.hasOwn(place, name)) delete place[name];
  }
}

/** Put up the fence; `site` is the folder whose files may be read, by `read`, which is fetch. */
export function fence(site, read) {
  remove(globalThis, GONE);
  remove(navigator, GONE_FROM_NAVIGATOR);
  globalThis.fetch = async (what, options = {}) => {
    const { href } = new URL(what?.url ?? what, site);
    const method = options.method ?? what?.method ?? "GET";
    if (!href.startsWith(site.href) || method !== "GET") throw new TypeError(`Python here reads files of ${site.href} only, not ${href}`);
    const { cache, signal } = options;
    return read(href, { cache, signal, redirect: "error" });
  };
}
