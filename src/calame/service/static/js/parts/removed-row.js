/** A line in the place of a row that was taken out: what it was, and a button that puts it back. */

import { nameOf } from "../code-pile.js";
import { h } from "../dom.js";
import { t } from "../words.js";

export class RemovedRow {
  /**
   * @param {import("./code-row.js").CodeRow} row goes from the table, and this line comes
   * @param {number} columns of the table
   * @param {() => void} undone
   */
  constructor(row, columns, undone) {
    this.row = row;
    this.told = h("span", { id: "code-removed" });
    this.undo = h("button", { type: "button", class: "quietly", t: "codes.undo", "aria-describedby": "code-removed", on: { click: undone } }, t("codes.undo"));
    this.line = h("tr", { class: "code-removed" }, h("td", { colspan: columns }, this.told, " ", this.undo));
    row.element.replaceWith(this.line);
  }

  /** @returns {string} */
  say() {
    this.told.textContent = t("codes.removed", { file: nameOf(this.row.entry) });
    return this.told.textContent;
  }

  /** @returns {Element | null} the row below, which may be there no more when this one comes back */
  restore() {
    const next = this.line.nextElementSibling;
    this.line.replaceWith(this.row.element);
    return next;
  }

  /** It cannot come back any more. */
  forget() {
    this.row.forget();
    this.line.remove();
  }
}
