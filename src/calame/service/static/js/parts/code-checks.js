/** <code-checks>: one or several numbers on a picture, where on it, what a number must be, and how many answers may be wrong. */

import { codeKinds } from "../api.js";
import { codes } from "../codes.js";
import { h, Part, toggle } from "../dom.js";
import { known, t } from "../words.js";
import "./code-region.js";

const TYPING = 300; // milliseconds after a key
const MOST = 4; // checks at once
/** Checks with what stands in their parentheses: an example, or null for those that take nothing. */
const KINDS = /** @type {Record<string, string | null>} */ ({
  none: null, luhn: null, length: "10", ean13: null, ean8: null, siren: null, siret: null, iban: "FR", postcode: null, phone: null,
  date: null, isbn: null, mod11: null, mod97: null, regex: "20\\d{4}", oneof: "17, 23, 42",
});
const LENGTH = "\\s*[1-9]\\d*\\s*(,\\s*[1-9]\\d*\\s*)?"; // or from, to
const ALONE = "iban"; // it may stand without what it takes; its example is what most mean
const WISHES = ["", "1/20", "1/50", "1/100"];

/** @typedef {{ kind: HTMLSelectElement, what: HTMLInputElement, unset: HTMLElement }} Row */

export class CodeChecks extends Part {
  #timer = 0;
  /** @type {Row[]} */
  #all = [];
  /** @type {string[]} kinds of pictures that were measured, once the service has told them */
  #inputs = [];

  build() {
    this.rows = h("ol", { class: "check-rows" });
    this.more = h("button", { type: "button", class: "quietly", t: "codes.check.more", on: { click: () => this.#add(true) } });
    this.several = toggle("codes.several", (on) => codes.seek(on));
    const { box } = this.several;
    codes.addEventListener("change", () => (box.checked = codes.several));
    codes.addEventListener("sought", () => box.focus({ preventScroll: true }));
    this.wish = h("select", { id: "code-wish", on: { change: () => this.#wish() } });
    this.input = h("select", { id: "code-input", on: { change: () => this.#wish() } });
    this.inputs = h("label", { class: "code-wish", hidden: true }, h("span", { t: "codes.kind" }), this.input);
    this.append(
      h("div", { class: "code-options" }, this.several.label, document.createElement("code-region")),
      this.rows, this.more,
      h("p", { class: "small quiet", t: "codes.check.about" }),
      h("div", { class: "code-options" }, h("label", { class: "code-wish" }, h("span", { t: "codes.wish" }), this.wish), this.inputs),
    );
    this.#add(false);
  }

  say() {
    for (const select of this.querySelectorAll("select.check-kind")) {
      for (const option of /** @type {HTMLSelectElement} */ (select).options) option.textContent = t(`codes.check.${option.value}`);
    }
    for (const row of this.#all) this.#sayUnset(row);
    const chosen = this.wish?.value ?? "";
    this.wish?.replaceChildren(...WISHES.map((wish) => h("option", { value: wish, selected: wish === chosen }, wish ? t("codes.wish.one", { one: wish.slice(2) }) : t("codes.wish.none"))));
    this.#sayInputs();
    this.more?.toggleAttribute("hidden", (this.rows?.childElementCount ?? 0) >= MOST);
  }

  #sayInputs() {
    const input = this.input?.value || this.#inputs[0];
    this.input?.replaceChildren(...this.#inputs.map((one) => h("option", { value: one, selected: one === input }, known(`codes.kind.${one}`) ? t(`codes.kind.${one}`) : one)));
    this.inputs?.toggleAttribute("hidden", !codes.maxWrong || this.#inputs.length === 0);
  }

  /** @param {boolean} focus */
  #add(focus) {
    const kind = h("select", { class: "check-kind", tLabel: "codes.check.label" }, ...Object.keys(KINDS).map((name) => h("option", { value: name }, t(`codes.check.${name}`))));
    const what = h("input", { type: "text", class: "check-what", tLabel: "codes.check.what", hidden: true, maxlength: 200, spellcheck: "false", autocomplete: "off" });
    const unset = h("p", { class: "small quiet check-unset", id: `check-unset-${this.#all.length}`, hidden: true });
    const row = { kind, what, unset };
    what.setAttribute("aria-describedby", unset.id);
    kind.addEventListener("change", () => {
      const example = KINDS[kind.value];
      what.hidden = example === null;
      what.value = kind.value === ALONE && example ? example : "";
      what.pattern = kind.value === "length" ? LENGTH : ".*";
      this.#changed();
    });
    what.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#changed(), TYPING);
    });
    this.#all.push(row);
    this.rows?.append(h("li", {}, kind, what, unset));
    kind.setAttribute("aria-label", t("codes.check.label"));
    what.setAttribute("aria-label", t("codes.check.what"));
    if (focus) kind.focus();
    this.say();
  }

  /** What is not filled in checks nothing yet, and says so. */
  #changed() {
    for (const row of this.#all) this.#sayUnset(row);
    const set = this.#all.filter((row) => row.kind.value !== "none" && !isUnset(row));
    const checks = set.map(({ kind, what }) => (what.hidden || !what.value.trim() ? kind.value : `${kind.value}(${what.value.trim()})`));
    if (checks.join("\n") === codes.checks.join("\n")) return;
    codes.checks = checks;
    codes.change();
  }

  /** @param {Row} row */
  #sayUnset(row) {
    const { kind, what, unset } = row;
    what.placeholder = what.hidden ? "" : t("codes.check.example", { example: KINDS[kind.value] });
    unset.hidden = !isUnset(row);
    unset.textContent = unset.hidden ? "" : t(kind.value === "length" ? "codes.check.unset.length" : "codes.check.unset");
    what.setAttribute("aria-invalid", String(!what.validity.valid));
  }

  async #wish() {
    codes.maxWrong = this.wish?.value ?? "";
    codes.kind = codes.maxWrong ? this.input?.value ?? "" : "";
    codes.change();
    if (codes.maxWrong && this.#inputs.length === 0) this.#inputs = await codeKinds().catch(() => []); // none: the usual one
    this.#sayInputs();
  }
}

/** @param {Row} row @returns {boolean} whether what the check needs is still to be typed */
const isUnset = ({ kind, what }) => !what.hidden && kind.value !== ALONE && (!what.value.trim() || !what.validity.valid);

customElements.define("code-checks", CodeChecks);
