// A code editor in a box: CodeMirror out of PyScript's own bundle, loaded when it is first
// needed, or a plain text area where that does not load. Each file keeps its own undo.
import { element } from "./exhibits.mjs";

const LABEL = (path) => `${path}, Python source`;
// CodeMirror's colours for light paper -> ours, for both themes.
const COLOURS = { "#708": "--query", "#940": "--ink-3", "#a11": "--value", "#164": "--key", "#219": "--key", "#e40": "--value", "#00f": "--sea", "#30a": "--ink", "#085": "--sea", "#167": "--sea", "#256": "--ink", "#00c": "--ink", "#f00": "--coral-ink" };
const MONO = "400 0.8125rem/1.65 var(--mono)";

/** Make an editor: changed(path, text) on every change, leave() on Escape. */
export async function makeEditor(box, { changed, leave }) {
  try {
    return await withCodeMirror(box, changed, leave);
  } catch {
    return withTextArea(box, changed, leave);
  }
}

async function withCodeMirror(box, changed, leave) {
  document.head.append(document.getElementById("late").content); // their hashes
  const { codemirror } = await import("./pyscript/core.js");
  const parts = ["core", "state", "python", "language", "view", "commands"].map((part) => codemirror[part]);
  const [{ EditorView, basicSetup }, { Compartment, EditorState }, { python }, language, { Decoration, keymap }, { indentWithTab }] = await Promise.all(parts);
  const locked = new Compartment();
  const wrong = new Compartment();
  const states = new Map(); // path -> its state, undo and all
  let path = null;
  let lock = true;
  let quiet = false; // while we ourselves change the text

  const colours = language.HighlightStyle.define(language.defaultHighlightStyle.specs.map(({ tag, color, ...rest }) =>
    ({ ...rest, tag, ...(color && { color: `var(${COLOURS[color] ?? "--ink"})` }) })));
  const look = EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--paper)", height: "100%" },
    "&.cm-focused": { outline: "2px solid var(--coral)", outlineOffset: "2px" },
    ".cm-scroller": { font: MONO, overflow: "auto" },
    ".cm-content": { caretColor: "var(--ink)" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    ".cm-gutters": { color: "var(--ink-3)", backgroundColor: "var(--paper)", borderRight: "1px solid var(--hair)" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sunk)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--sea-soft)" },
    ".cm-selectionMatch, .cm-searchMatch, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--sea-soft)" },
    ".cm-activeLine .cm-selectionMatch": { backgroundColor: "var(--sea-soft)" },
    ".cm-panels, .cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--sunk)", borderColor: "var(--edge)" },
    ".cm-panels button, .cm-panels input": { color: "var(--ink)", backgroundColor: "var(--paper)", backgroundImage: "none", borderColor: "var(--edge)" },
    ".cm-foldPlaceholder": { color: "var(--ink-2)", backgroundColor: "var(--sunk)", borderColor: "var(--edge)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--paper)", backgroundColor: "var(--ink)" },
    ".wrong": { backgroundColor: "var(--coral-soft)", boxShadow: "inset 3px 0 var(--coral)" },
  });
  const marks = (state, line) => {
    if (!(line >= 1 && line <= state.doc.lines)) return [];
    return EditorView.decorations.of(Decoration.set([Decoration.line({ class: "wrong" }).range(state.doc.line(line).from)]));
  };
  const extensions = (name) => [
    keymap.of([{ key: "Escape", run: () => { leave(); return true; } }, indentWithTab]),
    basicSetup, python(), language.indentUnit.of("    "), language.syntaxHighlighting(colours), look,
    locked.of(EditorState.readOnly.of(true)), wrong.of([]),
    EditorView.contentAttributes.of({ "aria-label": LABEL(name), spellcheck: "false", tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !quiet) changed(path, update.state.doc.toString());
    }),
  ];
  const host = element("div", { className: "code-host" });
  host.addEventListener("keydown", (event) => event.stopPropagation()); // not the transport's
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({ parent: root, root });
  box.replaceChildren(host);
  const dress = () => view.dispatch({ effects: locked.reconfigure(EditorState.readOnly.of(lock)) });

  return {
    show(next, text) {
      if (path) states.set(path, view.state);
      path = next;
      view.setState(states.get(path) ?? EditorState.create({ doc: text, extensions: extensions(path) }));
      this.write(text);
      dress();
    },
    /** Put a text in the place of the present one, as a change that undo takes back. */
    write(text) {
      const old = view.state.doc.toString();
      if (old === text) return;
      let from = 0;
      while (from < Math.min(old.length, text.length) && old[from] === text[from]) from++;
      let end = 0;
      while (end < Math.min(old.length, text.length) - from && old.at(-1 - end) === text.at(-1 - end)) end++;
      quiet = true;
      view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } });
      quiet = false;
    },
    lock(on) { lock = on; dress(); },
    mark(line) {
      view.dispatch({ effects: wrong.reconfigure(marks(view.state, line)) });
      if (line >= 1 && line <= view.state.doc.lines) this.goTo(line);
    },
    goTo(line) {
      const { from } = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    },
    line: () => view.state.doc.lineAt(view.state.selection.main.head).number,
    focus: () => view.focus(),
    plain: false,
  };
}

function withTextArea(box, changed, leave) {
  const area = element("textarea", { spellcheck: false, readOnly: true, wrap: "off", autocapitalize: "none" });
  let path = null;
  area.oninput = () => changed(path, area.value);
  area.onkeydown = (event) => { if (event.key === "Escape") leave(); };
  box.replaceChildren(area);
  return {
    show(next, text) {
      path = next;
      area.ariaLabel = LABEL(path);
      this.write(text);
    },
    write(text) { if (area.value !== text) area.value = text; },
    lock(on) { area.readOnly = on; },
    mark(line) { if (line) this.goTo(line); },
    goTo(line) {
      const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1);
      area.setSelectionRange(before, before);
      area.scrollTop = (area.scrollHeight * (line - 6)) / area.value.split("\n").length;
    },
    line: () => area.value.slice(0, area.selectionStart).split("\n").length,
    focus: () => area.focus(),
    plain: true,
  };
}
