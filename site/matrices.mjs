// Matrices, data-matrix="e09.X": numbers in rows and columns, to open, to edit, or a row to choose.
import { tell } from "./boot.mjs";
import { element } from "./exhibits.mjs";

/** A matrix as Python has it now, in its place. */
export function showMatrix(place, exhibit, name, matrix) {
  const { values, rows, columns, use } = matrix;
  const form = JSON.stringify([values.length, values[0]?.length, rows, columns, use]);
  let table = place.firstElementChild;
  if (place.dataset.form !== form) {
    place.dataset.form = form;
    table = makeMatrix(exhibit, name, matrix);
    table.setAttribute("aria-label", place.getAttribute("aria-label") ?? name);
    place.replaceChildren(table);
  }
  table.className = matrix.tone;
  const lit = new Set(matrix.lit.map(String));
  for (const cell of table.querySelectorAll("td")) {
    const { r, c } = cell.dataset;
    const inner = cell.firstElementChild ?? cell;
    const text = values[r][c];
    if (use !== "edit") { if (inner.textContent !== text) inner.textContent = text; }
    else if (inner !== document.activeElement || inner.dataset.told) {
      inner.value = text;
      delete inner.dataset.told;
    }
    const shade = matrix.shade[r]?.[c];
    cell.className = [matrix.marks[r]?.[c], lit.has(`${r},${c}`) && "lit", shade !== undefined && `s${1 + Math.round(8 * shade)}`]
      .filter(Boolean).join(" ");
    const opened = String(matrix.opened) === `${r},${c}`;
    cell.classList.toggle("opened", opened);
    if (use === "open") inner.setAttribute("aria-pressed", opened);
  }
  if (use === "row") {
    [...table.querySelectorAll("th button")].forEach((button, r) =>
      button.setAttribute("aria-pressed", matrix.opened?.[0] === r));
  }
}

function makeMatrix(exhibit, name, { values, rows, columns, use }) {
  const table = element("table", { role: "table" });
  /** Of a cell that one can use: a button, or a field. */
  const control = (place, properties) => {
    const report = (...more) => tell(exhibit, use, [name, ...place, ...more]);
    if (use !== "edit") return element("button", { type: "button", onclick: () => report(), ...properties });
    const field = element("input", { type: "text", inputMode: "decimal", ...properties });
    field.onchange = () => { field.dataset.told = "1"; report(field.value); };
    return field;
  };
  if (columns.length) {
    const heads = columns.map((text) => element("th", { textContent: text, scope: "col" }));
    const corner = element("th", {}, element("span", { className: "vh", textContent: "row" }));
    table.append(element("tr", {}, ...(rows.length ? [corner] : []), ...heads));
  }
  values.forEach((row, r) => {
    const line = element("tr");
    if (rows.length) line.append(element("th", { scope: "row" }, use === "row" ? control([r], { textContent: rows[r] }) : rows[r]));
    row.forEach((_, c) => {
      const cell = element("td");
      Object.assign(cell.dataset, { r, c });
      const where = `${name}, row ${rows[r] ?? r + 1}, column ${columns[c] ?? c + 1}`;
      const tabIndex = r + c ? -1 : 0;
      if (use === "open") cell.append(control([r, c], { tabIndex, title: where }));
      if (use === "edit") cell.append(control([r, c], { tabIndex, ariaLabel: where }));
      line.append(cell);
    });
    table.append(line);
  });
  if (use === "open" || use === "edit") table.onkeydown = moveInMatrix;
  return table;
}

/** The arrow keys go from cell to cell; Tab leaves the matrix. */
function moveInMatrix(event) {
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const cell = event.target.closest("td");
  const move = moves[event.key];
  if (!move || !cell || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const field = event.target.localName === "input" ? event.target : null;
  if (field && move[1] && field.selectionStart !== (move[1] < 0 ? 0 : field.value.length)) return;
  event.preventDefault();
  const next = event.currentTarget.querySelector(
    `td[data-r="${Number(cell.dataset.r) + move[0]}"][data-c="${Number(cell.dataset.c) + move[1]}"]`)?.firstElementChild;
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
