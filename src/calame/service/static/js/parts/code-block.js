/** A block of code with a button that copies it. */

import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { t } from "../words.js";

const SAID = 1600; // milliseconds that "copied" stays

/**
 * @param {string} title
 * @param {string} code
 */
export function codeBlock(title, code) {
  const told = h("span", { class: "small", role: "status" });
  const copy = h("button", { type: "button", class: "tool", "aria-label": `${t("api.copy")} · ${title}`, title: t("api.copy"), on: { click: () => copied(code, told) } }, icon(ICONS.copy));
  return h("section", { class: "code" }, h("div", { class: "code-head" }, h("h2", {}, title), told, copy), h("pre", {}, h("code", {}, code)));
}

/**
 * @param {string} code
 * @param {HTMLElement} told
 */
export async function copied(code, told) {
  try {
    await navigator.clipboard.writeText(code);
    told.textContent = t("api.copied");
  } catch {
    told.textContent = t("api.uncopied");
  }
  setTimeout(() => (told.textContent = ""), SAID);
}
