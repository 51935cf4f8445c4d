/** <feature-grid>: what every layer makes of this picture, a layer at a time; and the first layer's filters. */

import { get } from "../api.js";
import { h, Part } from "../dom.js";
import { bothOf, titlesOf } from "../layer-names.js";
import { models } from "../models.js";
import { studio } from "../studio.js";
import { t } from "../words.js";
import { wordsOf } from "./digit-answer.js";
import "./map-grid.js";

export class FeatureGrid extends Part {
  /** @type {string} */
  #layer = "";
  #names = "";
  #filtered = ""; // the model whose filters are shown

  build() {
    this.select = h("select", { id: "layer", on: { change: () => this.#choose(/** @type {HTMLSelectElement} */ (this.select).value) } });
    this.back = h("button", { type: "button", class: "tool", tLabel: "layers.before", on: { click: () => this.#move(-1) } }, "‹");
    this.forth = h("button", { type: "button", class: "tool", tLabel: "layers.after", on: { click: () => this.#move(1) } }, "›");
    this.about = h("p", { class: "small quiet" });
    this.maps = /** @type {import("./map-grid.js").MapGrid} */ (document.createElement("map-grid"));
    this.empty = h("p", { class: "quiet", t: "layers.empty" });
    this.filters = /** @type {import("./map-grid.js").MapGrid} */ (document.createElement("map-grid"));
    this.maps.hidden = true;
    this.word = h("p", { class: "small danger", role: "status" });
    this.details = h("details", { class: "filters", on: { toggle: () => this.#filters() } }, h("summary", { t: "filters.title" }), h("p", { class: "small quiet", t: "filters.about" }), this.word, this.filters);
    this.choice = h("div", { class: "layer-choice", hidden: true }, h("label", { for: "layer", t: "layers.layer" }), this.back, this.select, this.forth);
    this.append(this.choice, this.about, this.empty, this.maps, this.details);
    models.addEventListener("change", () => this.#filters());
    studio.addEventListener("reading", () => this.#show());
    studio.addEventListener("failed", () => this.#show());
    this.#show();
    new IntersectionObserver((seen) => this.#seen(seen.some((one) => one.isIntersecting)), { rootMargin: "200px" }).observe(this);
  }

  say() {
    this.#name();
    this.#describe();
  }

  /** @param {boolean} inSight */
  #seen(inSight) {
    studio.featuresSeen = inSight;
    if (inSight && studio.reading?.prepared && !studio.reading.features) studio.refresh();
  }

  #show() {
    const features = studio.reading?.features;
    if (this.empty) this.empty.hidden = Boolean(features);
    for (const part of [this.maps, this.choice, this.about]) part?.toggleAttribute("hidden", !features);
    if (!features?.length) return;
    const names = features.map((one) => one.layer).join();
    if (names !== this.#names) this.#list(features, names);
    this.#choose(this.#layer);
  }

  /**
   * @param {import("../api.js").Maps[]} features
   * @param {string} names
   */
  #list(features, names) {
    this.#names = names;
    if (!features.some((one) => one.layer === this.#layer)) this.#layer = features[0].layer;
    this.select?.replaceChildren(...features.map((one) => h("option", { value: one.layer })));
    this.#name();
  }

  /** Each layer by both its names: as the page Inside calls it, and as the model's file and Python do. */
  #name() {
    const features = studio.reading?.features ?? [];
    const titles = titlesOf(features.map(({ layer, kind }) => ({ name: layer, kind })));
    for (const option of this.select?.options ?? []) {
      const one = features.find(({ layer }) => layer === option.value);
      if (one) option.textContent = `${bothOf(titles.get(one.layer), one.layer)} · ${one.shape.join("×")}`;
    }
  }

  /** @param {number} by */
  #move(by) {
    const select = /** @type {HTMLSelectElement} */ (this.select);
    const index = Math.min(select.options.length - 1, Math.max(0, select.selectedIndex + by));
    this.#choose(select.options[index]?.value ?? "");
  }

  /** @param {string} layer */
  #choose(layer) {
    const one = studio.reading?.features?.find((maps) => maps.layer === layer);
    if (!one || !this.select) return;
    this.#layer = layer;
    this.select.value = layer;
    this.#describe();
    this.maps?.show(one);
  }

  #describe() {
    const one = studio.reading?.features?.find((maps) => maps.layer === this.#layer);
    if (one && this.about) this.about.textContent = t("layers.about", { kind: one.kind, shape: one.shape.join("×") });
  }

  /** Those of the model that reads, as soon as somebody looks. */
  async #filters() {
    if (!this.details?.open || this.#filtered === models.id) return;
    const model = (this.#filtered = models.id);
    const drawn = await get(models.at("/v1/model/filters")).catch((error) => this.#without(error));
    if (drawn && model === models.id) this.filters?.show(drawn, "filters");
    this.filters?.toggleAttribute("hidden", !drawn);
    if (drawn && this.word) this.word.textContent = "";
  }

  /** @param {Error} error no filters could be had */
  #without(error) {
    this.#filtered = "";
    if (this.word) this.word.textContent = wordsOf(error);
    return null;
  }
}

customElements.define("feature-grid", FeatureGrid);
