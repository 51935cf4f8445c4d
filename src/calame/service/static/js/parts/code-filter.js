/** <code-filter>: which rows of the pile are shown, each choice with how many there are. Says "choose", for the same one again too. */

import { h, Part } from "../dom.js";
import { number } from "../words.js";

/** @typedef {import("../code-rows.js").State} State */

const CHOICES = /** @type {const} */ (["all", "check", "accepted", "failed"]);
/** What the states are filed under; what is still being read, or to be typed, is nowhere but in the whole. */
export const UNDER = /** @type {Record<State, typeof CHOICES[number] | "">} */ ({ "": "", added: "", accepted: "accepted", person: "accepted", check: "check", refused: "check", failed: "failed" });

export class CodeFilter extends Part {
  /** @type {typeof CHOICES[number]} */
  chosen = "all";
  /** @type {State[]} */
  #states = [];

  build() {
    this.counts = CHOICES.map(() => h("span", { class: "code-count" }));
    this.choices = CHOICES.map((choice, place) => h("button", { type: "button", class: "code-choice", on: { click: () => this.#choose(choice) } }, h("span", { t: `codes.filter.${choice}` }), " ", this.counts?.[place] ?? ""));
    this.append(h("div", { role: "group", tLabel: "codes.filter" }, ...this.choices));
  }

  say() {
    for (const [place, choice] of CHOICES.entries()) {
      const count = this.#states.filter((state) => choice === "all" || UNDER[state] === choice).length;
      this.choices?.[place].setAttribute("aria-pressed", String(choice === this.chosen));
      if (this.counts) this.counts[place].textContent = number(count);
    }
  }

  /** @param {State} state @returns {boolean} whether it is chosen */
  fits(state) {
    return this.chosen === "all" || UNDER[state] === this.chosen;
  }

  /** @param {State[]} states of all rows; one row alone needs no choice */
  count(states) {
    this.#states = states;
    this.hidden = states.length < 2;
    if (this.hidden) this.chosen = "all";
    this.say();
  }

  /** @param {typeof CHOICES[number]} choice */
  #choose(choice) {
    this.chosen = choice;
    this.say();
    this.dispatchEvent(new Event("choose"));
  }
}

customElements.define("code-filter", CodeFilter);
