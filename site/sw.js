// The service worker: a page that has trained once opens again without a network.
//
// Every build lies in a folder b-<hash>, whose files never change, and index.html names
// the folder. So no page can mix two builds. Files are kept by the hash of their content,
// which the folder's manifest.json has: what is the same in two builds is kept once.
// index.html comes from the network if that answers in time; the kept one is that of a
// build that is kept whole.
const HERE = new URL("./", self.location).href;
const STORE = `fishformer ${HERE}`; // other pages may share the origin
const PAGE = `${HERE}index.html`;
const WAIT = 4000; // milliseconds for index.html
const LATE = "on demand"; // the manifest's stage of what a start does not need
const BUILDS = 2; // that are kept: an open tab may still be at the one before

const open = () => caches.open(STORE);
const manifestOf = (build) => `${HERE}${build}/manifest.json`;
const keyOf = ({ path, sha256 }) => `${HERE}${sha256}/${path.split("/").pop()}`;
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split(/[?#]/)[0];
  if (request.method !== "GET" || !url.startsWith(HERE)) return;
  const [, build, path] = /^(b-[0-9a-f]{10})\/(.+)$/.exec(url.slice(HERE.length)) ?? [];
  if (build) event.respondWith(path === "manifest.json" ? manifest(build) : file(build, path, request));
  else if (url === HERE || url === PAGE) event.respondWith(page(request));
});

async function page(request) {
  try {
    const reply = await fetch(request.url, { cache: "no-cache", signal: AbortSignal.timeout(WAIT) });
    const { headers, status } = reply;
    if (status < 500) return new Response(await reply.arrayBuffer(), { headers, status }); // whole: the signal ends a body too
  } catch { /* no network, or too slow: the one that is kept */ }
  return (await (await open()).match(PAGE)) ?? fetch(request);
}

async function manifest(build) {
  const store = await open();
  const kept = await store.match(manifestOf(build));
  if (kept) return kept;
  const reply = await fetch(manifestOf(build));
  const { headers, status } = reply;
  if (!reply.ok) return reply;
  const bytes = await reply.arrayBuffer();
  const right = `b-${hex(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 10)}` === build;
  if (right) await store.put(manifestOf(build), new Response(bytes, { headers })).catch(() => {});
  return new Response(bytes, { headers, status });
}

const lists = new Map(); // build -> its files, by path: every request asks for them
function filesOf(build) {
  const list = lists.get(build) ?? manifest(build).then((reply) => reply.json())
    .then(({ files }) => new Map(files.map((known) => [known.path, known])));
  lists.set(build, list);
  list.catch(() => lists.delete(build));
  return list;
}

/** A file of a build: what is kept under its hash, or else from the network, and then kept. */
async function file(build, path, request) {
  let known = null;
  try {
    known = (await filesOf(build)).get(path);
  } catch { /* without the manifest there is only the network */ }
  if (!known) return fetch(request);
  const kept = await compiled(known, request) ?? await (await open()).match(keyOf(known));
  return kept ?? keep(known, await fetch(request));
}

/** What is long to compile, if the browser's own cache still has it, for that keeps the machine
 * code as well, and ours does not. Never from the network; the interpreter looks at its hash. */
async function compiled({ path }, { url }) {
  if (!/\.(wasm|asm\.js)$/.test(path)) return null;
  const reply = await fetch(url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
  return reply?.ok ? reply : null;
}

/** Hand a reply on, and keep it under its hash if there is room. */
async function keep(known, reply) {
  if (reply.status === 200) put(known, reply.clone()).catch(() => {});
  return reply;
}

/** Keep a reply if it is what the manifest says. A new response, for a reply remembers the
 * address that it came from, and a module of the next build would import from there. */
async function put(known, reply) {
  const bytes = await reply.arrayBuffer();
  if (hex(await crypto.subtle.digest("SHA-256", bytes)) !== known.sha256) throw new Error(`${known.path} is of another build`);
  await (await open()).put(keyOf(known), new Response(bytes, { headers: reply.headers }));
}

/** All that a start of this build needs is fetched and kept; then index.html is, too. */
async function keepWhole(build) {
  const store = await open();
  const needed = [...(await filesOf(build)).values()].filter(({ stage }) => stage !== LATE);
  let bytes = 0;
  for (const known of needed) {
    bytes += known.bytes;
    if (await store.match(keyOf(known))) continue;
    const get = (cache) => fetch(`${HERE}${build}/${known.path}`, { cache });
    await put(known, await get("force-cache")).catch(async () => put(known, await get("reload")));
  }
  const page = await fetch(PAGE, { cache: "no-cache" });
  if (page.ok && (await page.clone().text()).includes(`"${build}/`)) await store.put(PAGE, page);
  else if (!(await store.match(PAGE))) throw new Error("index.html is of another build by now");
  await forget(store, build);
  return bytes;
}

/** Old builds go, but for the last before this one. */
async function forget(store, newest) {
  const all = (await store.keys()).map(({ url }) => url);
  const builds = all.filter((url) => url.endsWith("/manifest.json")).map((url) => url.slice(HERE.length).split("/")[0]);
  const kept = [...builds.filter((build) => build !== newest), newest].slice(-BUILDS);
  const wanted = new Set([PAGE, ...kept.map(manifestOf)]);
  for (const build of kept) for (const known of (await filesOf(build)).values()) wanted.add(keyOf(known));
  for (const url of all) if (!wanted.has(url)) await store.delete(url);
}

addEventListener("message", (event) => {
  const { keep: build } = event.data;
  const tell = (message) => event.source.postMessage(message);
  event.waitUntil(keepWhole(build).then((bytes) => tell({ kept: build, bytes }), (error) => tell({ failed: String(error) })));
});
