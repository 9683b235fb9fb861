// Experiments: what the forms of chapter 9 need beyond widgets.mjs.
import { send } from "./boot.mjs";
import { element } from "./exhibits.mjs";

/** Which settings are edited, and which are not allowed. */
export function showSetup({ state }) {
  for (const place of document.querySelectorAll("[data-setting]")) {
    const key = place.dataset.setting;
    place.classList.toggle("edited", state["setup.edited"].includes(key));
    place.querySelector("input, select").setAttribute("aria-invalid", state["setup.invalid"].includes(key));
  }
}
