/** The pile: pictures that were brought in, the numbers on them as they are read, portion after portion, and what a person says. Knows no row of it. */

import { fits, givePage, Problem, readCodes } from "./api.js";
import { Entry, isUnread, turned, waiting } from "./code-entry.js";
import { itemOf, itemsOf, lineOf } from "./code-rows.js";
import { codes } from "./codes.js";
import { models } from "./models.js";
import { isDocument } from "./pictures.js";
import { portions } from "./portions.js";

const TOGETHER = 4; // pictures in one request
const TYPING = 250; // milliseconds of rest before what is typed is checked

/**
 * @typedef {import("./code-rows.js").Item} Item
 * @typedef {import("./codes.js").Field} Field
 */

/**
 * Says "change" when entries came or were read, "item" when one number has something else to say, "read" with the first of
 * a portion, "reread" when all were read anew, "trouble" with an error that is no entry's.
 */
export class CodePile extends EventTarget {
  /** @type {Entry[]} */
  entries = [];
  #round = 0; // of reading all: an older one gives up
  #typing = 0;

  /** @returns {boolean} whether there is something that a person typed: it is nowhere else */
  get typed() {
    return this.entries.some((entry) => entry.items.some(({ written }) => written !== null));
  }

  /**
   * @param {string} event
   * @param {unknown} [detail]
   */
  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  /** @param {File[]} files */
  async take(files) {
    const entries = files.map((file) => new Entry(file, isDocument(file) ? 0 : 1));
    this.entries.push(...entries);
    this.#tell("change");
    await this.#readAll(entries);
  }

