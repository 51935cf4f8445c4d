/** <code-region>: one place of every picture that is read, as the forms of a pile have it: drawn on the picture that is shown, or typed. */

import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { t } from "../words.js";

const SIDES = /** @type {const} */ (["left", "top", "width", "height"]);
const LARGEST = 900; // pixels of the longer side of the picture that is drawn on
const BLANK = [595, 842]; // A4: what is drawn on where no picture is shown
const LEAST = 1; // percent: a smaller box is a slip of the pointer
const TENTHS = 10;
const WHOLE = 100.001; // percent: decimal fractions do not add up to the last place

/** @typedef {import("../codes.js").Region} Region */

export class CodeRegion extends Part {
  /** @type {[number, number] | null} where the pointer went down, in percent */
  #from = null;

  build() {
    this.now = h("code", { class: "region-now" });
    this.opener = h("button", { type: "button", class: "button light", on: { click: () => this.#open() } });
    this.whole = h("button", { type: "button", class: "quietly", t: "codes.region.whole", on: { click: () => this.#choose(null) } });
    this.sheet = h("canvas", { class: "region-picture" });
    this.mark = h("span", { class: "region-mark", hidden: true });
    this.paper = h("div", { class: "region-paper", "aria-hidden": "true" }, this.sheet, this.mark);
    this.sides = SIDES.map((side) => h("input", { type: "number", min: side === "left" || side === "top" ? 0 : LEAST, max: 100, step: "any", required: true, inputmode: "decimal", "data-side": side }));
    this.yes = h("button", { type: "submit", class: "button", t: "codes.region.yes" });
    this.wrong = h("p", { class: "region-wrong", role: "alert" });
    this.dialog = this.#dialog();
    this.append(h("span", { t: "codes.region" }), this.now, this.opener, this.whole, this.dialog);
    this.#letDraw();
    codes.addEventListener("change", () => this.say());
    for (const event of ["picture", "reading"]) codes.addEventListener(event, () => this.dialog?.open && this.#paint());
  }

  #dialog() {
    const labels = SIDES.map((side, place) => h("label", {}, h("span", { t: `codes.region.${side}` }), this.sides?.[place] ?? "", h("span", { "aria-hidden": "true" }, "%")));
    const form = h("form", { method: "dialog", novalidate: true },
      h("div", { class: "region-sides" }, ...labels), this.wrong ?? "",
      h("div", { class: "row" }, this.yes ?? "", h("button", { type: "button", class: "quietly", t: "codes.region.no", on: { click: () => this.dialog?.close() } })));
    form.addEventListener("submit", (event) => this.#done(event));
    for (const side of this.sides ?? []) side.addEventListener("input", () => this.#show());
    return h("dialog", { class: "region-dialog", "aria-labelledby": "region-title" },
      h("h2", { id: "region-title", t: "codes.region.title" }), h("p", { t: "codes.region.about" }), this.paper ?? "", form);
  }

  say() {
    const { region } = codes;
    if (this.now) this.now.textContent = region ? region.join(",") : t("codes.region.none");
    this.now?.classList.toggle("region-set", region !== null);
    if (this.opener) this.opener.textContent = t(region ? "codes.region.change" : "codes.region.choose");
    this.whole?.toggleAttribute("hidden", region === null);
  }

  #open() {
    this.#fill(codes.region);
    this.#paint();
    this.#tell("");
    this.dialog?.showModal();
  }

  /** The picture that is shown, small enough for a screen; a blank sheet where none was brought in. */
  #paint() {
    const source = codes.source?.kind === "import" ? codes.source.picture() : null;
    const size = (source && codes.told?.size) || BLANK;
    const scale = Math.min(1, LARGEST / Math.max(...size));
    if (!this.sheet) return;
    [this.sheet.width, this.sheet.height] = size.map((side) => Math.max(1, Math.round(side * scale)));
    if (source) this.sheet.getContext("2d")?.drawImage(source, 0, 0, this.sheet.width, this.sheet.height);
  }

  #letDraw() {
    const { paper } = this;
    paper?.addEventListener("pointerdown", (event) => {
      paper.setPointerCapture(event.pointerId);
      this.#from = this.#at(event);
      event.preventDefault();
    });
    paper?.addEventListener("pointermove", (event) => this.#from && this.#fill(between(this.#from, this.#at(event))));
    for (const end of ["pointerup", "pointercancel"]) paper?.addEventListener(end, () => (this.#from = null));
  }

  /** @param {PointerEvent} event @returns {[number, number]} where it is on the picture, in percent */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = /** @type {HTMLCanvasElement} */ (this.sheet).getBoundingClientRect();
    return [tenths((100 * (clientX - left)) / width), tenths((100 * (clientY - top)) / height)];
  }

  /** @param {Region | null} region that the fields tell */
  #fill(region) {
    for (const [place, side] of (this.sides ?? []).entries()) side.value = region ? String(region[place]) : "";
    this.#show();
  }

  #show() {
    const region = this.#typed();
    this.mark?.toggleAttribute("hidden", region === null);
    for (const [place, side] of SIDES.entries()) this.mark?.style.setProperty(`--${side}`, `${region?.[place] ?? 0}%`);
    if (region) this.#tell("");
  }

  /** @returns {Region | null} what the fields say; null while it is no place of a picture */
  #typed() {
    const [left, top, width, height] = (this.sides ?? []).map((side) => (side.value === "" ? NaN : tenths(side.valueAsNumber)));
    const there = left >= 0 && top >= 0 && width >= LEAST && height >= LEAST && left + width <= WHOLE && top + height <= WHOLE;
    return there ? [left, top, width, height] : null;
  }

  /** @param {SubmitEvent} event */
  #done(event) {
    const region = this.#typed();
    if (region) return this.#choose(region);
    event.preventDefault();
    this.#tell(t("codes.region.wrong"));
    this.sides?.find((side) => !side.value)?.focus();
  }

  /** @param {string} words */
  #tell(words) {
    if (this.wrong) this.wrong.textContent = words;
  }

  /** @param {Region | null} region */
  #choose(region) {
    codes.within(region);
    this.opener?.focus();
  }
}

/** @param {number} value in percent @returns {number} inside the picture, to a tenth */
const tenths = (value) => Math.round(TENTHS * Math.min(100, Math.max(0, value))) / TENTHS;

/**
 * @param {[number, number]} one corner
 * @param {[number, number]} other
 * @returns {Region | null} the box between them; null while it is none
 */
function between(one, other) {
  const [left, top] = [0, 1].map((axis) => Math.min(one[axis], other[axis]));
  const [width, height] = [0, 1].map((axis) => tenths(Math.abs(one[axis] - other[axis])));
  return Math.min(width, height) < LEAST ? null : [left, top, width, height];
}

customElements.define("code-region", CodeRegion);
