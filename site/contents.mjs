// The contents in the masthead: they follow the reading, and close when they have served.
const root = document.documentElement;
const contents = document.getElementById("contents");
const here = document.getElementById("here");
const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);

/** The last place whose top has passed the upper third of the window. */
function follow() {
  root.classList.toggle("scrolled", scrollY > 8);
  const passed = places.findLast((place) => place.getBoundingClientRect().top < innerHeight / 3);
  const now = links.get((passed ?? places[0]).id);
  if (now.hasAttribute("aria-current")) return;
  for (const link of links.values()) link.removeAttribute("aria-current");
  now.setAttribute("aria-current", "location");
  const chapter = now.closest("#contents > ol > li").querySelector("a");
  here.textContent = scrollY > 8 ? chapter.textContent.trim() : "Contents";
}

let due = false;
function followSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; follow(); });
}
addEventListener("scroll", followSoon, { passive: true });
followSoon();

contents.addEventListener("click", (event) => { if (event.target.closest("a")) contents.open = false; });
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !contents.open) return;
  contents.open = false;
  contents.querySelector("summary").focus();
});
addEventListener("pointerdown", (event) => { if (!contents.contains(event.target)) contents.open = false; });
