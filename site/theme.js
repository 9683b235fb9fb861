// The one classic script. It runs before the first paint and where modules cannot: it
// sets the theme, and it is the one place that tells the visitor what went wrong.
(() => {
  const root = document.documentElement;
  root.dataset.state = "booting";

  // ---- the theme ------------------------------------------------------------------
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
    root.classList.toggle("back", localStorage.getItem("kept") !== null); // room for what work.mjs will say
  } catch (_) { /* site data is blocked */ }

  function setTheme() {
    const dark = chosen ? chosen === "dark" : system.matches;
    root.dataset.theme = dark ? "dark" : "light";
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      meta.media = meta.dataset.theme === root.dataset.theme ? "all" : "not all";
    }
    const button = document.getElementById("theme");
    if (button) {
      button.textContent = dark ? "Light" : "Dark";
      button.setAttribute("aria-label", button.textContent + " theme");
      button.hidden = false;
    }
    dispatchEvent(new Event("theme"));
  }
  setTheme();
  system.addEventListener("change", setTheme);

  // ---- what went wrong ------------------------------------------------------------
  // dispatchEvent(new CustomEvent("trouble", {detail})), from anywhere. detail is null
  // when all is well again, or {title, what, kept, detail, button, run, waiting}.
  const parsed = new Promise((then) => document.addEventListener("DOMContentLoaded", then));
  function show(trouble) {
    const panel = document.getElementById("failure");
    panel.hidden = !trouble;
    if (!trouble) {
      if (root.dataset.state === "failed" && !root.classList.contains("live")) root.dataset.state = "booting";
      return;
    }
    const fill = (selector, text) => {
      const element = panel.querySelector(selector);
      element.textContent = text || "";
      element.hidden = !text;
    };
    if (!trouble.waiting) {
      root.dataset.state = "failed";
      document.querySelector(".rule").hidden = true;
      document.querySelector("[data-text='e01.status']").textContent = "Stopped";
    }
    fill("h3", trouble.title);
    fill(".what", trouble.what);
    fill(".kept", trouble.kept);
    fill("pre", trouble.detail);
    panel.querySelector("details").hidden = !trouble.detail;
    const button = panel.querySelector(".btn");
    button.textContent = trouble.button || "Try again";
    button.onclick = trouble.run || (() => location.reload());
    const other = panel.querySelector(".other");
    other.hidden = !trouble.other;
    if (trouble.other) {
      other.textContent = trouble.other.words;
      other.onclick = trouble.other.run;
    }
  }
  const fail = (trouble) => parsed.then(() => show(trouble));
  addEventListener("trouble", (event) => fail(event.detail));

  // A script that is missing, altered or broken says so here, for it cannot say so itself.
  let named = false; // the first: others fail because of it
  let read = false; // all have run once; what a press throws later ends nothing
  addEventListener("read", () => { read = true; });
  addEventListener("error", (event) => {
    const module = event.target.rel === "modulepreload" && event.target.href;
    const own = event.error && !read && event.filename.startsWith(new URL(".", location.href).href);
    const name = event.target.src || module || (own && event.filename);
    if (!name || named || root.dataset.state !== "booting") return;
    named = true;
    root.dataset.broken = name;
    dispatchEvent(new Event("broken")); // boot.mjs, if it is there, ends Python
    fail({
      title: "A part of this page did not load",
      what: "The script " + name.split("/").pop() + ", or one that it needs, is missing, altered or broken. Nothing can be trained without it.",
      kept: "Loading the page again may help. If it does not, whoever keeps this site has to repair it.",
      detail: event.message,
    });
  }, true);

  parsed.then(() => {
    setTheme();
    document.getElementById("theme").onclick = () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", chosen); } catch (_) { /* kept until reload */ }
      setTheme();
    };
    if (location.protocol === "file:") {
      fail({
        title: "This page has to be served",
        what: "It was opened as a file, and a browser does not start Python from files.",
        kept: "In a copy of the repository, python3 build.py serve builds the site, serves it and prints its address.",
      });
    } else if (!("noModule" in HTMLScriptElement.prototype)) {
      fail({
        title: "This browser is too old for this page",
        what: "It does not know JavaScript modules, and the Python here needs them.",
        kept: "Any browser of recent years runs it.",
      });
    }
  });
})();
