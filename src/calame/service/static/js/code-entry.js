/** A picture of the pile: what of it is read, and what it is called. */

import { itemOf } from "./code-rows.js";
import { codes } from "./codes.js";
import { number, t } from "./words.js";

/**
 * @typedef {import("./code-rows.js").Item} Item
 * @typedef {import("./codes.js").Field} Field
 * @typedef {import("./code-rows.js").Heard & { asked: string, several: boolean, others: Item[] }} Spot
 * A field of a picture. `asked`: how it was read; `several`: what its items are of, and `others` what they were when it was
 * read in the other way: who comes back to that finds there what they said.
 */

/** A picture, or a page of a document, with a spot for each field that is asked for; one alone where fields have no names. */
export class Entry {
  /** @type {import("./studio.js").Source | null} the picture for the other panels, of the one that is shown alone */
  source = null;
  /** @type {Map<Field, Spot>} those of fields that were taken out as well: they may come back */
  #spots = new Map();

  /**
   * @param {File} from
   * @param {number} pages 0 for a document that nobody has looked into
   * @param {number} [page]
   */
  constructor(from, pages, page = 1) {
    this.from = from;
    this.pages = pages; // 0 while nobody knows
    this.page = page;
    /** @type {File | null} the picture; null while it is still to be fetched from the document */
    this.file = pages === 1 ? from : null;
  }

  /** @returns {Spot[]} */
  get spots() {
    return codes.fields.map((field) => this.spot(field));
  }

  /** @param {Field} field @returns {Spot} */
  spot(field) {
    const known = this.#spots.get(field);
    if (known) return known;
    /** @type {Spot} */
    const spot = { field, told: null, error: null, items: [], others: [], left: [], several: codes.several, asked: "" };
    spot.items = waiting(spot);
    this.#spots.set(field, spot);
    return spot;
  }

  /** @returns {Item[]} the numbers of all its fields */
  get items() {
    return this.spots.flatMap(({ items }) => items);
  }
}

/** @param {Spot} spot @returns {boolean} whether it is still to be read */
export const isUnread = ({ told, error }) => !told && !error;

/**
 * The numbers of a page are not its one number. What was typed as one may be several, until somebody says of these what they are.
 * @param {Spot} spot
 * @param {boolean} several
 */
export function turned(spot, several) {
  if (spot.several === several) return;
  const seed = several && spot.others.length === 0 ? spot.items : [];
  [spot.items, spot.others, spot.several] = [spot.others.length ? spot.others : seed.map((item) => ({ ...item })), spot.items, several];
}

/** @param {Spot} spot @returns {Item[]} what a person said of it, when it is not read; else one that waits for its number, unless several are looked for */
export function waiting(spot) {
  const said = spot.items.filter(({ written }) => written !== null);
  return said.length || codes.several ? said : [itemOf(spot)];
}

/** @param {Entry} entry @returns {string} what it is called on the page */
export const nameOf = ({ from, page, pages }) => (pages > 1 ? t("codes.page", { file: from.name, page: number(page) }) : from.name);

/** @param {Entry} entry @returns {string} what it is called in a table that is taken away: as the commands and PDF viewers call it */
export const addressOf = ({ from, page, pages }) => (pages > 1 ? `${from.name}#page=${page}` : from.name);

/** @param {Entry} entry @returns {boolean} whether several numbers are looked for on it */
export const severalIn = ({ spots: [{ told }] }) => (told ? told.numbers !== undefined : codes.several);

/** @param {Entry} entry @returns {boolean} whether its numbers stand below a line of its own: it may have none, one or several */
export const isGroup = (entry) => codes.named || severalIn(entry);
