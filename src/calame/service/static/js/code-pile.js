/** The pile: pictures that were brought in, the numbers on them as they are read, portion after portion, and what a person says. Knows no row of it. */

import { fits, givePage, Problem, readCodes } from "./api.js";
import { itemOf, itemsOf, lineOf } from "./code-rows.js";
import { codes } from "./codes.js";
import { models } from "./models.js";
import { isDocument } from "./pictures.js";
import { portions } from "./portions.js";
import { number, t } from "./words.js";

const TOGETHER = 4; // pictures in one request
const TYPING = 250; // milliseconds of rest before what is typed is checked
const UNREAD = -1; // the round of what was not read yet

/**
 * @typedef {import("./code-rows.js").Item} Item
 * @typedef {import("./code-rows.js").Heard & { from: File, page: number, pages: number, file: File | null,
 *   source: import("./studio.js").Source | null, round: number, how: string, several: boolean, others: import("./code-rows.js").Item[] }} Entry
 * `file`: the picture, null while it is still to be fetched from the document `from`; `pages`: 0 while nobody knows;
 * `source`: the picture for the other panels, of the one that is shown alone; `round`: in which it was read; `how`: with
 * what, as `calame read --code` says it; `several`: what its items are of, and `others` what they were when it was read in
 * the other way: who comes back to that finds there what they said.
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
    const entries = files.map((file) => entryOf(file, isDocument(file) ? 0 : 1));
    this.entries.push(...entries);
    this.#tell("change");
    await this.#readAll(entries);
  }

  /** Other checks or another model: all is read anew. */
  async reread() {
    const round = ++this.#round;
    for (const entry of this.entries) [entry.told, entry.error] = [null, null];
    this.#check(this.entries.flatMap(({ items }) => items));
    this.#tell("change");
    await this.#readAll(this.entries);
    if (round === this.#round) this.#tell("reread");
  }

  /** Read again what failed: the service may be back. */
  async again() {
    const failed = this.entries.filter((entry) => entry.error);
    for (const entry of failed) entry.error = null;
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
    const stale = entry.round !== this.#round;
    if (stale) [entry.told, entry.error] = [null, null];
    this.#tell("change");
    if (!stale) return;
    this.#check(entry.items);
    await this.#readAll([entry]);
  }

  /**
   * A number of a picture is none, or is of no use.
   * @param {Entry} entry
   * @param {Item} item
   */
  leave(entry, item) {
    entry.items.splice(entry.items.indexOf(item), 1);
    if (item.read) entry.left.push(item.read);
  }

  /**
   * @param {Entry} entry
   * @param {Item} item that was left out
   * @param {Item | undefined} before which one it stood
   */
  unleave(entry, item, before) {
    entry.left = entry.left.filter((one) => one !== item.read);
    insert(entry.items, item, before);
    this.#tell("change");
  }

  /** @param {Entry} entry of which all numbers come back that were left out */
  unleaveAll(entry) {
    entry.left = [];
    entry.items = itemsOf(entry);
    this.#tell("change");
  }

  /** @param {Entry} entry @returns {Item} a number that was not seen: a person says which */
  add(entry) {
    const item = itemOf(entry);
    entry.items.push(item);
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
      const { written } = item;
      if (written === null) continue;
      try {
        const failed = lineOf(item).state === "person" && written && codes.checks.length ? await fits(written, codes.checks) : [];
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
      await this.#read(some.filter((entry) => entry.file), round);
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
      const others = entry.pages ? [] : Array.from({ length: pages - 1 }, (_, place) => entryOf(entry.from, pages, place + 2));
      [entry.pages, entry.file] = [pages, picture];
      this.entries.splice(this.entries.indexOf(entry) + 1, 0, ...others);
      this.#tell("change");
      return others;
    } catch (error) {
      if (round === this.#round) entry.error = /** @type {Error} */ (error);
      this.#tell("change");
      return [];
    }
  }

  /**
   * @param {Entry[]} entries
   * @param {number} round
   */
  async #read(entries, round) {
    if (entries.length === 0) return;
    /** @type {import("./codes.js").Told[]} */
    let told = [];
    let trouble = /** @type {Error | null} */ (null);
    const { asking } = codes;
    try {
      told = await readCodes(entries.flatMap((entry) => entry.file ?? []), asking);
    } catch (error) {
      trouble = /** @type {Error} */ (error);
    }
    if (round !== this.#round) return;
    const how = howOf(asking);
    for (const [place, entry] of entries.entries()) {
      const wrong = told[place]?.error;
      entry.error = trouble ?? (wrong ? new Problem(wrong) : null);
      entry.told = entry.error ? null : told[place];
      turned(entry, asking.several);
      entry.items = entry.told ? itemsOf(entry) : waiting(entry);
      [entry.round, entry.how] = [round, how(told[place])];
    }
    this.#tell("change");
    const first = entries.find((entry) => this.entries.includes(entry));
    if (first) this.#tell("read", first);
  }
}

/**
 * @param {File} from
 * @param {number} pages 0 for a document that nobody has looked into
 * @param {number} [page]
 * @returns {Entry}
 */
function entryOf(from, pages, page = 1) {
  /** @type {Entry} */
  const entry = { from, page, pages, file: pages === 1 ? from : null, told: null, error: null, items: [], others: [], left: [], several: codes.several, source: null, round: UNREAD, how: "" };
  entry.items = waiting(entry);
  return entry;
}

/**
 * The numbers of a page are not its one number. What was typed as one may be several, until somebody says of these what they are.
 * @param {Entry} entry
 * @param {boolean} several
 */
function turned(entry, several) {
  if (entry.several === several) return;
  const seed = several && entry.others.length === 0 ? entry.items : [];
  [entry.items, entry.others, entry.several] = [entry.others.length ? entry.others : seed.map((item) => ({ ...item })), entry.items, several];
}

/** @param {Entry} entry @returns {Item[]} what a person said of a picture that is not read; else one that waits for its number, unless several are looked for */
function waiting(entry) {
  const said = entry.items.filter(({ written }) => written !== null);
  return said.length || codes.several ? said : [itemOf(entry)];
}

/**
 * How a picture was read, as the options that ask for it: `calame read --code` goes on with a table that says the same.
 * @param {typeof codes.asking} asking
 * @returns {(told?: import("./codes.js").Told) => string}
 */
const howOf = ({ checks, several, maxWrong, kind, region }) => (told) =>
  [`model=${told?.model ?? models.id}`, ...[...checks].sort().map((check) => `check=${check}`), ...(maxWrong ? [`max-wrong=${maxWrong}`] : []), ...(kind ? [`kind=${kind}`] : []), ...(told?.calibration ? [`calibration=${told.calibration}`] : []), ...(region ? [`region=${region}`] : []), ...(several ? ["several"] : [])].join(" ");

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

/** @param {Entry} entry @returns {string} what it is called on the page */
export const nameOf = ({ from, page, pages }) => (pages > 1 ? t("codes.page", { file: from.name, page: number(page) }) : from.name);

/** @param {Entry} entry @returns {string} what it is called in a table that is taken away: as the commands and PDF viewers call it */
export const addressOf = ({ from, page, pages }) => (pages > 1 ? `${from.name}#page=${page}` : from.name);

/** @param {Entry} entry @returns {boolean} whether several numbers are looked for on it */
export const severalIn = ({ told }) => (told ? told.numbers !== undefined : codes.several);
