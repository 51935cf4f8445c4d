/** <photo-view>: one photo, the part of it that the network sees, and over it the places that speak for a class. */

import { h, Part } from "../dom.js";
import { number, t } from "../words.js";

/** @typedef {{ label: string, name: string, image: string, seen: Record<"left" | "top" | "width" | "height", number>, low: number, high: number }} Why */

export class PhotoView extends Part {
  /** @type {Why | null} */
  #why = null;
  #entry = /** @type {{ url: string, name: string } | null} */ (null);
  #strange = false; // a TIFF, a text named .jpg: whatever the network reads, the browser cannot show it

  build() {
    this.photo = h("img", { class: "pics-photo", alt: "", on: { error: () => this.#refuse() } });
    this.map = h("img", { class: "pics-map", alt: "", hidden: true });
    this.seen = h("span", { class: "pics-seen", "aria-hidden": "true", hidden: true });
    this.sheet = h("div", { class: "pics-sheet", hidden: true }, this.photo, this.map, this.seen);
    this.empty = h("p", { t: "pics.empty" });
    this.unshown = h("p", { t: "pics.unshown", hidden: true });
    this.figure = h("div", { class: "pics-figure empty" }, this.empty, this.unshown, this.sheet);
    this.low = h("span", { class: "small" });
    this.high = h("span", { class: "small" });
    this.range = h("div", { class: "pics-range", hidden: true }, this.low, h("span", { class: "map-scale", "aria-hidden": "true" }), this.high);
    this.words = h("p", { class: "small quiet" });
    this.append(this.figure, h("div", { class: "pics-under" }, this.words, this.range));
  }

  say() {
    const { photo, map, low, high, words } = this;
    if (!photo || !map || !low || !high || !words) return;
    const label = this.#why?.name ?? "";
    photo.alt = this.#entry ? t("pics.photo", { name: this.#entry.name }) : "";
    map.alt = this.#why ? t("pics.map", { label }) : "";
    words.textContent = this.#why ? t("pics.map.about", { label }) : this.#entry && !this.#strange ? t("pics.seen") : "";
    low.textContent = this.#why ? number(this.#why.low, 1) : "";
    high.textContent = this.#why ? number(this.#why.high, 1) : "";
  }

  /**
   * @param {{ url: string, name: string } | null} entry
   * @param {Why | null} [why]
   */
  show(entry, why = null) {
    const { photo, map } = this;
    if (!photo || !map) return;
    if (entry && photo.src !== entry.url) [photo.src, this.#strange] = [entry.url, false];
    this.#entry = entry;
    this.#why = this.#strange ? null : why;
    if (why) map.src = why.image;
    for (const [side, share] of Object.entries(why?.seen ?? {})) this.sheet?.style.setProperty(`--${side}`, `${share * 100}%`);
    this.#lay();
  }

  #refuse() {
    [this.#strange, this.#why] = [true, null];
    this.#lay();
  }

  /** Show what there is: the photo with or without its map, or words in its place. */
  #lay() {
    const { map, seen, sheet, empty, unshown, figure, range } = this;
    if (!map || !seen || !sheet || !empty || !unshown || !figure || !range) return;
    const [shown, explained] = [this.#entry !== null && !this.#strange, this.#why !== null];
    figure.classList.toggle("empty", !shown);
    sheet.classList.toggle("explained", explained);
    [sheet.hidden, empty.hidden, unshown.hidden] = [!shown, this.#entry !== null, !this.#entry || shown];
    [map.hidden, range.hidden, seen.hidden] = [!explained, !explained, !explained];
    this.say();
  }
}

customElements.define("photo-view", PhotoView);
