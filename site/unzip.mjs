// Zip archives, such as Python's wheels, taken apart by the browser's own inflate: some
// ten times as fast as Python's zipfile before the engine has warmed up.

const END = 0x06054b50; // of the archive: what its directory is found by
const DEFLATED = 8;

/** The files of an archive, all at once: [[name, bytes], ...]. */
export async function unzip(archive) {
  const view = new DataView(archive);
  let end = archive.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("This is no zip archive.");
  const names = new TextDecoder();
  const files = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left; left--) {
    const [how, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [named, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const start = view.getUint32(at + 42, true);
    const data = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const name = names.decode(new Uint8Array(archive, at + 46, named));
    const bytes = new Uint8Array(archive, data, packed);
    files.push(how === DEFLATED ? inflate(name, bytes, size) : [name, bytes]);
    at += 46 + named + extra + comment;
  }
  return Promise.all(files);
}

async function inflate(name, packed, size) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  writer.write(packed).catch(() => {}); // the reader below is told
  writer.close().catch(() => {});
  const whole = new Uint8Array(size);
  let got = 0;
  for (let reader = readable.getReader(), part; !(part = await reader.read()).done;) {
    whole.set(part.value, got);
    got += part.value.length;
  }
  return [name, whole];
}

/** Put files where Python looks for them: "site/..." with packages, "lib/..." with its library. */
export function install(python, found) {
  const places = { site: python.runPython("import site; site.getsitepackages()[0]"), lib: "/lib/rest" };
  const made = new Set();
  for (const [name, bytes] of found) {
    const path = name.replace(/^\w+/, (place) => places[place]);
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(folder)) python.FS.mkdirTree(folder);
    made.add(folder);
    python.FS.writeFile(path, bytes, { canOwn: true });
  }
  python.runPython("import sys; sys.path_importer_cache.clear()");
}