  /** Other checks, other fields or another model: what was read otherwise is read anew. */
  async reread() {
    const round = ++this.#round;
    this.#check(this.entries.flatMap(outdated));
    this.#tell("change");
    await this.#readAll(this.entries);
    if (round === this.#round) this.#tell("reread");
  }

  /** Read again what failed: the service may be back. */
  async again() {
    const failed = this.entries.filter(({ spots }) => spots.some(({ error }) => error));
    for (const spot of failed.flatMap(({ spots }) => spots)) spot.error = null;
    this.#tell("change");
    await this.#readAll(failed);
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.entries.splice(this.entries.indexOf(entry), 1);
    entry.source = null;
  }

  /**
   * Put back what was taken out; it is read if it was not yet, or if all others were read anew meanwhile.
   * @param {Entry} entry
   * @param {Entry | undefined} before which one it stood; none: the last
   */
  async restore(entry, before) {
    insert(this.entries, entry, before);
    this.#check(outdated(entry));
    this.#tell("change");
    if (entry.spots.some(isUnread)) await this.#readAll([entry]);
  }

  /**
   * A number of a picture is none, or is of no use.
   * @param {Item} item
   */
  leave(item) {
    const { items, left } = item.of;
    items.splice(items.indexOf(item), 1);
    if (item.read) left.push(item.read);
  }

  /**
   * @param {Item} item that was left out
   * @param {Item | undefined} before which one it stood
   */
  unleave(item, before) {
    item.of.left = item.of.left.filter((one) => one !== item.read);
    insert(item.of.items, item, before);
    this.#tell("change");
  }

  /** @param {Entry} entry of which all numbers come back that were left out */
  unleaveAll({ spots: [spot] }) {
    spot.left = [];
    spot.items = itemsOf(spot);
    this.#tell("change");
  }

  /** @param {Entry} entry @returns {Item} a number that was not seen: a person says which */
  add({ spots: [spot] }) {
    const item = itemOf(spot);
    spot.items.push(item);
    this.#tell("change");
    return item;
  }

  clear() {
    [this.entries, this.#round] = [[], this.#round + 1];
    this.#tell("change");
  }

  /**
   * @param {Item} item
   * @param {string} value what a person says that it is; empty: no number
   */
  write(item, value) {
    item.written = value.split(/\s+/).filter(Boolean).join(" ");
    item.failed = [];
    this.#tell("item", item);
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.#check([item]), TYPING);
  }

  /**
   * What a person typed is checked as what was read is, and told; it stays what the person says.
   * @param {Item[]} items
   */
  async #check(items) {
    for (const item of items) {
      const { written, of: { field: { checks } } } = item;
      if (written === null) continue;
      try {
        const failed = lineOf(item).state === "person" && written && checks.length ? await fits(written, checks) : [];
        if (item.written !== written) continue; // typed on meanwhile
        item.failed = failed;
        this.#tell("item", item);
      } catch (error) {
        return this.#tell("trouble", error); // not checked: that is said
      }
    }
  }

  /** @param {Entry[]} entries */
  async #readAll(entries) {
    const round = this.#round;
    for (const portion of portions([...entries], TOGETHER)) {
      if (round !== this.#round) return;
      const some = portion.filter((entry) => this.entries.includes(entry)); // the others were taken out meanwhile
      if (some.length === 0) continue;
      const others = some[0].file ? [] : await this.#fetch(some[0], round);
      for (const field of codes.fields) await this.#read(some.filter((entry) => entry.file && isUnread(entry.spot(field))), field, round);
      await this.#readAll(others);
    }
  }

  /**
   * Fetch a page of a document; with its first page come the entries of all others.
   * @param {Entry} entry
   * @param {number} round
   * @returns {Promise<Entry[]>} the others, for the first page of a document
   */
  async #fetch(entry, round) {
    try {
      const { picture, pages } = await givePage(entry.from, entry.page);
      if (round !== this.#round || !this.entries.includes(entry)) return [];
      const others = entry.pages ? [] : Array.from({ length: pages - 1 }, (_, place) => new Entry(entry.from, pages, place + 2));
      [entry.pages, entry.file] = [pages, picture];
      this.entries.splice(this.entries.indexOf(entry) + 1, 0, ...others);
      this.#tell("change");
      return others;
    } catch (error) {
      if (round === this.#round) for (const spot of entry.spots) spot.error = /** @type {Error} */ (error);
      this.#tell("change");
      return [];
    }
  }

  /**
   * @param {Entry[]} entries
   * @param {Field} field
   * @param {number} round
   */
  async #read(entries, field, round) {
    if (entries.length === 0 || round !== this.#round) return;
    /** @type {import("./codes.js").Told[]} */
    let told = [];
    let trouble = /** @type {Error | null} */ (null);
    const [asking, asked] = [codes.asking(field), askedOf(field)];
    try {
      told = await readCodes(entries.flatMap((entry) => entry.file ?? []), asking);
    } catch (error) {
      trouble = /** @type {Error} */ (error);
    }
    if (round !== this.#round) return;
    for (const [place, entry] of entries.entries()) {
      const spot = entry.spot(field);
      const wrong = told[place]?.error;
      spot.error = trouble ?? (wrong ? new Problem(wrong) : null);
      spot.told = spot.error ? null : told[place];
      turned(spot, asking.several);
      spot.items = spot.told ? itemsOf(spot) : waiting(spot);
      spot.asked = asked;
    }
    this.#tell("change");
    const first = entries.find((entry) => this.entries.includes(entry));
    if (first) this.#tell("read", first);
  }
}

/** @param {Field} field @returns {string} how it is read now: what was read otherwise is out of date */
const askedOf = (field) => JSON.stringify([codes.asking(field), models.id]);

/**
 * What was read otherwise than it would be now, or failed, is to be read anew.
 * @param {Entry} entry
 * @returns {Item[]} its numbers there
 */
function outdated({ spots }) {
  const old = spots.filter((spot) => spot.error || spot.asked !== askedOf(spot.field));
  for (const spot of old) [spot.told, spot.error] = [null, null];
  return old.flatMap(({ items }) => items);
}

/**
 * @template T
 * @param {T[]} all
 * @param {T} one
 * @param {T | undefined} before which it comes; the last when that is gone
 */
function insert(all, one, before) {
  const place = before === undefined ? -1 : all.indexOf(before);
  all.splice(place < 0 ? all.length : place, 0, one);
}
