/** A line above the numbers of one picture: its file, how many there are, one more by hand, and why there may be none. */

import { nameOf } from "../code-pile.js";
import { stateOf, statesOf } from "../code-rows.js";
import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { counted, number, t } from "../words.js";
import { UNDER } from "./code-filter.js";
import { pictured } from "./code-row.js";
import { upper, wordsOf } from "./digit-answer.js";

export class CodePageRow {
  #does;

  /**
   * @param {import("../code-pile.js").Entry} entry
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
    const { entry } = this;
    const states = statesOf(entry);
    const left = states.filter((state) => UNDER[state] === "check").length;
    const told = states.length ? [counted("codes.table.numbers", states.length), left ? counted("codes.count.check", left) : ""] : [t("codes.none")];
    this.count.textContent = entry.told ? told.filter(Boolean).join(" · ") : "";
    this.back.hidden = entry.left.length === 0 || !entry.told;
    this.back.textContent = t("codes.table.back", { count: number(entry.left.length) });
    const state = stateOf(entry);
    this.add.hidden = !state;
    if (!state) return this.state.replaceChildren(t("import.reading"));
    if (state === "refused") return this.state.replaceChildren();
    const why = entry.error ? upper(wordsOf(entry.error)) : "";
    this.state.replaceChildren(h("b", { class: `code-badge ${state}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, ` ${why} `), h("button", { type: "button", class: "quietly", on: { click: () => this.#does.again() } }, t("again")));
  }
}
