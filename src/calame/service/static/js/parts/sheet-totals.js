/** <sheet-totals>: how many were right, with the interval; how sure; the best and the hardest digits. */

import { h, Part } from "../dom.js";
import { number, percent, t } from "../words.js";

/** @typedef {{ n: number, right: number, rate: number | null, interval: [number, number] | null, mean_confidence: number | null, best: number[], hardest: number[], refused: number }} Sheet */

export class SheetTotals extends Part {
  /** @type {Sheet | null} */
  #sheet = null;

  build() {
    this.list = h("dl", { class: "totals" });
    this.append(this.list);
  }

  /** @param {Sheet} sheet */
  show(sheet) {
    this.#sheet = sheet;
    this.say();
  }

  say() {
    const sheet = this.#sheet;
    if (!sheet) return;
    const share = (/** @type {number | null} */ value) => (value === null || value === undefined ? "–" : percent(value));
    const interval = sheet.n && sheet.interval ? t("totals.interval", { low: percent(sheet.interval[0]), high: percent(sheet.interval[1]) }) : "";
    this.list?.replaceChildren(
      total("totals.rate", sheet.n ? share(sheet.rate) : "–", interval, "large"),
      total("totals.right", t("totals.of", { right: number(sheet.right), count: number(sheet.n) }), sheet.refused ? t("totals.refused", { count: number(sheet.refused) }) : ""),
      total("totals.confidence", share(sheet.mean_confidence)),
      total("totals.best", sheet.best?.join(" ") || "–"),
      total("totals.hardest", sheet.hardest?.join(" ") || "–"),
    );
  }
}

/**
 * @param {string} words
 * @param {string} value
 * @param {string} [more]
 * @param {string} [kind]
 */
function total(words, value, more = "", kind = "") {
  return h("div", { class: kind }, h("dt", {}, t(words)), h("dd", {}, value, more ? h("span", { class: "small quiet" }, ` ${more}`) : null));
}

customElements.define("sheet-totals", SheetTotals);
