/** <confusion-matrix>: what was drawn against what was read, as a table; the darker, the more. */

import { h, Part } from "../dom.js";
import { number, t } from "../words.js";

const DIGITS = [...Array(10).keys()];

export class ConfusionMatrix extends Part {
  /** @type {number[][]} rows: what was drawn */
  #counts = [];

  build() {
    this.table = h("table", { class: "matrix" });
    this.append(h("div", { class: "scroller", tabindex: 0, role: "region", tLabel: "matrix.title" }, this.table), h("p", { class: "small quiet", t: "matrix.about" }));
  }

  /** @param {number[][]} counts */
  show(counts) {
    this.#counts = counts;
    this.say();
  }

  say() {
    const most = Math.max(1, ...this.#counts.flat());
    const head = h("tr", {}, h("td", {}), ...DIGITS.map((digit) => h("th", { scope: "col" }, String(digit))));
    const rows = this.#counts.map((counts, truth) => h("tr", {}, h("th", { scope: "row" }, String(truth)), ...counts.slice(0, 10).map((count, digit) => cell(count, truth, digit, most))));
    this.table?.replaceChildren(h("caption", { class: "unseen" }, t("matrix.caption")), h("thead", {}, head), h("tbody", {}, ...rows));
  }
}

/**
 * @param {number} count
 * @param {number} truth
 * @param {number} digit
 * @param {number} most
 */
function cell(count, truth, digit, most) {
  const made = h("td", { class: truth === digit ? "right" : "wrong", title: t("matrix.cell", { truth, digit, count: number(count) }) }, count ? number(count) : "");
  made.style.setProperty("--share", String(Math.sqrt(count / most)));
  made.classList.toggle("full", count / most > 0.3);
  return made;
}

customElements.define("confusion-matrix", ConfusionMatrix);
