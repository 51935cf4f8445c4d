/** <class-origin>: where the score of a class comes from, as a sum over the last maps. */

import { bring, h, Part } from "../dom.js";
import { upper, wordsOf } from "../parts/digit-answer.js";
import { inRow, number, percent, t } from "../words.js";
import { desk } from "./desk.js";
import { FilterTaste } from "./filter-taste.js";
import { nameOf, wordsFor } from "./names.js";
import { plus, say, times } from "./number-grid.js";
import { paintMap, shade, shades } from "./paint.js";
import { floats, mapOf, reach } from "./values.js";

const TOLD = 8; // terms that are shown one by one

/** @typedef {{ stage: string, map: number, share: number, value?: number, weight?: number }} Term */

export class ClassOrigin extends Part {
  /** @type {any} */
  #found = null;
  #asked = "";

  build() {
    this.heading = h("h3");
    this.about = h("p", { class: "about" });
    this.word = h("p", { class: "small danger", role: "status" });
    this.list = h("ol", { class: "terms" });
    this.sum = h("p", { class: "terms-sum" });
    this.softmax = h("p", { class: "about" });
    this.parts = h("p", { class: "small quiet" });
    this.taste = new FilterTaste();
    const reckoning = h("div", {}, this.list, this.sum, this.parts, this.softmax);
    this.body = h("div", { class: "origin", hidden: true }, reckoning, this.taste);
    this.append(this.heading, this.about, this.word, this.body);
    desk.addEventListener("choice", (event) => this.#ask(/** @type {CustomEvent} */ (event).detail));
    desk.addEventListener("rest", () => this.#ask("same"));
    shades.addEventListener("change", () => this.say());
  }

  /** @param {string} by */
  async #ask(by) {
    const choice = desk.choice;
    this.hidden = !choice || choice.stage !== desk.last?.name || !desk.look;
    if (this.hidden || !choice) return;
    const asked = `${choice.map} ${desk.look?.prepared}`;
    if (asked !== this.#asked || !this.#found) {
      this.#asked = asked;
      const found = await desk.post(`class?digit=${choice.map}`).catch((error) => this.#without(error));
      if (this.#asked !== asked || !found) return;
      this.#found = found;
    }
    this.say();
    this.taste?.ask(/** @type {string} */ (desk.last?.layers.at(-1)), choice.map, "class");
    if (by === "pointer") bring(this.closest("section"));
    if (by === "keys") /** @type {HTMLElement | null} */ (this.list?.querySelector("button"))?.focus();
  }

  /** @param {Error} error */
  #without(error) {
    [this.#found, this.#asked] = [null, ""];
    if (this.word) this.word.textContent = wordsOf(error);
    return null;
  }

  say() {
    const found = this.#found;
    if (!found || this.hidden) return;
    const { digit, logit, bias } = found;
    const units = found.terms.every((/** @type {any} */ one) => desk.stage(one.name)?.kind === "Dense");
    this.body?.removeAttribute("hidden");
    /** @type {Term[]} */
    const terms = found.terms.flatMap((/** @type {any} */ one) => termsOf(one));
    const ordered = [...terms].sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
    const told = ordered.slice(0, TOLD);
    const rest = ordered.slice(TOLD).reduce((sum, { share }) => sum + share, 0);
    /** @type {HTMLElement} */ (this.word).textContent = "";
    /** @type {HTMLElement} */ (this.heading).textContent = t("inside.class.title", { digit });
    /** @type {HTMLElement} */ (this.about).textContent = t(`inside.class.about${units ? ".units" : ""}`, { digit, score: say(logit), count: number(terms.length) });
    this.list?.replaceChildren(...told.map((term) => item(term, Math.abs(told[0].share) || 1)));
    /** @type {HTMLElement} */ (this.sum).textContent = t("inside.class.sum", { told: say(told.reduce((sum, { share }) => sum + share, 0)), count: number(terms.length - told.length), rest: plus(rest), bias: plus(bias), score: say(logit) });
    /** @type {HTMLElement} */ (this.softmax).textContent = t("inside.class.softmax", { digit, share: percent(desk.look?.probabilities[digit] ?? 0) });
    /** @type {HTMLElement} */ (this.parts).textContent = found.terms.length > 1 ? t("inside.class.parts", { parts: inRow(found.terms.map((/** @type {any} */ one) => `${wordsFor("strip", desk.stage(one.name)?.kind ?? "")} ${say(sumOf(one))}`)) }) : "";
    this.#thread(found);
  }

  /** @param {any} found */
  #thread({ terms }) {
    const sums = terms.map((/** @type {any} */ one) => ({ stage: one.name, map: 0, share: sumOf(one) }));
    const most = reach(sums.map((/** @type {Term} */ one) => one.share));
    desk.dispatchEvent(new CustomEvent("threads", { detail: sums.map((/** @type {Term} */ one) => ({ ...one, share: one.share / most })) }));
  }
}

/** @param {any} told @returns {Term[]} */
function termsOf({ name, shares, values, weights }) {
  const [each, every] = [values && floats(values).values, weights && floats(weights).values];
  return [...floats(shares).values].map((share, map) => ({ stage: name, map, share, value: each?.[map], weight: every?.[map] }));
}

/** @param {any} told @returns {number} */
const sumOf = ({ shares }) => floats(shares).values.reduce((sum, share) => sum + share, 0);

/**
 * One term: the map that it is of, what is taken from it, and what that adds.
 * @param {Term} term
 * @param {number} most
 */
function item({ stage, map, share, value, weight }, most) {
  const [colour] = shade(Math.sign(share) * 0.62);
  const bar = h("span", { class: "term-bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(Math.abs(share) / most));
  bar.style.setProperty("--tone", colour);
  const kind = desk.stage(stage)?.kind ?? "";
  const [source] = desk.stage(stage)?.sources ?? [];
  const seen = desk.look?.layers.get(source);
  const canvas = h("canvas", { "aria-hidden": "true" });
  const there = kind !== "Dense" && seen && seen.shape.length === 3 && map < seen.shape[0];
  if (there) paintMap(canvas, mapOf(seen, map), reach([seen.low, seen.high]), { signed: seen.low < 0 });
  const choose = (/** @type {MouseEvent} */ event) => desk.choose({ stage, map }, event.detail ? "pointer" : "keys");
  const words = h("span", {}, wordsFor("term", kind, { name: nameOf(there ? source : stage, map) }) || upper(nameOf(stage, map)));
  return h("li", {}, h("button", { type: "button", class: "term", on: { click: choose } }, there ? canvas : null, words, bar, h("span", { class: "term-product" }, value === undefined || weight === undefined ? "" : `${times(value, weight)} =`), h("b", {}, say(share))));
}

customElements.define("class-origin", ClassOrigin);
