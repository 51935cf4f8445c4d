/** <code-checks>: one or several numbers on a picture, where on it, what a number must be, and how many answers may be wrong. */

import { codeKinds } from "../api.js";
import { codes } from "../codes.js";
import { h, Part, toggle } from "../dom.js";
import { known, t } from "../words.js";
import "./check-rows.js";
import "./code-region.js";

const WISHES = ["", "1/20", "1/50", "1/100"];

export class CodeChecks extends Part {
  /** @type {string[]} kinds of pictures that were measured, once the service has told them */
  #inputs = [];

  build() {
    this.rows = /** @type {import("./check-rows.js").CheckRows} */ (document.createElement("check-rows"));
    this.rows.addEventListener("change", (event) => event.target === this.rows && this.#check());
    this.several = toggle("codes.several", (on) => codes.seek(on));
    const { box } = this.several;
    codes.addEventListener("change", () => this.#changed());
    codes.addEventListener("sought", () => box.focus({ preventScroll: true }));
    this.wish = h("select", { id: "code-wish", on: { change: () => this.#wish() } });
    this.input = h("select", { id: "code-input", on: { change: () => this.#wish() } });
    this.inputs = h("label", { class: "code-wish", hidden: true }, h("span", { t: "codes.kind" }), this.input);
    this.append(
      h("div", { class: "code-options" }, this.several.label, document.createElement("code-region")),
      this.rows,
      h("p", { class: "small quiet", t: "codes.check.about" }),
      h("div", { class: "code-options" }, h("label", { class: "code-wish" }, h("span", { t: "codes.wish" }), this.wish), this.inputs),
    );
  }

  say() {
    const chosen = this.wish?.value ?? "";
    this.wish?.replaceChildren(...WISHES.map((wish) => h("option", { value: wish, selected: wish === chosen }, wish ? t("codes.wish.one", { one: wish.slice(2) }) : t("codes.wish.none"))));
    this.#sayInputs();
  }

  #sayInputs() {
    const input = this.input?.value || this.#inputs[0];
    this.input?.replaceChildren(...this.#inputs.map((one) => h("option", { value: one, selected: one === input }, known(`codes.kind.${one}`) ? t(`codes.kind.${one}`) : one)));
    this.inputs?.toggleAttribute("hidden", !codes.maxWrong || this.#inputs.length === 0);
  }

  /** Of named fields each has its checks, and one number. */
  #changed() {
    const [{ checks }] = codes.fields;
    if (this.several) [this.several.box.checked, this.several.label.hidden] = [codes.several, codes.named];
    if (!this.rows) return;
    if (this.rows.hidden && !codes.named) this.rows.checks = checks; // those of the one that is left
    this.rows.hidden = codes.named;
  }

  #check() {
    const [field] = codes.fields;
    field.checks = this.rows?.checks ?? [];
    codes.change();
  }

  async #wish() {
    codes.maxWrong = this.wish?.value ?? "";
    codes.kind = codes.maxWrong ? this.input?.value ?? "" : "";
    codes.change();
    if (codes.maxWrong && this.#inputs.length === 0) this.#inputs = await codeKinds().catch(() => []); // none: the usual one
    this.#sayInputs();
  }
}

customElements.define("code-checks", CodeChecks);
