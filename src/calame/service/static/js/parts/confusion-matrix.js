/** <confusion-matrix>: what was written against what was read, as a table; the darker, the more. */

import { h, Part } from "../dom.js";
import { number, t } from "../words.js";

const DIGITS = [...Array(10).keys()];
const REFUSED = 10; // the column of those that were not answered, where there is one

export class ConfusionMatrix extends Part {
  /** @type {number[][]} rows: what was written */
  #counts = [];

  build() {
    this.table = h("table", { class: "matrix" });
    this.about = h("p", { class: "small quiet" });
    this.append(h("div", { class: "scroller", tabindex: 0, role: "region", tLabel: "matrix.title" }, this.table), this.about);
  }

  /** @param {number[][]} counts */
  show(counts) {
    this.#counts = counts;
    this.say();
  }

  say() {
    const counts = this.#counts;
    const refused = counts.some((row) => row.length > REFUSED);
    const right = Math.max(1, ...DIGITS.map((digit) => counts[digit]?.[digit] ?? 0));
    const wrong = Math.max(1, ...counts.flatMap((row, truth) => row.filter((_, digit) => digit !== truth)));
    const columns = refused ? [...DIGITS, REFUSED] : DIGITS;
    const head = h("tr", {}, h("td", {}), ...columns.map((column) => h("th", { scope: "col" }, ...heading(column))));
    const rows = counts.map((row, truth) => h("tr", {}, h("th", { scope: "row" }, String(truth)), ...columns.map((column) => cell(row[column] ?? 0, truth, column, column === truth ? right : wrong))));
    this.table?.replaceChildren(h("caption", { class: "unseen" }, t("matrix.caption")), h("thead", {}, head), h("tbody", {}, ...rows));
    if (this.about) this.about.textContent = t(refused ? "matrix.about.refused" : "matrix.about");
  }
}

/** @param {number} column */
const heading = (column) => (column === REFUSED ? [h("span", { "aria-hidden": "true" }, "–"), h("span", { class: "unseen" }, t("matrix.refused"))] : [String(column)]);

/**
 * @param {number} count
 * @param {number} truth
 * @param {number} column
 * @param {number} most of its kind: right answers and wrong ones have a scale each
 */
function cell(count, truth, column, most) {
  const digit = column === REFUSED ? t("matrix.refused") : column;
  const kind = truth === column ? "right" : column === REFUSED ? "refused" : "wrong";
  const made = h("td", { class: kind, title: t("matrix.cell", { truth, digit, count: number(count) }) }, count ? String(count) : "");
  const share = Math.sqrt(count / most);
  const full = kind === "right" && share > 0.6;
  made.classList.toggle("full", full);
  made.style.setProperty("--share", String(tone(share, full)));
  return made;
}

/**
 * How dark: pale enough for dark words, or dark enough for pale ones, and nothing between, where neither can be read.
 * @param {number} share
 * @param {boolean} full
 */
const tone = (share, full) => (full ? 0.8 + 0.5 * (share - 0.6) : 0.48 * share);

customElements.define("confusion-matrix", ConfusionMatrix);
