/** <filter-taste>: the picture that a filter or a class answers to most, grown by the service. */

import { get } from "../api.js";
import { h, Part } from "../dom.js";
import { models } from "../models.js";
import { wordsOf } from "../parts/digit-answer.js";
import { t } from "../words.js";
import { say } from "./number-grid.js";

const CALM = 500; // milliseconds that a choice has to last

export class FilterTaste extends Part {
  #asked = "";
  #of = "map";
  #timer = 0;
  /** @type {{ image: string, response: number, noise: number } | null} */
  #found = null;

  build() {
    this.picture = h("img", { width: 28, height: 28, alt: "" });
    this.caption = h("figcaption", { class: "small" });
    this.append(h("figure", { class: "maker-field" }, h("h4", { t: "inside.taste" }), h("div", { class: "maker-frame" }, this.picture), this.caption));
  }

  say() {
    const found = this.#found;
    /** @type {HTMLImageElement} */ (this.picture).hidden = !found;
    if (found) {
      /** @type {HTMLImageElement} */ (this.picture).src = found.image;
      /** @type {HTMLImageElement} */ (this.picture).alt = t("inside.taste.alt");
    }
    /** @type {HTMLElement} */ (this.caption).textContent = found ? t(`inside.taste.about.${this.#of}`, { value: say(found.response), noise: say(found.noise) }) : t("inside.taste.wait");
  }

  /**
   * @param {string} layer
   * @param {number} unit
   * @param {"map" | "unit" | "class"} of what it answers with: the middle of a map, its one value, a score
   */
  ask(layer, unit, of) {
    const asked = `${models.id} ${layer} ${unit}`;
    if (asked === this.#asked) return;
    this.#of = of;
    [this.#asked, this.#found] = [asked, null];
    this.say();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#grow(asked, layer, unit), CALM);
  }

  /**
   * @param {string} asked
   * @param {string} layer
   * @param {number} unit
   */
  async #grow(asked, layer, unit) {
    if (!asked.startsWith(`${models.id} `)) this.#asked = ""; // another network reads by now
    if (asked !== this.#asked) return;
    const found = await get(models.at(`/v1/inside/liking?layer=${encodeURIComponent(layer)}&unit=${unit}`)).catch((error) => error);
    if (asked !== this.#asked) return;
    if (!(found instanceof Error)) this.#found = found;
    this.say();
    if (found instanceof Error && this.caption) [this.#asked, this.caption.textContent] = ["", wordsOf(found)];
  }
}

customElements.define("filter-taste", FilterTaste);
