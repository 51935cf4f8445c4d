/** <photo-view>: one photo, the part of it that the network sees, and over it the places that speak for a class. */

import { h, Part } from "../dom.js";
import { number, t } from "../words.js";

/** @typedef {{ label: string, name: string, image: string, seen: Record<"left" | "top" | "width" | "height", number>, low: number, high: number }} Why */

export class PhotoView extends Part {
  /** @type {Why | null} */
  #why = null;
  #shown = false;

  build() {
    this.photo = h("img", { class: "pics-photo", alt: "" });
    this.map = h("img", { class: "pics-map", alt: "", hidden: true });
    this.seen = h("span", { class: "pics-seen", "aria-hidden": "true", hidden: true });
    this.sheet = h("div", { class: "pics-sheet", hidden: true }, this.photo, this.map, this.seen);
    this.empty = h("p", { t: "pics.empty" });
    this.figure = h("div", { class: "pics-figure empty" }, this.empty, this.sheet);
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
    photo.alt = this.#shown ? t("pics.photo", { name: this.name }) : "";
    map.alt = this.#why ? t("pics.map", { label }) : "";
    words.textContent = this.#why ? t("pics.map.about", { label }) : this.#shown ? t("pics.seen") : "";
    low.textContent = this.#why ? number(this.#why.low, 1) : "";
    high.textContent = this.#why ? number(this.#why.high, 1) : "";
  }

  name = "";

  /**
   * @param {{ url: string, name: string } | null} entry
   * @param {Why | null} [why]
   * @param {Record<string, number> | null} [seen] which part of the photo was looked at
   */
  show(entry, why = null, seen = null) {
    const { photo, map, seen: frame, sheet, empty, figure, range } = this;
    if (!photo || !map || !frame || !sheet || !empty || !figure || !range) return;
    this.#shown = entry !== null;
    this.#why = why;
    this.name = entry?.name ?? "";
    if (entry && photo.src !== entry.url) photo.src = entry.url;
    figure.classList.toggle("empty", !entry);
    [empty.hidden, sheet.hidden] = [entry !== null, entry === null];
    sheet.classList.toggle("explained", why !== null);
    [map.hidden, range.hidden, frame.hidden] = [why === null, why === null, !seen];
    if (why) map.src = why.image;
    for (const [side, share] of Object.entries(why?.seen ?? seen ?? {})) sheet.style.setProperty(`--${side}`, `${share * 100}%`);
    this.say();
  }
}

customElements.define("photo-view", PhotoView);
