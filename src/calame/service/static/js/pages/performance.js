/** <performance-page>: how good the model is, how far to trust it, what it refuses, how steady it is, how it learned. */

import { get } from "../api.js";
import { learned, ladder, lighter, seeds, speed } from "../charts/learning.js";
import { figures, promises, refusals, steadiness, steadyCurves } from "../charts/reading.js";
import { h, Part } from "../dom.js";
import { models } from "../models.js";
import { setsOf, source } from "../records.js";
import { t } from "../words.js";
import "../parts/set-panel.js";

export class PerformancePage extends Part {
  /** @type {any} */
  #told = null;
  #asked = "";

  build() {
    this.lede = h("p", { class: "lede" });
    this.parts = h("div", { class: "perf" });
    const title = h("div", { class: "page-title" }, h("h1", { t: "perf.title" }), document.createElement("model-choice"));
    this.append(h("header", { class: "page-head" }, title, this.lede), this.parts);
  }

  async open() {
    if (this.#told && this.#asked === models.id) return;
    const told = await get(models.at("/v1/performance"));
    [this.#told, this.#asked] = [told, models.id];
    this.say();
  }

  say() {
    const told = this.#told;
    if (!told) return;
    const records = told.records;
    const own = (records.trust?.model ?? told.model) === told.model; // the records are of the model that ships
    if (this.lede) this.lede.textContent = t(own ? "perf.about" : "perf.about.other", { model: told.model });
    const groups = own
      ? [
          group("perf.good", figures(told), promises(records)),
          trust(records),
          group("perf.limits", refusals(records), steadiness(records), ...steadyCurves(records)),
          group("perf.learned", learned(records.reader?.curves ?? told.training.curves, source(records.reader)), ladder(records), seeds(records), speed(records), lighter(records)),
        ]
      : [group("perf.good", figures(told)), group("perf.learned", learned(told.training.curves, source(told.training)))];
    const shown = groups.filter((one) => one !== null);
    this.parts?.replaceChildren(...(shown.length ? shown : [h("p", { class: "nothing" }, t("perf.nothing", { model: told.model }))]));
  }
}

/**
 * @param {string} title
 * @param {...(HTMLElement | null)} charts those that the records have nothing for are null
 */
function group(title, ...charts) {
  const there = charts.filter((chart) => chart !== null);
  return there.length ? h("section", { class: "perf-group" }, h("h2", {}, t(title)), h("div", { class: "charts" }, ...there)) : null;
}

/** @param {any} records */
function trust(records) {
  const sets = setsOf(records);
  if (sets.length === 0) return null;
  const panel = /** @type {import("../parts/set-panel.js").SetPanel} */ (document.createElement("set-panel"));
  queueMicrotask(() => panel.show(sets));
  return h("section", { class: "perf-group" }, h("h2", {}, t("perf.trust")), h("p", { class: "about" }, t("perf.trust.about")), panel);
}

customElements.define("performance-page", PerformancePage);
