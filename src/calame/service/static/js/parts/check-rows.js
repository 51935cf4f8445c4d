/** <check-rows>: what a number must be, a row for each check. Says "change" when the checks have changed. */

import { h, Part } from "../dom.js";
import { t } from "../words.js";

const TYPING = 300; // milliseconds after a key
const MOST = 4; // checks at once
/** Checks with what stands in their parentheses: an example, or null for those that take nothing. */
const KINDS = /** @type {Record<string, string | null>} */ ({
  none: null, luhn: null, length: "10", ean13: null, ean8: null, siren: null, siret: null, iban: "FR", postcode: null, phone: null,
  date: null, isbn: null, mod11: null, mod97: null, regex: "20\\d{4}", oneof: "17, 23, 42",
});
const LENGTH = "\\s*[1-9]\\d*\\s*(,\\s*[1-9]\\d*\\s*)?"; // or from, to
const ALONE = "iban"; // it may stand without what it takes; its example is what most mean
let made = 0; // rows, for names of elements

/** @typedef {{ element: HTMLElement, kind: HTMLSelectElement, what: HTMLInputElement, unset: HTMLElement }} Row */

export class CheckRows extends Part {
  #timer = 0;
  /** @type {Row[]} */
  #all = [];
  #told = ""; // the checks, when a change was told last

  build() {
    this.rows = h("ol", { class: "check-rows" });
    this.more = h("button", { type: "button", class: "quietly", t: "codes.check.more", on: { click: () => this.#add().kind.focus() } });
    this.append(this.rows, this.more);
    this.checks = [];
  }

  say() {
    for (const select of this.querySelectorAll("select.check-kind")) {
      for (const option of /** @type {HTMLSelectElement} */ (select).options) option.textContent = t(`codes.check.${option.value}`);
    }
    for (const row of this.#all) this.#sayUnset(row);
    this.more?.toggleAttribute("hidden", this.#all.length >= MOST);
  }

  /** @returns {string[]} those that are filled in, as the service spells them */
  get checks() {
    const set = this.#all.filter((row) => row.kind.value !== "none" && !isUnset(row));
    return set.map(({ kind, what }) => (what.hidden || !what.value.trim() ? kind.value : `${kind.value}(${what.value.trim()})`));
  }

  /** A row for each, and one at least. */
  set checks(checks) {
    clearTimeout(this.#timer);
    for (const { element } of this.#all) element.remove();
    this.#all = [];
    for (const check of checks.length ? checks : ["none"]) {
      const row = this.#add();
      const [, kind, what] = /^(\w+)(?:\((.*)\))?$/s.exec(check) ?? [];
      this.#turn(row, kind, what);
    }
    this.#told = this.checks.join("\n");
    this.say();
  }

  /** @returns {HTMLInputElement | undefined} where a check that was chosen is still to be filled in */
  get unset() {
    return this.#all.find(isUnset)?.what;
  }

  #add() {
    const kind = h("select", { class: "check-kind", tLabel: "codes.check.label" }, ...Object.keys(KINDS).map((name) => h("option", { value: name }, t(`codes.check.${name}`))));
    const what = h("input", { type: "text", class: "check-what", tLabel: "codes.check.what", hidden: true, maxlength: 200, spellcheck: "false", autocomplete: "off" });
    const unset = h("p", { class: "small quiet check-unset", id: `check-unset-${made++}`, hidden: true });
    const row = { element: h("li", {}, kind, what, unset), kind, what, unset };
    what.setAttribute("aria-describedby", unset.id);
    kind.addEventListener("change", () => {
      const example = KINDS[kind.value];
      this.#turn(row, kind.value, kind.value === ALONE && example ? example : "");
      this.#changed();
    });
    what.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#changed(), TYPING);
    });
    this.#all.push(row);
    this.rows?.append(row.element);
    kind.setAttribute("aria-label", t("codes.check.label"));
    what.setAttribute("aria-label", t("codes.check.what"));
    this.say();
    return row;
  }

  /**
   * @param {Row} row
   * @param {string} name of the check
   * @param {string} [taken] what stands in its parentheses
   */
  #turn({ kind, what }, name, taken = "") {
    kind.value = name;
    what.hidden = KINDS[name] === null;
    what.value = taken;
    what.pattern = name === "length" ? LENGTH : ".*";
  }

  /** What is not filled in checks nothing yet, and says so. */
  #changed() {
    for (const row of this.#all) this.#sayUnset(row);
    const told = this.checks.join("\n");
    if (told === this.#told) return;
    this.#told = told;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Row} row */
  #sayUnset(row) {
    const { kind, what, unset } = row;
    what.placeholder = what.hidden ? "" : t("codes.check.example", { example: KINDS[kind.value] });
    unset.hidden = !isUnset(row);
    unset.textContent = unset.hidden ? "" : t(kind.value === "length" ? "codes.check.unset.length" : "codes.check.unset");
    what.setAttribute("aria-invalid", String(!what.validity.valid));
  }
}

/** @param {Row} row @returns {boolean} whether what the check needs is still to be typed */
const isUnset = ({ kind, what }) => !what.hidden && kind.value !== ALONE && (!what.value.trim() || !what.validity.valid);

customElements.define("check-rows", CheckRows);
