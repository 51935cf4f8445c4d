/** <region-dialog>: a place of every picture, drawn on the one that is shown, or typed; of a field its name and its checks besides. */

import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { t } from "../words.js";
import "./check-rows.js";

const SIDES = /** @type {const} */ (["left", "top", "width", "height"]);
const LARGEST = 900; // pixels of the longer side of the picture that is drawn on
const BLANK = [595, 842]; // A4: what is drawn on where no picture is shown
const LEAST = 1; // percent: a smaller box is a slip of the pointer
const TENTHS = 10;
const WHOLE = 100.001; // percent: decimal fractions do not add up to the last place
const LABEL = 8; // percent: nearer to the top there is no room for a name above the box
const NAME = /^\p{L}[\p{L}\p{N} _.°'’-]{0,29}$/u;

/**
 * @typedef {import("../codes.js").Region} Region
 * @typedef {import("../codes.js").Field} Field
 * @typedef {{ name: string, region: Region, checks: string[] }} Said
 */

export class RegionDialog extends Part {
  /** @type {[number, number] | null} where the pointer went down, in percent */
  #from = null;
  /** @type {Field[]} beside the one that is asked for */
  #others = [];
  #named = false;
  /** @type {import("./check-rows.js").CheckRows | null} made with the first name */
  #checks = null;
  #done = (/** @type {Said} */ _) => {};

  build() {
    this.sheet = h("canvas", { class: "region-picture" });
    this.marked = h("span", { class: "region-name" });
    this.mark = h("span", { class: "region-mark", hidden: true }, this.marked);
    this.beside = h("span");
    this.paper = h("div", { class: "region-paper", "aria-hidden": "true" }, this.sheet, this.mark, this.beside);
    this.sides = SIDES.map((side) => h("input", { type: "number", min: side === "left" || side === "top" ? 0 : LEAST, max: 100, step: "any", required: true, inputmode: "decimal", "data-side": side }));
    this.name = h("input", { type: "text", maxlength: 30, required: true, autocomplete: "off", spellcheck: "false", "aria-describedby": "region-wrong" });
    this.wrong = h("p", { class: "region-wrong", id: "region-wrong", role: "alert" });
    this.heading = h("h2", { id: "region-title" });
    this.about = h("p");
    this.dialog = this.#dialog();
    this.append(this.dialog);
    this.#letDraw();
    for (const event of ["picture", "reading"]) codes.addEventListener(event, () => this.dialog?.open && this.#paint());
  }

  #dialog() {
    const labels = SIDES.map((side, place) => h("label", {}, h("span", { t: `codes.region.${side}` }), this.sides?.[place] ?? "", h("span", { "aria-hidden": "true" }, "%")));
    this.naming = h("label", { class: "region-naming" }, h("span", { t: "codes.field.name" }), this.name ?? "");
    const form = h("form", { method: "dialog", novalidate: true }, this.naming, this.paper ?? "",
      h("div", { class: "region-sides" }, ...labels), this.wrong ?? "",
      h("div", { class: "row" }, h("button", { type: "submit", class: "button", t: "codes.region.yes" }), h("button", { type: "button", class: "quietly", t: "codes.region.no", on: { click: () => this.dialog?.close() } })));
    form.addEventListener("submit", (event) => this.#submit(event));
    for (const side of this.sides ?? []) side.addEventListener("input", () => this.#show());
    this.name?.addEventListener("input", () => this.#show());
    return h("dialog", { class: "region-dialog", "aria-labelledby": "region-title" }, this.heading ?? "", this.about ?? "", form);
  }

  say() {
    if (this.heading) this.heading.textContent = t(this.#named ? "codes.field.title" : "codes.region.title");
    if (this.about) this.about.textContent = t(this.#named ? "codes.field.about" : "codes.region.about");
    this.naming?.toggleAttribute("hidden", !this.#named);
    this.#checks?.toggleAttribute("hidden", !this.#named);
    this.dialog?.classList.toggle("named", this.#named);
  }

  /**
   * @param {Field | null} field as it is; null: one more
   * @param {Field[]} others that stand beside it, with their names; without any, a place has no name
   * @param {(said: Said) => void} done
   */
  open(field, others, done) {
    [this.#others, this.#done, this.#named] = [others, done, !field || field.name !== ""];
    if (this.#named && !this.#checks) {
      this.#checks = /** @type {import("./check-rows.js").CheckRows} */ (document.createElement("check-rows"));
      this.wrong?.before(this.#checks);
    }
    this.say();
    if (this.name) this.name.value = field?.name ?? "";
    if (this.#checks) this.#checks.checks = field?.checks ?? [];
    this.#fill(field?.region ?? null);
    this.beside?.replaceChildren(...others.map(boxOf));
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
    if (this.mark && region) place(this.mark, region);
    if (this.marked) this.marked.textContent = this.#named ? this.name?.value.trim() ?? "" : "";
    if (region) this.#tell("");
  }

  /** @returns {Region | null} what the fields say; null while it is no place of a picture */
  #typed() {
    const [left, top, width, height] = (this.sides ?? []).map((side) => (side.value === "" ? NaN : tenths(side.valueAsNumber)));
    const there = left >= 0 && top >= 0 && width >= LEAST && height >= LEAST && left + width <= WHOLE && top + height <= WHOLE;
    return there ? [left, top, width, height] : null;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const [region, name] = [this.#typed(), this.#named ? this.name?.value.normalize("NFC").trim() ?? "" : ""];
    const misnamed = this.#named ? this.#wrongWith(name) : "";
    const unset = this.#named && this.#checks?.unset;
    if (region && !misnamed && !unset) return this.#done({ name, region, checks: this.#checks?.checks ?? [] });
    event.preventDefault();
    this.#tell(misnamed || (region ? "" : t("codes.region.wrong")));
    this.name?.setAttribute("aria-invalid", String(misnamed !== ""));
    if (misnamed) this.name?.focus();
    else if (!region) this.sides?.find((side) => !side.value)?.focus();
    else if (unset) unset.focus(); // it says itself what it lacks
  }

  /** @param {string} name @returns {string} why it is no name of this field; empty when it is one */
  #wrongWith(name) {
    if (!NAME.test(name)) return t("codes.field.wrong");
    const twice = this.#others.some((other) => other.name.toLowerCase() === name.toLowerCase());
    return twice ? t("codes.field.twice", { name }) : "";
  }

  /** @param {string} words */
  #tell(words) {
    if (this.wrong) this.wrong.textContent = words;
    if (!words) this.name?.removeAttribute("aria-invalid");
  }
}

/** @param {Field} field @returns {HTMLElement} its box, with its name */
function boxOf({ name, region }) {
  const box = h("span", { class: "region-other" }, h("span", { class: "region-name" }, name));
  if (region) place(box, region);
  return box;
}

/**
 * @param {HTMLElement} box that is laid on the paper
 * @param {Region} region
 */
function place(box, region) {
  for (const [index, side] of SIDES.entries()) box.style.setProperty(`--${side}`, `${region[index]}%`);
  box.classList.toggle("high", region[1] < LABEL);
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

customElements.define("region-dialog", RegionDialog);
