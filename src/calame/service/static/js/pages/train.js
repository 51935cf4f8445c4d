/** <train-page>: choose a network, give it digits, watch it learn, compare, draw with it. */

import { h, Part, toggle } from "../dom.js";
import { models } from "../models.js";
import { training } from "../training.js";
import { number, t } from "../words.js";
import { wordsOf } from "../parts/digit-answer.js";
import "../parts/layer-stack.js";
import "../parts/live-run.js";
import "../parts/run-table.js";

const SHARES = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000]; // digits
const FIRST_SHARE = 10_000;
const RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const OWN = "own";
const OWN_PLAN = { epochs: 5, rate: 0.001, augment: false };

export class TrainPage extends Part {
  #filled = false;
  #warmed = false;

  build() {
    this.word = h("p", { class: "small danger", role: "alert" });
    this.trouble = h("section", { class: "train-trouble", hidden: true });
    this.networks = h("div", { class: "networks" });
    this.stack = /** @type {import("../parts/layer-stack.js").LayerStack} */ (document.createElement("layer-stack"));
    this.stack.addEventListener("change", () => this.#ready());
    this.share = h("input", { type: "range", id: "train-share", min: 0, max: SHARES.length - 1, step: 1, value: SHARES.indexOf(FIRST_SHARE), "aria-describedby": "train-share-about", on: { input: () => this.#said() } });
    this.shared = h("output", { for: "train-share" });
    this.epochs = h("input", { type: "number", id: "train-epochs", min: 1, max: 100, step: 1, value: 5, required: true });
    this.rate = h("select", { id: "train-rate", "aria-describedby": "train-rate-about" });
    this.seed = h("input", { type: "number", id: "train-seed", min: 0, max: 2 ** 31 - 1, step: 1, value: 0, required: true, "aria-describedby": "train-seed-about" });
    this.augment = toggle("train.augment", () => undefined, { id: "train-augment", "aria-describedby": "train-augment-about" });
    this.go = h("button", { class: "button", t: "train.start" });
    this.form = this.#form();
    this.live = document.createElement("live-run");
    this.waiting = h("p", { class: "live-empty", t: "train.empty" });
    this.table = document.createElement("run-table");
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "train.title" }), h("p", { class: "lede", t: "train.about" })),
      this.trouble,
      h("div", { class: "train-columns" }, this.form, h("section", { class: "live", tLabel: "train.live" }, this.waiting, this.live)),
      h("section", { class: "train-runs" }, h("h2", { t: "train.runs" }), this.table));
    this.#listen();
  }

  #form() {
    const field = (/** @type {string} */ name, /** @type {Node} */ input, /** @type {string | null} */ about, /** @type {Node} */ beside = h("span", {})) =>
      h("div", { class: "field" }, h("label", { for: `train-${name}`, t: `train.${name}` }), h("div", { class: "field-input" }, input, beside), about ? h("p", { class: "small quiet", id: `train-${name}-about`, t: about }) : null);
    const form = h("form", { class: "train-form", tLabel: "train.form" },
      h("fieldset", {}, h("legend", { t: "train.network" }), this.networks ?? "", h("div", { class: "own", hidden: true }, this.stack ?? "")),
      field("share", /** @type {Node} */ (this.share), "train.share.about", this.shared),
      h("div", { class: "fields-row" },
        field("epochs", /** @type {Node} */ (this.epochs), null),
        field("rate", /** @type {Node} */ (this.rate), null),
        field("seed", /** @type {Node} */ (this.seed), null)),
      h("p", { class: "small quiet", id: "train-rate-about", t: "train.rate.about" }),
      h("p", { class: "small quiet", id: "train-seed-about", t: "train.seed.about" }),
      h("div", { class: "field" }, this.augment?.label ?? "", h("p", { class: "small quiet", id: "train-augment-about", t: "train.augment.about" })),
      this.word ?? "", h("div", { class: "row" }, this.go ?? ""));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#start()));
    for (const event of ["focusin", "pointerdown"]) form.addEventListener(event, () => this.#warm());
    return form;
  }

