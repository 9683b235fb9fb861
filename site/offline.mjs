// Keeps the page for times without a network, once it has started: what the service
// worker (sw.js) cannot have seen of the first visit, it is asked to fetch.
const HERE = new URL(".", import.meta.url);

/** Register the service worker and let it keep this build; says when it is done. */
export async function keepOffline(say) {
  const workers = navigator.serviceWorker; // absent in some private windows, and without https
  if (!workers) return;
  try {
    await workers.register(new URL("../sw.js", HERE));
    const { active } = await workers.ready;
    const told = new Promise((then) => workers.addEventListener("message", ({ data }) => then(data), { once: true }));
    workers.startMessages();
    active.postMessage({ keep: HERE.pathname.split("/").at(-2) });
    const { kept, bytes } = await told;
    if (kept) say(`Offline: ready, ${(bytes / 1e6).toFixed(1)} MB kept in this browser`);
  } catch { /* forbidden or no room: the page works with a network */ }
}
