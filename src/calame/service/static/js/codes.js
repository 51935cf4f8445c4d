/** What number is being read now, how, and what came out: as the studio for digits, with its two gaits, its patience and retries. */

import { readCodes } from "./api.js";
import { models } from "./models.js";
import { Studio } from "./studio.js";

/** @typedef {import("./api.js").OfPicture & Partial<import("./api.js").Code>} Told */
/** @typedef {[left: number, top: number, width: number, height: number]} Region a place of a picture, in percent of it */
/**
 * @typedef {{ name: string, given: boolean, region: Region | null, checks: string[] }} Field
 * What is read of every picture that is brought in. `name`: empty for one alone, as long as nobody names it; `given`: this page
 * named it, not a person; `region`: null for all of the picture; `checks`: what the number must be, as the service spells it.
 */

class CodeDesk extends Studio {
  /** @type {Field[]} in the order of the table: one without a name, or all with one */
  fields = [{ name: "", given: false, region: null, checks: [] }];
  several = false;
  maxWrong = "";
  kind = ""; // of picture, for that
  field = this.fields[0]; // that is looked at
  /** @type {number} which of the numbers of a page is looked at */
  place = 0;

  /** @returns {Told | null} what was told of the picture */
  get told() {
    return /** @type {Told | null} */ (/** @type {unknown} */ (this.reading));
  }

  /** @returns {import("./api.js").Code[]} the numbers of the picture: one, unless several are asked for */
  get numbers() {
    const told = this.told;
    if (!told) return [];
    return told.numbers ?? [/** @type {import("./api.js").Code} */ (told)];
  }

  /** @returns {import("./api.js").Code | null} the number that is looked at */
  get number() {
    return this.numbers[Math.min(this.place, this.numbers.length - 1)] ?? null;
  }

  /** @returns {boolean} whether a number is looked at that a person adds to a page: nobody has read it */
  get adds() {
    return this.place < 0 && this.told?.numbers !== undefined;
  }

  /** @returns {boolean} whether a picture has named fields, and a row for each */
  get named() {
    return this.fields[0].name !== "";
  }

  /** How a field of every picture is read now. @param {Field} field */
  asking({ checks, region }) {
    return { checks, several: this.several, maxWrong: this.maxWrong, kind: this.kind, region: region?.join(",") ?? "", model: models.asked };
  }

  /**
   * @override
   * @param {Blob} blob
   * @param {{ full?: boolean, signal?: AbortSignal }} how
   * @returns {Promise<any[]>}
   */
  ask(blob, { full, signal }) {
    const { field, named } = this;
    const asked = this.source?.kind === "import" ? field : { ...field, region: null, checks: named ? [] : field.checks }; // a drawing has the place that it has, and is of no form
    return readCodes([blob], { ...this.asking(asked), trace: full, signal });
  }

  /** @override numbers are not kept in the history, which is of digits */
  async keep() {
    return null;
  }

  /** @override */
  async correct() {}

  /**
   * Another picture: no word of the one before stays beside it.
   * @override
   * @param {import("./studio.js").Source | null} source
   * @param {Told | null} [told] what is known of it already
   * @param {Field} [field] of it that is looked at
   */
  show(source, told = null, field = this.fields[0]) {
    const same = source === this.source;
    if (!same) [this.reading, this.field, this.place] = [/** @type {any} */ (told), field, 0];
    super.show(source);
    if (!same) this.dispatchEvent(new Event("reading"));
  }

  /** Other checks or wishes: what is shown is read again, and so is the pile. */
  change() {
    this.dispatchEvent(new Event("change"));
    this.touch();
  }

  /** @param {boolean} on whether several numbers are looked for on a picture */
  seek(on) {
    [this.several, this.place] = [on, 0];
    this.change();
  }

  /** Several numbers are looked for where that was proposed; the keyboard goes to the switch that this turned on, for the button is gone. */
  propose() {
    this.seek(true);
    this.dispatchEvent(new Event("sought"));
  }

  /**
   * Other fields, or other places, names or checks of them: in each that has a name is one number, and one that is alone needs none that nobody gave it.
   * @param {Field[]} fields one at least, the same object for the same field
   */
  form(fields) {
    const [first] = fields;
    if (fields.length === 1 && first.given) [first.name, first.given] = ["", false];
    this.fields = fields;
    if (this.named) this.several = false;
    if (!this.fields.includes(this.field)) this.field = first;
    this.place = 0;
    this.change();
  }

  /** @param {number} place */
  look(place) {
    this.place = place;
    this.dispatchEvent(new Event("look"));
  }
}

export const codes = new CodeDesk();
