/** <effect-panel>: sliders that harm the picture as paper, cameras and hands do; the answer follows. */

import { h, Part, toggle } from "../dom.js";
import { isNeutral, NEUTRAL, RANGES, transformed } from "../effects.js";
import { studio } from "../studio.js";
import { number, percent, t } from "../words.js";

/** @typedef {keyof typeof RANGES} Name */

/** @type {Record<Name, (value: number) => string>} */
const SAID = {
  rotate: (value) => `${number(value)}°`,
  x: (value) => percent(value / 100, 0),
  y: (value) => percent(value / 100, 0),
  thicken: (value) => t("pad.pixels", { count: number(value) }),
  blur: (value) => t("pad.pixels", { count: number(value, 1) }),
  noise: (value) => number(value),
};
const SHOWN = 200; // pixels of the preview

export class EffectPanel extends Part {
  /** @type {Map<Name, { range: HTMLInputElement, value: HTMLOutputElement }>} */
  #sliders = new Map();
  #effects = { ...NEUTRAL };

  build() {
    this.preview = h("canvas", { width: SHOWN, height: SHOWN, class: "effect-preview", role: "img", tLabel: "effects.preview" });
    this.invert = toggle("effects.invert", () => this.#change());
    this.reset = h("button", { type: "button", class: "quietly", t: "effects.reset", disabled: true, on: { click: () => this.#neutral() } });
    const names = /** @type {Name[]} */ (Object.keys(RANGES));
    this.append(
      h("div", { class: "effect-sliders" }, ...names.map((name) => this.#slider(name)), h("div", { class: "effect-last" }, this.invert.label, this.reset)),
      h("figure", {}, this.preview, h("figcaption", { class: "small quiet", t: "effects.caption" })),
    );
    for (const event of ["source", "touch"]) studio.addEventListener(event, () => this.#preview());
    this.#preview();
  }

  say() {
    for (const [name, { range, value }] of this.#sliders) value.value = SAID[name](range.valueAsNumber);
  }

  /** @param {Name} name */
  #slider(name) {
    const [min, max, step] = RANGES[name];
    const range = h("input", { type: "range", min, max, step, value: 0, id: `effect-${name}`, on: { input: () => this.#change() } });
    const value = h("output", { class: "small" });
    this.#sliders.set(name, { range, value });
    return h("div", { class: "slider" }, h("label", { for: `effect-${name}`, t: `effects.${name}` }), range, value);
  }

  #change() {
    const effects = (this.#effects = { ...NEUTRAL });
    for (const [name, { range }] of this.#sliders) effects[name] = range.valueAsNumber;
    effects.invert = this.invert?.box.checked ?? false;
    studio.alter = isNeutral(effects) ? null : (picture) => transformed(picture, effects);
    this.reset?.toggleAttribute("disabled", isNeutral(effects));
    this.say();
    studio.touch();
  }

  #neutral() {
    for (const [name, { range }] of this.#sliders) range.value = String(NEUTRAL[name]);
    if (this.invert) this.invert.box.checked = NEUTRAL.invert;
    this.#change();
  }

  #preview() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.preview?.getContext("2d"));
    context.clearRect(0, 0, SHOWN, SHOWN);
    const picture = studio.source?.picture();
    if (!picture) return;
    const canvas = transformed(picture, this.#effects);
    const ratio = Math.min(SHOWN / canvas.width, SHOWN / canvas.height);
    const [width, height] = [canvas.width * ratio, canvas.height * ratio];
    context.drawImage(canvas, (SHOWN - width) / 2, (SHOWN - height) / 2, width, height);
  }
}

customElements.define("effect-panel", EffectPanel);
