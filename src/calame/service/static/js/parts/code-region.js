/** <code-region>: the place of every picture that is read, as the forms of a pile have it; or their fields, each with its name. */

import { codes } from "../codes.js";
import { h, icon, Part } from "../dom.js";
import { ICONS } from "../icons.js";
import { t } from "../words.js";
import { copied } from "./code-block.js";
import "./region-dialog.js";

const PLAIN = /^[\w:.,@%+=-]+$/; // to a shell: needs no quotes
const OWN = /[$`"\\!]/; // to a shell, between double quotes too

/** @typedef {import("../codes.js").Field} Field */
/** @typedef {{ element: HTMLElement, name: HTMLElement, region: HTMLElement, checks: HTMLElement, change: HTMLElement, remove: HTMLElement }} Row */

export class CodeRegion extends Part {
  /** @type {Map<Field, Row>} */
  #rows = new Map();
  #gone = ""; // name of the field that was removed last
  #undo = () => {};

  build() {
    this.now = h("code", { class: "region-now" });
    this.opener = h("button", { type: "button", class: "button light", on: { click: () => this.#choose() } });
    this.whole = h("button", { type: "button", class: "quietly", t: "codes.region.whole", on: { click: () => (this.#within(null), this.opener?.focus()) } });
    this.one = h("div", { class: "region-one" }, h("span", { t: "codes.region" }), this.now, this.opener, this.whole);
    this.list = h("ol", { class: "region-fields", tLabel: "codes.fields" });
    this.more = h("button", { type: "button", class: "quietly", t: "codes.field.add", on: { click: () => this.#add() } });
    this.removed = h("span", { role: "status", id: "region-removed" });
    this.undo = h("button", { type: "button", class: "quietly", t: "codes.undo", "aria-describedby": "region-removed", hidden: true, on: { click: () => this.#undo() } });
    this.dialog = /** @type {import("./region-dialog.js").RegionDialog} */ (document.createElement("region-dialog"));
    this.append(this.one, this.list, h("p", { class: "small quiet region-gone" }, this.removed, " ", this.undo), this.more, this.#command(), this.dialog);
    codes.addEventListener("change", () => this.#changed());
  }

  #command() {
    this.options = h("code");
    const told = h("span", { class: "small", role: "status" });
    const copy = h("button", { type: "button", class: "tool", tLabel: "codes.field.copy", tTitle: "codes.field.copy", on: { click: () => copied(this.options?.textContent?.trim() ?? "", told) } }, icon(ICONS.copy));
    this.command = h("div", { class: "region-command" }, h("span", { class: "small quiet", t: "codes.field.command" }), this.options, copy, told);
    return this.command;
  }

  /** What was removed can come back as long as nothing else was changed. */
  #changed() {
    this.#gone = "";
    this.say();
  }

  say() {
    const { fields: [{ region }], named } = codes;
    if (this.now) this.now.textContent = region ? region.join(",") : t("codes.region.none");
    this.now?.classList.toggle("region-set", region !== null);
    if (this.opener) this.opener.textContent = t(region ? "codes.region.change" : "codes.region.choose");
    this.whole?.toggleAttribute("hidden", region === null);
    this.one?.toggleAttribute("hidden", named);
    this.list?.toggleAttribute("hidden", !named);
    this.command?.toggleAttribute("hidden", !named);
    this.more?.toggleAttribute("hidden", region === null);
    this.options?.replaceChildren(...(named ? optionsOf(codes.fields) : []).flatMap((option) => [h("span", {}, option), " "]));
    this.#list(named ? codes.fields : []);
    if (this.removed) this.removed.textContent = this.#gone && t("codes.field.removed", { name: this.#gone });
    this.undo?.toggleAttribute("hidden", !this.#gone);
  }

  /** @param {Field[]} fields */
  #list(fields) {
    for (const [field, { element }] of this.#rows) if (!fields.includes(field)) this.#rows.delete(field) && element.remove();
    for (const [place, field] of fields.entries()) {
      const row = this.#row(field);
      row.name.textContent = field.name;
      row.region.textContent = field.region?.join(",") ?? "";
      row.checks.textContent = field.checks.join(" ");
      row.change.textContent = t("codes.field.change");
      row.change.setAttribute("aria-label", t("codes.field.change.of", { name: field.name }));
      row.remove.setAttribute("aria-label", t("codes.field.remove", { name: field.name }));
      if (this.list?.children[place] !== row.element) this.list?.insertBefore(row.element, this.list.children[place] ?? null);
    }
  }

  /** @param {Field} field @returns {Row} */
  #row(field) {
    const known = this.#rows.get(field);
    if (known) return known;
    const [name, region, checks] = [h("b"), h("code"), h("code", { class: "region-checks" })];
    const change = h("button", { type: "button", class: "quietly", on: { click: () => this.#change(field) } });
    const remove = h("button", { type: "button", class: "tool", on: { click: () => this.#remove(field) } }, icon(ICONS.clear));
    const row = { element: h("li", {}, name, region, checks, change, remove), name, region, checks, change, remove };
    this.#rows.set(field, row);
    return row;
  }

  /** The place of all pictures that has no name. */
  #choose() {
    this.dialog?.open(codes.fields[0], [], ({ region }) => (this.#within(region), this.opener?.focus()));
  }

  /** @param {import("../codes.js").Region | null} region */
  #within(region) {
    const [field] = codes.fields;
    if (String(region) === String(field.region)) return;
    field.region = region;
    codes.form(codes.fields);
  }

  /** One more field; with it the first has a name too, which a person may change. */
  #add() {
    const [[first], { named }] = [codes.fields, codes];
    const given = t("codes.field.given", { place: 1 });
    this.dialog?.open(null, named ? codes.fields : [{ ...first, name: given }], (said) => {
      if (!named) [first.name, first.given] = [given, true];
      codes.form([...codes.fields, { ...said, given: false }]);
    });
  }

  /** @param {Field} field */
  #change(field) {
    this.dialog?.open(field, codes.fields.filter((other) => other !== field), (said) => {
      Object.assign(field, said, { given: field.given && said.name === field.name });
      codes.form(codes.fields);
    });
  }

  /** What a person said of its numbers comes back with it. @param {Field} field */
  #remove(field) {
    const [before, { name }] = [codes.fields.map((one) => ({ one, was: { ...one } })), field];
    const place = codes.fields.indexOf(field);
    const rest = codes.fields.filter((one) => one !== field);
    if (rest.length === 0) [field.name, field.given, field.region] = ["", false, null]; // all of the picture
    codes.form(rest.length ? rest : [field]);
    this.#gone = name;
    this.#undo = () => {
      for (const { one, was } of before) Object.assign(one, was);
      codes.form(before.map(({ one }) => one));
      this.#focus(field);
    };
    this.say();
    this.#focus(rest[place] ?? rest[place - 1]);
  }

  /** @param {Field | undefined} field */
  #focus(field) {
    const row = field && this.#rows.get(field);
    (row?.change ?? this.opener)?.focus();
  }
}

/** @param {Field[]} fields @returns {string[]} the same as options of a command */
function optionsOf(fields) {
  const regions = fields.map(({ name, region }) => `--region "${name}=${region?.join(",")}"`);
  const checks = fields.flatMap(({ name, checks: all }) => all.map((check) => `--check ${quoted(`${name}:${check}`)}`));
  return [...regions, ...checks];
}

/** @param {string} value @returns {string} as a shell takes it: in double quotes, which other shells know as well, where these are enough */
const quoted = (value) => (PLAIN.test(value) ? value : OWN.test(value) ? `'${value.replaceAll("'", "'\\''")}'` : `"${value}"`);

customElements.define("code-region", CodeRegion);
