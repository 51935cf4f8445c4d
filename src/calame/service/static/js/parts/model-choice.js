/** <model-choice>: the model that reads; a choice when there are several, else its name. */

import { h, Part } from "../dom.js";
import { models } from "../models.js";
import { number, t } from "../words.js";

export class ModelChoice extends Part {
  build() {
    this.select = h("select", { on: { change: () => models.choose(this.select?.value ?? "") } });
    this.name = h("b");
    this.label = h("label", {}, h("span", { t: "model.label" }), this.select);
    this.alone = h("p", {}, h("span", { t: "model.label" }), " ", this.name);
    this.append(this.label, this.alone);
    models.addEventListener("change", () => this.say());
  }

  say() {
    const { select, label, alone, name } = this;
    if (!select || !label || !alone || !name) return;
    label.hidden = models.all.length < 2;
    alone.hidden = models.all.length !== 1;
    name.textContent = models.id;
    select.replaceChildren(...models.all.map((one) => h("option", { value: one.id, disabled: Boolean(one.error) }, described(one))));
    select.value = models.id;
    select.title = models.current ? t("model.about", { parameters: number(models.current.parameters) }) : "";
  }
}

/** @param {import("../models.js").Brief} model */
const described = ({ id, error }) => (error ? `${id} (${t("model.closed")})` : id);

customElements.define("model-choice", ModelChoice);
