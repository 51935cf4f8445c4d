/** <code-checks>: what the number must be, one or several numbers on a picture, and how many answers may be wrong. */

import { codes } from "../codes.js";
import { h, Part, toggle } from "../dom.js";
import { t } from "../words.js";

const TYPING = 300; // milliseconds after a key
const MOST = 4; // checks at once
/** Checks with what stands in their parentheses: an example, or null for those that take nothing. */
const KINDS = /** @type {Record<string, string | null>} */ ({
  none: null, luhn: null, length: "10", ean13: null, ean8: null, siren: null, siret: null, iban: "FR", postcode: null, phone: null,
  date: null, isbn: null, mod11: null, mod97: null, regex: "20\\d{4}", oneof: "17, 23, 42",
});
const WISHES = ["", "1/20", "1/50", "1/100"];
const INPUTS = ["any", "cheque", "form", "cells", "scan", "date", "photo", "drawing"]; // kinds of pictures that were measured

export class CodeChecks extends Part {
  #timer = 0;

  build() {
    this.rows = h("ol", { class: "check-rows" });
    this.more = h("button", { type: "button", class: "quietly", t: "codes.check.more", on: { click: () => this.#add(true) } });
    this.several = toggle("codes.several", (on) => {
      codes.several = on;
      codes.place = 0;
      codes.change();
    });
    this.wish = h("select", { id: "code-wish", on: { change: () => this.#wish() } });
    this.input = h("select", { id: "code-input", on: { change: () => this.#wish() } });
    this.inputs = h("label", { class: "code-wish", hidden: true }, h("span", { t: "codes.kind" }), this.input);
    this.append(
      this.rows, this.more,
      h("p", { class: "small quiet", t: "codes.check.about" }),
      h("div", { class: "code-options" }, this.several.label, h("label", { class: "code-wish" }, h("span", { t: "codes.wish" }), this.wish), this.inputs),
    );
    this.#add(false);
  }

  say() {
    for (const select of this.querySelectorAll("select.check-kind")) {
      for (const option of /** @type {HTMLSelectElement} */ (select).options) option.textContent = t(`codes.check.${option.value}`);
    }
    const chosen = this.wish?.value ?? "";
    this.wish?.replaceChildren(...WISHES.map((wish) => h("option", { value: wish, selected: wish === chosen }, wish ? t("codes.wish.one", { one: wish.slice(2) }) : t("codes.wish.none"))));
    const input = this.input?.value || INPUTS[0];
    this.input?.replaceChildren(...INPUTS.map((one) => h("option", { value: one, selected: one === input }, t(`codes.kind.${one}`))));
    this.more?.toggleAttribute("hidden", (this.rows?.childElementCount ?? 0) >= MOST);
  }

  /** @param {boolean} focus */
  #add(focus) {
    const kind = h("select", { class: "check-kind", tLabel: "codes.check.label" }, ...Object.keys(KINDS).map((name) => h("option", { value: name }, t(`codes.check.${name}`))));
    const what = h("input", { type: "text", class: "check-what", tLabel: "codes.check.what", hidden: true, maxlength: 200, spellcheck: "false", autocomplete: "off" });
    const row = h("li", {}, kind, what);
    kind.addEventListener("change", () => {
      const example = KINDS[kind.value];
      what.hidden = example === null;
      what.value = example ?? "";
      this.#changed();
    });
    what.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#changed(), TYPING);
    });
    this.rows?.append(row);
    kind.setAttribute("aria-label", t("codes.check.label"));
    what.setAttribute("aria-label", t("codes.check.what"));
    if (focus) kind.focus();
    this.say();
  }

  #changed() {
    codes.checks = [...(this.rows?.children ?? [])].flatMap((row) => {
      const [kind, what] = [/** @type {HTMLSelectElement} */ (row.querySelector("select")), /** @type {HTMLInputElement} */ (row.querySelector("input"))];
      if (kind.value === "none") return [];
      return [what.hidden || !what.value.trim() ? kind.value : `${kind.value}(${what.value.trim()})`];
    });
    codes.change();
  }

  #wish() {
    codes.maxWrong = this.wish?.value ?? "";
    codes.kind = codes.maxWrong ? this.input?.value ?? "" : "";
    this.inputs?.toggleAttribute("hidden", !codes.maxWrong);
    codes.change();
  }
}

customElements.define("code-checks", CodeChecks);
