/** What number is being read now, how, and what came out: as the studio for digits, with its two gaits, its patience and retries. */

import { readCodes } from "./api.js";
import { models } from "./models.js";
import { Studio } from "./studio.js";

/** @typedef {import("./api.js").OfPicture & Partial<import("./api.js").Code>} Told */
/** @typedef {[left: number, top: number, width: number, height: number]} Region a place of a picture, in percent of it */

class CodeDesk extends Studio {
  /** @type {string[]} what the number must be, as the service spells it */
  checks = [];
  several = false;
  maxWrong = "";
  kind = ""; // of picture, for that
  /** @type {Region | null} the place that is read, of pictures that are brought in; null for all of them */
  region = null;
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

  /** How every picture is read now. */
  get asking() {
    return { checks: this.checks, several: this.several, maxWrong: this.maxWrong, kind: this.kind, region: this.region?.join(",") ?? "", model: models.asked };
  }

  /**
   * @override
   * @param {Blob} blob
   * @param {{ full?: boolean, signal?: AbortSignal }} how
   * @returns {Promise<any[]>}
   */
  ask(blob, { full, signal }) {
    const region = this.source?.kind === "import" ? this.asking.region : ""; // a drawing has the place that it has
    return readCodes([blob], { ...this.asking, region, trace: full, signal });
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
   */
  show(source, told = null) {
    const same = source === this.source;
    if (!same) [this.reading, this.place] = [/** @type {any} */ (told), 0];
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

  /** @param {Region | null} region */
  within(region) {
    if (String(region) === String(this.region)) return;
    [this.region, this.place] = [region, 0];
    this.change();
  }

  /** @param {number} place */
  look(place) {
    this.place = place;
    this.dispatchEvent(new Event("look"));
  }
}

export const codes = new CodeDesk();
