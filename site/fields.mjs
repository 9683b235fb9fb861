// Fields and lists that the build has made buttons (.build/pages.py, veil), for Chromium's autofill
// lays out whatever is around a field, however far from the screen. They become what they are
// where they come near it, and all others once Python trains, an exhibit at a time.
import { settle } from "./widgets.mjs";

const SETTLED = 200; // milliseconds in which an exhibit that comes near is laid out
const PAUSE = 500; // milliseconds: the autofill has looked, and what it made is painted

const late = new Map(); // exhibit -> its fields
for (const field of document.querySelectorAll("[data-late]")) {
  const exhibit = field.closest(".exhibit");
  late.set(exhibit, [...(late.get(exhibit) ?? []), field]);
}

function unveil(exhibit) {
  for (const field of late.get(exhibit) ?? []) {
    const { late: type } = field.dataset;
    const held = document.activeElement === field;
    delete field.dataset.late;
    if (type === "list") {
      field.multiple = false;
      field.removeAttribute("size");
    } else field.type = type;
    field.replaceWith(field); // put in anew, or Chromium now and then shows it no more
    if (held) field.focus({ preventScroll: true });
    if (field.dataset.do) settle(field);
  }
  late.delete(exhibit);
  near.unobserve(exhibit);
}

// Not at once: on its way to the screen Chromium would at times leave the exhibit blank, or lose its place.
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) setTimeout(unveil, SETTLED, target);
}, { rootMargin: "400px" });
for (const exhibit of late.keys()) near.observe(exhibit);

function unveilRest() {
  for (const [exhibit] of late) {
    unveil(exhibit);
    return setTimeout(unveilRest, PAUSE);
  }
}
addEventListener("live", () => setTimeout(unveilRest, PAUSE), { once: true });
