/** <why-answer>: where the score comes from, what the answer rests on, and the training digits that are like it. */

import { h, Part } from "../dom.js";
import { wordsOf } from "../parts/digit-answer.js";
import { number, percent, t } from "../words.js";
import { desk } from "./desk.js";
import { say } from "./number-grid.js";
import { paintMap, paintScale, shades } from "./paint.js";
import { floats, reach } from "./values.js";

const DIGITS = [...Array(10).keys()];

export class WhyAnswer extends Part {
  #asked = "";
  #near = false;
  /** @type {{ origin: any, covered: any, nearest: any } | null} */
  #found = null;

  build() {
    this.about = h("select", { id: "why-digit", on: { change: () => this.#ask() } });
    this.word = h("p", { class: "small danger", role: "status" });
    this.origin = figure("inside.why.origin");
    this.exact = h("input", { type: "checkbox", class: "switch", id: "why-exact", on: { change: () => this.say() } });
    this.origin.element.append(h("label", { class: "toggle small", for: "why-exact" }, this.exact, h("span", { class: "why-coarse" })));
    this.covered = figure("inside.why.covered");
    this.near = h("div", { class: "near" });
    this.nearWords = h("figcaption", { class: "small" });
    this.nearest = h("figure", {}, h("h3", { t: "inside.why.nearest" }), this.near, this.nearWords);
    this.figures = h("div", { class: "why-figures" }, this.origin.element, this.covered.element, this.nearest);
    this.append(h("p", { class: "row" }, h("label", { for: "why-digit", t: "inside.why.digit" }), this.about), this.word, this.figures);
    desk.addEventListener("rest", () => this.#ask());
    desk.addEventListener("look", () => this.#choices());
    desk.addEventListener("network", () => this.#forget());
    shades.addEventListener("change", () => this.say());
    new IntersectionObserver((seen) => this.#seen(seen.some((one) => one.isIntersecting)), { rootMargin: "300px" }).observe(this);
  }

  /** @param {boolean} near */
  #seen(near) {
    this.#near = near;
    if (near) this.#ask();
  }

  /** Another network: nothing of what is shown is of it. */
  #forget() {
    [this.#found, this.#asked] = [null, ""];
    this.say();
  }

  #choices() {
    this.figures?.classList.toggle("stale", !desk.look || !this.#asked.endsWith(desk.look.prepared));
    const select = /** @type {HTMLSelectElement} */ (this.about);
    const options = [t("inside.why.answer", { digit: desk.answer < 0 ? "–" : desk.answer }), ...DIGITS.map(String)];
    if (select.options.length === options.length) select.options[0].textContent = options[0];
    else select.replaceChildren(...options.map((words, at) => h("option", { value: at ? at - 1 : "" }, words)));
  }

  async #ask() {
    if (!this.#near || !desk.look) return;
    const chosen = /** @type {HTMLSelectElement} */ (this.about).value;
    const digit = chosen === "" ? desk.answer : Number(chosen);
    const asked = `${digit} ${desk.network?.model} ${desk.look.prepared}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      const [origin, covered, nearest] = await Promise.all([desk.post(`class?digit=${digit}`), desk.post(`occlusion?digit=${digit}`), desk.post("neighbours?")]);
      if (asked !== this.#asked) return;
      this.#found = { origin, covered, nearest };
      /** @type {HTMLElement} */ (this.word).textContent = "";
      this.say();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#asked = "";
      /** @type {HTMLElement} */ (this.word).textContent = wordsOf(/** @type {Error} */ (error));
    }
  }

  say() {
    this.#choices();
    const [found, look] = [this.#found, desk.look];
    this.figures?.toggleAttribute("hidden", !found);
    if (!found || !look) return;
    this.#sayOrigin(found.origin, look.pixels);
    this.#sayCovered(found.covered, look.pixels);
    this.#sayNearest(found.nearest);
  }

  /**
   * @param {any} origin
   * @param {Uint8Array} ink
   */
  #sayOrigin(origin, ink) {
    const exact = /** @type {HTMLInputElement} */ (this.exact).checked;
    const { values } = floats(exact ? origin.spread : origin.fine);
    const values2 = { digit: origin.digit, places: floats(origin.values).shape.join(" × "), score: say(origin.logit), bias: say(origin.bias) };
    const words = !exact ? "inside.why.origin.fine" : origin.exact ? "inside.why.origin.exact" : "inside.why.origin.gradient";
    /** @type {HTMLElement} */ (this.querySelector(".why-coarse")).textContent = t(origin.exact ? "inside.why.exact" : "inside.why.coarse");
    const most = reach(values);
    show(/** @type {Figure} */ (this.origin), values, ink, `${t("inside.against")} ${say(-most)}`, `${say(most)} ${t("inside.for")}`, t(words, values2));
  }

  /**
   * @param {any} covered
   * @param {Uint8Array} ink
   */
  #sayCovered(covered, ink) {
    const { values } = floats(covered.values);
    const most = reach(values);
    const points = (/** @type {number} */ share) => number(Math.max(0, share) * 100, 1);
    const about = t("inside.why.covered.about", { digit: covered.digit, size: covered.size, before: percent(covered.before), mean: points(Math.max(...values)), most: points(covered.most) });
    show(/** @type {Figure} */ (this.covered), values, ink, t("inside.rises", { points: number(most * 100, 1) }), t("inside.falls", { points: number(most * 100, 1) }), about);
  }

  /** @param {any} nearest */
  #sayNearest({ digits, among, credit }) {
    this.near?.replaceChildren(...digits.map((/** @type {any} */ one) => h("div", {}, h("img", { src: one.image, width: 28, height: 28, alt: t("inside.why.nearest.one", { digit: one.label, distance: number(one.distance, 1) }) }), h("span", { class: "small quiet", "aria-hidden": "true" }, `${one.label} · ${number(one.distance, 1)}`))));
    /** @type {HTMLElement} */ (this.nearWords).textContent = digits.length ? t("inside.why.nearest.about", { among: number(among), source: credit.join(", ") }) : t("inside.why.nearest.none");
  }
}

/** @typedef {{ element: HTMLElement, canvas: HTMLCanvasElement, paint: HTMLCanvasElement, low: HTMLElement, high: HTMLElement, words: HTMLElement }} Figure */

/** @param {string} words key of its title @returns {Figure} */
function figure(words) {
  const made = { canvas: h("canvas", { class: "why-map", role: "img", tLabel: words }), paint: h("canvas", { class: "net-scale" }), low: h("span"), high: h("span"), words: h("figcaption", { class: "small" }) };
  const scale = h("p", { class: "net-range small quiet" }, made.low, made.paint, made.high);
  return { ...made, element: h("figure", {}, h("h3", { t: words }), made.canvas, scale, made.words) };
}

/**
 * @param {Figure} one
 * @param {Float32Array} values (28, 28)
 * @param {Uint8Array} ink
 * @param {string} low
 * @param {string} high
 * @param {string} words
 */
function show({ canvas, paint, low: below, high: above, words: caption }, values, ink, low, high, words) {
  paintMap(canvas, { values, height: 28, width: 28 }, reach(values), { ink });
  paintScale(paint, -1, 1);
  [below.textContent, above.textContent, caption.textContent] = [low, high, words];
}

customElements.define("why-answer", WhyAnswer);
