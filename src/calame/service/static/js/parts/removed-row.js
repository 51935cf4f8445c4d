/** A line in the place of a row that was taken out: what it was, and a button that puts it back. */

import { h } from "../dom.js";
import { t } from "../words.js";

export class RemovedRow {
  #words;

  /**
   * @param {number} columns of the table
   * @param {() => string} words what was taken out
   * @param {() => void} undone
   */
  constructor(columns, words, undone) {
    this.#words = words;
    this.told = h("span", { id: "code-removed" });
    this.undo = h("button", { type: "button", class: "quietly", t: "codes.undo", "aria-describedby": "code-removed", on: { click: undone } }, t("codes.undo"));
    this.line = h("tr", { class: "code-removed" }, h("td", { colspan: columns }, this.told, " ", this.undo));
  }

  /** @returns {string} */
  say() {
    this.told.textContent = this.#words();
    return this.told.textContent;
  }

  /** It cannot come back any more. */
  forget() {
    this.line.remove();
  }
}