  #listen() {
    training.addEventListener("overview", () => this.#told());
    training.addEventListener("event", () => this.#ready());
    this.live?.addEventListener("end", () => models.load().catch(() => null));
    for (const part of [this.live, this.table]) part?.addEventListener("draw", (event) => this.#draw(/** @type {CustomEvent} */ (event).detail));
    this.table?.addEventListener("deleted", () => models.load().catch(() => null));
    this.table?.addEventListener("look", (event) => {
      training.watch(/** @type {CustomEvent} */ (event).detail);
      this.live?.scrollIntoView({ block: "nearest" });
    });
  }

  async open() {
    await training.load();
  }

  say() {
    if (this.rate) {
      const chosen = this.rate.value || "0.001";
      this.rate.replaceChildren(...RATES.map((rate) => h("option", { value: rate }, number(rate, Math.max(0, -Math.floor(Math.log10(rate) + 1e-9))))));
      this.rate.value = chosen;
    }
    for (const one of this.networks?.querySelectorAll("[data-count]") ?? []) one.textContent = t("train.parameters", { count: number(Number(/** @type {HTMLElement} */ (one).dataset.count)) });
    this.#said();
    if (training.overview?.trouble) this.open().catch(() => null); // the service words it
    else this.#told();
  }

  /** Show what the service says: what is offered, or why nothing can be trained. */
  #told() {
    const told = training.overview;
    if (!told) return;
    if (!this.#filled) this.#fill(told);
    const { trouble } = told;
    this.trouble?.toggleAttribute("hidden", trouble === null);
    if (trouble) {
      this.trouble?.replaceChildren(h("h2", {}, trouble.title), h("p", {}, trouble.detail),
        trouble.command ? h("pre", {}, trouble.command) : "",
        trouble.code === "training_closed" ? "" : h("button", { type: "button", class: "button light", on: { click: () => this.open().catch((error) => this.#wrong(error)) } }, t("train.look_again")));
    }
    this.#ready();
  }

  /** @param {import("../training.js").Overview} told */
  #fill(told) {
    this.#filled = true;
    const choice = (/** @type {string} */ name, /** @type {number | null} */ count) =>
      h("label", { class: "network" }, h("input", { type: "radio", name: "network", value: name, on: { change: () => this.#choose(name) } }),
        h("span", { class: "network-name" }, name === OWN ? h("span", { t: "train.network.own" }) : name),
        count === null ? h("span", { class: "small quiet network-count" }) : h("span", { class: "small quiet network-count", "data-count": count }),
        h("span", { class: "small quiet network-about", t: `train.network.${name.replace("-", "_")}.about` }));
    this.networks?.replaceChildren(...told.networks.map((one) => choice(one.name, one.parameters)), choice(OWN, null));
    if (this.stack) this.stack.value = told.stack;
    /** @type {HTMLInputElement} */ (this.networks?.querySelector("input")).checked = true;
    this.#choose(told.networks[0].name);
    for (const one of this.networks?.querySelectorAll("[data-t]") ?? []) one.textContent = t(/** @type {HTMLElement} */ (one).dataset.t ?? "");
    this.say();
  }

  /** @param {string} name of a network: its own plan is proposed */
  #choose(name) {
    const plan = training.overview?.networks.find((one) => one.name === name) ?? OWN_PLAN;
    this.querySelector(".own")?.toggleAttribute("hidden", name !== OWN);
    if (this.epochs) this.epochs.value = String(plan.epochs);
    if (this.rate) this.rate.value = String(plan.rate);
    this.augment?.box && (this.augment.box.checked = plan.augment);
    this.#ready();
  }

  get #network() {
    return /** @type {HTMLInputElement | null} */ (this.networks?.querySelector("input:checked"))?.value ?? "";
  }

  /** Whether a start makes sense now. */
  #ready() {
    const running = Boolean(training.watched && !training.watched.over) || training.overview?.running != null;
    const broken = this.#network === OWN && this.stack?.value === null;
    const over = training.watched?.over && training.overview?.running === training.watched.id; // the list is a moment late
    if (this.go) this.go.disabled = (running && !over) || broken || Boolean(training.overview?.trouble);
    this.waiting?.toggleAttribute("hidden", training.watched !== null);
  }

  #said() {
    const count = number(SHARES[Number(this.share?.value)]);
    if (this.shared) this.shared.textContent = t("train.digits", { count });
    this.share?.setAttribute("aria-valuetext", t("train.digits", { count }));
  }

  /** Somebody is about to train: what takes seconds to load is loaded meanwhile. */
  #warm() {
    if (this.#warmed || training.overview?.trouble || this.go?.disabled) return;
    this.#warmed = true;
    setTimeout(() => (this.#warmed = false), 120_000); // the service lets go of it when nothing comes
    training.warm();
  }

  async #start() {
    if (!this.form?.reportValidity() || !this.go || this.go.disabled) return;
    this.go.disabled = true;
    this.#wrong(null);
    const network = this.#network === OWN ? (this.stack?.value ?? "") : this.#network;
    const wish = { network, images: SHARES[Number(this.share?.value)], epochs: Number(this.epochs?.value), rate: Number(this.rate?.value), augment: Boolean(this.augment?.box.checked), seed: Number(this.seed?.value) };
    try {
      await training.start(wish);
      this.#warmed = false;
      this.live?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.#wrong(/** @type {Error} */ (error));
      await training.load().catch(() => null); // perhaps another page was quicker
    }
    this.#ready();
  }

  /** @param {Error | null} error */
  #wrong(error) {
    if (this.word) this.word.textContent = error ? wordsOf(error) : "";
  }

  /** @param {string} model that came out of a run: it reads what is drawn next */
  async #draw(model) {
    try {
      await models.load();
      models.choose(model);
      location.hash = "#/";
    } catch (error) {
      this.#wrong(/** @type {Error} */ (error));
    }
  }
}

customElements.define("train-page", TrainPage);
