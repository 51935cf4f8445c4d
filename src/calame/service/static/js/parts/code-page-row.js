/** A line above the numbers of one picture, or its fields: its file, how many there are, one more by hand, and why there may be none. */

import { nameOf } from "../code-entry.js";
import { stateOf, statesOf } from "../code-rows.js";
import { codes } from "../codes.js";
import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { counted, number, t } from "../words.js";
import { UNDER } from "./code-filter.js";
import { pictured } from "./code-row.js";
import { upper, wordsOf } from "./digit-answer.js";

export class CodePageRow {
  #does;

  /**
   * @param {import("../code-entry.js").Entry} entry
   * @param {import("./code-row.js").Does} does
   */
  constructor(entry, does) {
    this.entry = entry;
    this.#does = does;
    this.picture = pictured();
    this.opener = h("button", { type: "button", class: "code-open", on: { click: () => does.open(entry) } }, this.picture);
    this.file = h("b", { class: "code-page-name" });
    this.count = h("span", { class: "small quiet" });
    this.add = h("button", { type: "button", class: "quietly code-add", on: { click: () => does.add(entry) } });
    this.back = h("button", { type: "button", class: "quietly", on: { click: () => does.back(entry) } });
    this.state = h("span", { class: "code-page-state" });
    this.remover = h("button", { type: "button", class: "tool code-remove", on: { click: () => does.drop(entry) } }, icon(ICONS.clear));
    const about = h("div", { class: "code-page-about" }, this.file, this.count, this.state, this.back, this.add);
    this.element = h("tr", { class: "code-page" }, h("td", {}, this.opener), h("td", { colspan: 4 }, about), h("td", { class: "cell-remove" }, this.remover));
  }

  say() {
    const { entry, picture } = this;
    this.element.classList.toggle("code-form", codes.named);
    if (entry.file && !picture.src) picture.src = this.#does.url(entry.file);
    const file = nameOf(entry);
    this.file.textContent = file;
    this.opener.setAttribute("aria-label", t("codes.table.open", { file }));
    this.remover.setAttribute("aria-label", t("codes.table.remove", { file }));
    this.add.textContent = t("codes.table.add");
    this.add.setAttribute("aria-label", t("codes.table.add.in", { file }));
    this.sayState();
  }

  sayState() {
    const { spots } = this.entry;
    const [{ told, left, error }] = spots;
    const states = spots.flatMap(statesOf);
    const waiting = states.filter((state) => UNDER[state] === "check").length;
    const count = codes.named ? "" : states.length ? counted("codes.table.numbers", states.length) : t("codes.none");
    this.count.textContent = told ? [count, waiting ? counted("codes.count.check", waiting) : ""].filter(Boolean).join(" · ") : "";
    this.back.hidden = left.length === 0 || !told;
    this.back.textContent = t("codes.table.back", { count: number(left.length) });
    const state = stateOf(spots[0]);
    this.add.hidden = !state || codes.named;
    if (codes.named) return this.state.replaceChildren(); // each field says its own
    if (!state) return this.state.replaceChildren(t("import.reading"));
    if (state === "refused") return this.state.replaceChildren();
    const why = error ? upper(wordsOf(error)) : "";
    this.state.replaceChildren(h("b", { class: `code-badge ${state}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, ` ${why} `), h("button", { type: "button", class: "quietly", on: { click: () => this.#does.again() } }, t("again")));
  }
}
