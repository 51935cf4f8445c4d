/** <data-browser>: the shipped samples; and MNIST's test set, when it is on this machine. */

import { call, get } from "../api.js";
import { h, icon, Part, toggle } from "../dom.js";
import { ICONS } from "../icons.js";
import { models } from "../models.js";
import { sourceOf } from "../pictures.js";
import { studio } from "../studio.js";
import { number, t } from "../words.js";
import { wordsOf } from "./digit-answer.js";

const COUNT = 10_000;

export class DataBrowser extends Part {
  #index = -1; // none yet: the next one is the first
  /** @type {number[] | null} the indices to walk through; null: all */
  #only = null;
  /** @type {import("../studio.js").Source | null} */
  #shown = null;
  #loaded = false;

  build() {
    this.samples = h("div", { class: "samples", role: "group", tLabel: "data.samples" });
    this.word = h("p", { class: "small", role: "status" });
    this.digits = h("div", { class: "mnist", hidden: true }, ...this.#walker());
    this.append(h("p", { class: "small quiet", t: "data.about" }), this.samples, this.digits, this.word);
    studio.addEventListener("reading", () => this.say());
    models.addEventListener("change", () => this.errors?.box.checked && this.#filter(true));
  }

  async open() {
    studio.show(this.#shown);
    await this.#try(() => this.#load());
  }

  async #load() {
    if (this.#loaded) return;
    const { samples, mnist } = await get("/v1/samples");
    this.#loaded = true;
    this.samples?.replaceChildren(...samples.map((/** @type {any} */ one) => this.#sample(one)));
    if (this.digits) this.digits.hidden = !mnist;
    this.say();
  }

  /** Show any of the samples. */
  async any() {
    await this.#try(() => this.#load());
    const all = this.samples?.children ?? [];
    /** @type {HTMLElement | undefined} */ (all[Math.floor(Math.random() * all.length)])?.click();
  }

  /**
   * @template Result
   * @param {() => Promise<Result>} act
   * @returns {Promise<Result | null>} null when it fails, which is said
   */
  async #try(act) {
    try {
      return await act();
    } catch (error) {
      if (this.word) this.word.textContent = wordsOf(/** @type {Error} */ (error));
      return null;
    }
  }

  say() {
    const reading = studio.source === this.#shown ? studio.reading : null;
    const truth = this.#shown?.truth;
    for (const button of this.samples?.children ?? []) button.setAttribute("aria-label", t("data.sample", { digit: /** @type {HTMLElement} */ (button).dataset.label }));
    if (!this.word || !reading || truth === null || truth === undefined) return;
    this.word.textContent = t(reading.digit === truth ? "data.right" : "data.wrong", { truth, digit: reading.digit ?? "–" });
  }

  /** @param {{ name: string, label: number, url: string }} sample */
  #sample({ name, label, url }) {
    const picture = h("img", { src: url, alt: "", loading: "lazy" });
    return h("button", { type: "button", class: "sample", "data-label": label, on: { click: () => this.#try(() => this.#show(url, name, label)) } }, picture);
  }

  #walker() {
    this.where = h("input", { type: "number", min: 0, max: COUNT - 1, value: 0, id: "mnist-index", on: { change: () => this.#go(Number(this.where?.value)) } });
    this.errors = toggle("data.errors", (on) => this.#filter(on));
    this.errorCount = h("span", { class: "small quiet" });
    return [
      h("h3", { t: "data.mnist" }),
      h("div", { class: "row" },
        h("label", { for: "mnist-index", t: "data.index" }), this.where,
        h("button", { type: "button", class: "tool", tLabel: "data.next", tTitle: "data.next", on: { click: () => this.#next(1) } }, icon(ICONS.next)),
        h("button", { type: "button", class: "tool", tLabel: "data.random", tTitle: "data.random", on: { click: () => this.#random() } }, icon(ICONS.shuffle))),
      h("div", { class: "row" }, this.errors.label, this.errorCount),
    ];
  }

  /** @param {boolean} on */
  async #filter(on) {
    if (this.errorCount) this.errorCount.textContent = on ? t("data.errors.wait") : "";
    const asked = models.id;
    const found = on ? await this.#try(() => get(models.at("/v1/mnist?errors=1"))) : null;
    if (asked !== models.id) return;
    this.#only = found?.indices ?? null;
    if (this.errorCount) this.errorCount.textContent = this.#only ? t("data.errors.count", { count: number(this.#only.length) }) : "";
    if (this.#only?.length) this.#go(this.#only[0]);
  }

  /** @param {number} by */
  #next(by) {
    const list = this.#only;
    if (!list?.length) return this.#go((this.#index + by + COUNT) % COUNT);
    const at = list.findIndex((index) => index > this.#index);
    return this.#go(list[at === -1 ? 0 : at]);
  }

  #random() {
    const among = this.#only?.length ? this.#only : null;
    const draw = Math.floor(Math.random() * (among?.length ?? COUNT));
    return this.#go(among ? among[draw] : draw);
  }

  /** @param {number} index */
  #go(index) {
    this.#index = Math.min(COUNT - 1, Math.max(0, Math.round(index) || 0));
    if (this.where) this.where.value = String(this.#index);
    return this.#try(() => this.#show(`/v1/mnist/${this.#index}`, `mnist-${this.#index}.png`, null));
  }

  /**
   * @param {string} url
   * @param {string} name
   * @param {number | null} label null: the service says it
   */
  async #show(url, name, label) {
    const answer = await call(url);
    const truth = label ?? Number(answer.headers.get("X-Label"));
    this.#shown = await sourceOf("data", await answer.blob(), name, truth);
    if (this.word) this.word.textContent = "";
    studio.show(this.#shown);
  }
}

customElements.define("data-browser", DataBrowser);
