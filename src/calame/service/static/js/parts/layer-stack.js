/** <layer-stack>: a network put together with + and −; each layer with the shape it gives and its parameters, at once. */

import { get } from "../api.js";
import { h, icon, Part } from "../dom.js";
import { ICONS } from "../icons.js";
import { number, t } from "../words.js";
import { wordsOf } from "./digit-answer.js";

/** @typedef {{ kind: string, numbers: number[] }} Layer */

const NEW = /** @type {Record<string, number[]>} */ ({ conv: [16, 3], pool: [2], dropout: [0.25], dense: [64] });
const BOUNDS = /** @type {Record<string, { name: string, min: number, max: number, step: number }[]>} */ ({
  conv: [{ name: "filters", min: 1, max: 256, step: 1 }, { name: "size", min: 1, max: 9, step: 1 }],
  pool: [{ name: "size", min: 2, max: 4, step: 1 }],
  dropout: [{ name: "share", min: 0.05, max: 0.9, step: 0.05 }],
  dense: [{ name: "units", min: 1, max: 1024, step: 1 }],
});
const MOST = 12;
const TYPING = 120; // milliseconds after a key

/** Says "change" when it was checked. */
export class LayerStack extends Part {
  /** @type {Layer[]} */
  #layers = [];
  /** @type {{ layer: string, shape: number[], parameters: number }[]} */
  #rows = [];
  #problem = "";
  #timer = 0;
  #asked = 0;
  parameters = 0;

