// Files: one that a visitor hands in, chosen or dropped on a part of the page, and those that go out.
import { running } from "./boot.mjs";
import { element } from "./exhibits.mjs";

/** Save bytes under a name, as the browser saves what is downloaded. */
export function handOut(name, bytes, type) {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const inMB = (bytes) => `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;

/** The bytes of the one file there may be. Throws, in words, why there are none. */
async function read([file, ...more], limit) {
  if (more.length) throw new Error(`${more.length + 1} files came at once, and none was opened. One at a time, please.`);
  const refused = (why) => new Error(`${file.name} cannot be opened: ${why}.`);
  if (!running()) throw refused("Python is not running now");
  if (file.size > limit) throw refused(`it has ${inMB(file.size)}; up to ${inMB(limit)} are allowed`);
  const bytes = await file.arrayBuffer().catch(() => { throw refused("it cannot be read. It may be a folder, or have moved"); });
  if (!bytes.byteLength) throw refused("it is empty");
  return new Uint8Array(bytes);
}

/** Hand what is chosen in `input`, or dropped on `place`, to take(name, bytes), or to refuse(words). */
export function handIn({ input, place, limit, take, refuse }) {
  const open = async (list) => {
    const files = [...list]; // the list is emptied when this event is over
    if (!files.length) return;
    try { take(files[0].name, await read(files, limit)); } catch (error) { refuse(error.message); }
  };
  input.onchange = () => { open(input.files); input.value = ""; };
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragover", (event) => {
    if (carries(event)) place.classList.add("over");
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("over");
  });
  place.addEventListener("drop", (event) => {
    place.classList.remove("over");
    if (carries(event)) open(event.dataTransfer.files);
  });
}

// Dropped anywhere, a file does not take the place of the page.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
}