  build() {
    this.list = h("ol", { class: "stack", tLabel: "train.stack.label" });
    this.word = h("p", { class: "small danger stack-problem", role: "alert" });
    this.total = h("p", { class: "small stack-total", role: "status" });
    this.adders = Object.keys(NEW).map((kind) => h("button", { type: "button", class: "button light", "data-kind": kind, on: { click: () => this.#add(kind) } }));
    this.append(this.list, h("div", { class: "row stack-add", role: "group", tLabel: "train.stack.add" }, ...this.adders), this.word, this.total);
  }

  say() {
    for (const button of this.adders ?? []) button.textContent = `+ ${t(`train.kind.${button.dataset.kind}`)}`;
    this.#draw();
    if (this.#asked) this.#check(); // the service words why not
  }

  /** The layers in the words of the service; null when they make no network. */
  get value() {
    return this.#problem ? null : written(this.#layers);
  }

  /** @param {string | null} text as the service writes it */
  set value(text) {
    this.#layers = (text ?? "").split(",").filter((part) => part.trim()).map((part) => {
      const [kind, ...numbers] = part.trim().split(" ");
      return { kind, numbers: numbers.map(Number) };
    });
    this.#draw();
    this.#check();
  }

  get problem() {
    return this.#problem;
  }

  async #check() {
    const asked = ++this.#asked;
    try {
      const told = await get(`/v1/training/layers?stack=${encodeURIComponent(written(this.#layers))}`);
      if (asked !== this.#asked) return;
      [this.#rows, this.#problem, this.parameters] = [told.layers, "", told.parameters];
    } catch (error) {
      if (asked !== this.#asked) return;
      [this.#rows, this.#problem, this.parameters] = [[], wordsOf(/** @type {Error} */ (error)), 0];
    }
    this.#tell();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} kind */
  #add(kind) {
    const dense = this.#layers.findIndex((one) => one.kind === "dense");
    const at = (kind === "conv" || kind === "pool") && dense >= 0 ? dense : this.#layers.length; // where it can stand
    this.#layers.splice(at, 0, { kind, numbers: [...NEW[kind]] });
    this.#changed(at);
  }

  /** @param {number} at */
  #remove(at) {
    this.#layers.splice(at, 1);
    this.#changed(Math.min(at, this.#layers.length - 1), ".stack-remove");
    if (!this.#layers.length) this.adders?.[0].focus();
  }

  /**
   * @param {number} at
   * @param {number} by
   */
  #move(at, by) {
    const [layer] = this.#layers.splice(at, 1);
    this.#layers.splice(at + by, 0, layer);
    this.#changed(at + by, by < 0 ? ".stack-up" : ".stack-down");
  }

  /**
   * @param {number} at that is looked at now
   * @param {string} [focus]
   */
  #changed(at, focus = "input") {
    this.#draw();
    const row = this.list?.querySelector(`[data-at="${at}"]`);
    const wanted = /** @type {HTMLButtonElement | null} */ (row?.querySelector(focus) ?? null);
    (wanted?.disabled ? /** @type {HTMLElement | null} */ (row?.querySelector("input")) : wanted)?.focus();
    this.#check();
  }

  #draw() {
    const ends = [h("li", { class: "stack-end" }, h("span", { class: "stack-name", t: "train.stack.input" }), h("span", { class: "stack-shape" }, "28 × 28 × 1"), h("span", { class: "stack-parameters" }))];
    const output = h("li", { class: "stack-end", "data-output": true }, h("span", { class: "stack-name", t: "train.stack.output" }), h("span", { class: "stack-shape" }, "10"), h("span", { class: "stack-parameters" }));
    this.list?.replaceChildren(...ends, ...this.#layers.map((layer, at) => this.#row(layer, at)), output);
    for (const button of this.adders ?? []) button.disabled = this.#layers.length >= MOST;
    for (const one of this.list?.querySelectorAll("[data-t]") ?? []) one.textContent = t(/** @type {HTMLElement} */ (one).dataset.t ?? "");
    this.#tell();
  }

  /**
   * @param {Layer} layer
   * @param {number} at
   */
  #row(layer, at) {
    const name = t("train.stack.layer", { place: at + 1, kind: t(`train.kind.${layer.kind}`) });
    const inputs = BOUNDS[layer.kind].map(({ name: what, ...bounds }, index) => {
      const box = h("input", { type: "number", value: layer.numbers[index], ...bounds, "aria-label": `${t(`train.stack.${what}`)} · ${name}` });
      box.addEventListener("input", () => this.#type(layer, index, box.value));
      return h("label", {}, h("span", { class: "small quiet" }, t(`train.stack.${what}`)), box);
    });
    const tool = (/** @type {string} */ what, /** @type {string} */ path, /** @type {() => void} */ act, off = false) =>
      h("button", { type: "button", class: `tool stack-${what}`, disabled: off, "aria-label": `${t(`train.stack.${what}`)} · ${name}`, title: t(`train.stack.${what}`), on: { click: act } }, icon(path));
    return h("li", { "data-at": at },
      h("span", { class: "stack-name" }, t(`train.kind.${layer.kind}`)), h("span", { class: "stack-inputs" }, ...inputs),
      h("span", { class: "stack-shape" }), h("span", { class: "stack-parameters" }),
      h("span", { class: "stack-tools" },
        tool("up", "M10 15.500v-11M5.500 9 10 4.500 14.500 9", () => this.#move(at, -1), at === 0),
        tool("down", "M10 4.500v11M5.500 11 10 15.500l4.500-4.500", () => this.#move(at, 1), at === this.#layers.length - 1),
        tool("remove", ICONS.trash, () => this.#remove(at))));
  }

  /**
   * @param {Layer} layer
   * @param {number} index
   * @param {string} said
   */
  #type(layer, index, said) {
    layer.numbers[index] = said === "" ? NaN : Number(said);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#check(), TYPING);
  }

  /** Write shapes and parameters beside the layers, or why they make no network. */
  #tell() {
    const rows = [...(this.list?.querySelectorAll("li") ?? [])].slice(1);
    for (const [index, row] of rows.entries()) {
      const told = this.#rows.length === rows.length ? this.#rows[index] : undefined;
      /** @type {HTMLElement} */ (row.querySelector(".stack-shape")).textContent = told ? told.shape.join(" × ") : "–";
      /** @type {HTMLElement} */ (row.querySelector(".stack-parameters")).textContent = told?.parameters ? number(told.parameters) : "–";
    }
    if (this.word) this.word.textContent = this.#problem;
    if (this.total) this.total.textContent = this.#problem || !this.#asked ? "" : t("train.stack.total", { parameters: number(this.parameters) });
  }
}

/** @param {Layer[]} layers */
const written = (layers) => layers.map(({ kind, numbers }) => [kind, ...numbers.map((one) => (Number.isNaN(one) ? "?" : one))].join(" ")).join(", ");

customElements.define("layer-stack", LayerStack);
