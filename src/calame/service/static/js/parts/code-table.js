/** <code-table>: pictures brought in, a row for each of their numbers: what was read, what a person says, and the whole as CSV or XLSX. */

import { exported } from "../code-export.js";
import { isGroup, isUnread, nameOf, severalIn } from "../code-entry.js";
import { CodePile } from "../code-pile.js";
import { guessOf, lineOf, stateOf, statesOf } from "../code-rows.js";
import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { models } from "../models.js";
import { sourceSoon } from "../pictures.js";
import { counted, number, t } from "../words.js";
import { clearDialog } from "./clear-dialog.js";
import { UNDER } from "./code-filter.js";
import { CodePageRow } from "./code-page-row.js";
import { CodeRow } from "./code-row.js";
import { wordsOf } from "./digit-answer.js";
import { RemovedRow } from "./removed-row.js";

const HEADS = ["picture", "file", "code", "sure", "state"];
/** What is counted, as the filter counts it, each with what of it is told by itself. */
const COUNTS = /** @type {const} */ ([["accepted", "person"], ["check", "refused"], ["failed", ""]]);

/**
 * @typedef {import("../code-entry.js").Entry} Entry
 * @typedef {import("../code-rows.js").Item} Item
 */

export class CodeTable extends Part {
  #pile = new CodePile();
  /** @type {Map<Item, CodeRow>} */
  #rows = new Map();
  /** @type {Map<Entry, CodePageRow>} of pictures of several numbers or fields, above them */
  #pages = new Map();
  /** @type {Map<File, string>} by which the browser knows the pictures */
  #urls = new Map();
  /** @type {import("./code-row.js").Does} */
  #does = {
    open: (entry, item) => this.#open(entry, item), write: (item, value) => this.#pile.write(item, value), key: (event, row) => this.#key(event, row),
    remove: (row) => (severalIn(row.entry) ? this.#leave(row) : this.#drop(row.entry)), add: (entry) => this.#add(entry), back: (entry) => this.#back(entry), drop: (entry) => this.#drop(entry),
    again: () => this.#pile.again(), url: (file) => this.#url(file),
  };
  /** @type {RemovedRow | null} the last row that was taken out */
  #removed = null;

  build() {
    this.body = h("tbody");
    this.status = h("p", { class: "small quiet", role: "status" });
    this.whole = h("p", { class: "small quiet code-whole", id: "code-whole" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", on: { click: () => (this.#pile.typed ? this.dialog?.showModal() : this.#clear()) } });
    const exports = ["csv", "xlsx"].map((form) => h("button", { type: "button", class: "button light", t: `sheet.${form}`, "aria-describedby": "code-whole", on: { click: () => this.#export(form) } }));
    this.alone = h("p", { class: "code-alone", role: "alert" });
    this.filter = /** @type {import("./code-filter.js").CodeFilter} */ (document.createElement("code-filter"));
    this.filter.addEventListener("choose", () => this.#sift(true));
    this.nothing = h("p", { class: "code-nothing", "aria-live": "polite" });
    this.staying = h("p", { class: "small quiet", t: "codes.filter.staying" });
    this.spoken = h("p", { class: "unseen", "aria-live": "polite" });
    this.head = h("div", {}, h("div", { class: "code-table-head" }, this.status, this.whole, ...exports, this.clear), this.alone, h("p", { class: "small quiet", t: "codes.table.about" }), h("div", { class: "code-filtering" }, this.filter, this.staying));
    const last = h("th", { scope: "col" }, h("span", { class: "unseen", t: "codes.table.remove_head" }));
    this.heads = h("thead", {}, h("tr", {}, ...HEADS.map((name) => h("th", { scope: "col", t: `codes.table.${name}` })), last));
    this.table = h("table", { class: "code-table" }, this.heads, this.body);
    this.dialog = clearDialog(() => this.#clear());
    this.append(this.head, this.table, this.nothing, this.spoken, this.dialog);
    this.hidden = true;
    this.#listen();
  }

  #listen() {
    this.#pile.addEventListener("change", () => this.say());
    this.#pile.addEventListener("item", (event) => this.#sayOf(/** @type {CustomEvent} */ (event).detail));
    this.#pile.addEventListener("read", (event) => (!codes.source || codes.source.kind === "draw") && this.#open(/** @type {CustomEvent} */ (event).detail));
    this.#pile.addEventListener("reread", () => this.#sift(true));
    this.#pile.addEventListener("trouble", (event) => this.#trouble(/** @type {CustomEvent} */ (event).detail));
    codes.addEventListener("change", () => this.#pile.reread());
    for (const event of ["source", "look", "reading"]) codes.addEventListener(event, () => this.#mark());
    models.addEventListener("change", () => this.#pile.reread());
    window.addEventListener("beforeunload", (event) => {
      if (this.#pile.typed) event.preventDefault();
    });
  }

  say() {
    this.#enter();
    for (const row of [...this.#pages.values(), ...this.#rows.values()]) row.say();
    this.#count();
    this.#sift();
    this.#mark();
    const removed = this.#removed?.say() ?? "";
    if (this.spoken && this.spoken.textContent !== removed) this.spoken.textContent = removed; // once
    const none = this.#pile.entries.length === 0;
    this.head?.toggleAttribute("hidden", none);
    this.hidden = none && !this.#removed;
  }

  /** @param {Item} item of which alone there is something else to say */
  #sayOf(item) {
    const row = this.#rows.get(item);
    row?.sayState();
    if (row) this.#pages.get(row.entry)?.sayState();
    this.#count();
    this.#sift();
  }

  /** A row for each number, and a line above those of one picture, in their places; those go that are of nothing any more. */
  #enter() {
    const { entries } = this.#pile;
    const [items, pages] = [new Set(entries.flatMap((entry) => entry.items)), new Set(entries.filter(isGroup))];
    for (const [item, row] of this.#rows) if (!items.has(item)) this.#rows.delete(item) && row.element.remove();
    for (const [entry, row] of this.#pages) if (!pages.has(entry)) this.#pages.delete(entry) && row.element.remove();
    let next = /** @type {Element | null} */ (null);
    for (const entry of [...entries].reverse()) {
      for (const item of [...entry.items].reverse()) {
        if (!this.#rows.has(item)) this.#rows.set(item, new CodeRow(entry, item, this.#does));
        next = this.#placed(/** @type {CodeRow} */ (this.#rows.get(item)).element, next, lineOf(item).state);
      }
      if (!isGroup(entry)) continue;
      if (!this.#pages.has(entry)) this.#pages.set(entry, new CodePageRow(entry, this.#does));
      next = this.#placed(/** @type {CodePageRow} */ (this.#pages.get(entry)).element, next, stateOf(entry.spots[0]));
    }
  }

  /**
   * @param {Element} element of a row
   * @param {Element | null} next the one after it
   * @param {import("./code-filter.js").State} state whether a new one is shown
   */
  #placed(element, next, state) {
    const after = element.nextElementSibling;
    const follows = after === next || (after?.classList.contains("code-removed") && after.nextElementSibling === next);
    if (element.isConnected && follows) return element;
    if (!element.isConnected) element.toggleAttribute("hidden", !this.filter?.fits(state));
    this.body?.insertBefore(element, next);
    return element;
  }

  /** @returns {import("./code-filter.js").State[]} of each number, and of each field or picture without one */
  get #states() {
    return this.#pile.entries.flatMap(({ spots }) => spots).flatMap((spot) => {
      const states = statesOf(spot);
      return states.length ? states : stateOf(spot);
    });
  }

  #count() {
    const { entries } = this.#pile;
    const states = this.#states;
    const done = entries.filter(({ spots }) => !spots.some(isUnread)).length;
    const told = COUNTS.map(([group, part]) => {
      const [all, some] = [states.filter((one) => UNDER[one] === group).length, states.filter((one) => one === part && one).length];
      return all ? counted(`codes.count.${group}`, all) + (some ? ` (${counted(`codes.count.${part}`, some)})` : "") : "";
    });
    const numbers = entries.filter(severalIn).flatMap(({ spots }) => spots.flatMap(statesOf)).length;
    const whole = t(numbers ? "codes.table.done.numbers" : "codes.table.done", { done: number(done), count: number(entries.length), numbers: number(numbers) });
    if (this.status) this.status.textContent = [whole, ...told].filter(Boolean).join(" · ");
    this.filter?.count(states);
  }

  /**
   * Show the rows that the filter is for. What does not fit any more stays, so that nothing goes from under one's hands.
   * @param {boolean} [anew] the filter was chosen, and all else goes
   */
  #sift(anew = false) {
    const { filter } = this;
    if (!filter) return;
    let shown = 0;
    /** @param {HTMLElement} element @param {boolean} fits */
    const show = (element, fits) => {
      if (fits || (anew && !element.contains(document.activeElement))) element.hidden = !fits;
      shown += Number(!element.hidden);
    };
    for (const [item, { element }] of this.#rows) show(element, filter.fits(lineOf(item).state));
    for (const [entry, { element }] of this.#pages) show(element, entry.items.length ? entry.items.some((item) => this.#rows.get(item)?.element.hidden === false) : filter.fits(stateOf(entry.spots[0])));
    const all = filter.chosen === "all";
    if (this.whole) this.whole.textContent = all ? "" : t("codes.filter.whole", { count: number(this.#states.length) });
    if (this.nothing) this.nothing.textContent = shown || all ? "" : t(`codes.filter.nothing.${filter.chosen}`);
    this.staying?.toggleAttribute("hidden", all || shown === 0);
    this.heads?.toggleAttribute("hidden", shown === 0);
    this.table?.toggleAttribute("hidden", shown === 0 && !this.#removed);
  }

  /** Show the first, for those who come back to the pile; without any, nothing. */
  open() {
    const first = this.#pile.entries.find((entry) => entry.file);
    if (first) this.#open(first);
    else codes.show(null);
  }

  /**
   * Show a picture, with what was read of it, at once: nobody shall confirm a number beside the picture of another. The picture
   * of one alone is held as pixels: those of a hundred pages would fill the memory.
   * @param {Entry} entry
   * @param {Item} [item] the number of it that is looked at
   */
  #open(entry, item) {
    if (!entry.file) return;
    const { told, field } = item?.of ?? entry.spots[0];
    if (!isShown(entry) || (item && codes.field !== field)) {
      for (const other of this.#pile.entries) if (other !== entry) other.source = null;
      const decoded = () => isShown(entry) && codes.dispatchEvent(new Event("picture"));
      entry.source = entry.source ? { ...entry.source } : sourceSoon("import", entry.file, nameOf(entry), decoded); // another field of it is another answer
      codes.show(entry.source, told, field);
    }
    if (item && severalIn(entry) && codes.place !== item.place) codes.look(item.place);
  }

  /** The picture that is shown, and which number of it. */
  #mark() {
    for (const { element, entry, item } of this.#rows.values()) element.classList.toggle("shown", isShown(entry) && (severalIn(entry) ? item.place === codes.place : item.of.field === codes.field));
    for (const { element, entry } of this.#pages.values()) element.classList.toggle("shown", isShown(entry));
  }

  /** @param {File} file */
  #url(file) {
    const url = this.#urls.get(file) ?? URL.createObjectURL(file);
    this.#urls.set(file, url);
    return url;
  }

  /** @param {File[]} files */
  take(files) {
    return this.#pile.take(files);
  }

  #clear() {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
    this.#removed?.forget();
    this.#removed = null;
    this.#pile.clear();
    codes.show(null);
    this.dispatchEvent(new Event("cleared"));
  }

  /**
   * Enter takes what is in the box, or the guess that stands there, and goes on to the next row; a guess that is more likely
   * wrong than right it leaves, and → takes it. Arrows walk.
   * @param {KeyboardEvent} event
   * @param {CodeRow} row
   */
  #key(event, row) {
    const { box, item } = row;
    if (["Backspace", "Delete"].includes(event.key) && box.value === "" && !["", "added"].includes(lineOf(item).state)) this.#pile.write(item, ""); // the guess is no number
    if (event.key === "ArrowRight" && box.value === "" && row.weak) {
      event.preventDefault();
      return row.take();
    }
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (event.repeat && event.key === "Enter") return; // a key held down confirms nothing
    if (event.key === "Enter" && row.stop()) {
      if (this.spoken) this.spoken.textContent = row.foreign;
      return;
    }
    if (event.key === "Enter" && lineOf(item).state === "check" && !row.weak) {
      box.value ||= box.placeholder;
      this.#pile.write(item, box.value);
    }
    this.#beside(item, by)?.enter();
  }

  /**
   * @param {Item} item
   * @param {number} by 1: down; -1: up
   * @returns {CodeRow | undefined} the next row that is shown
   */
  #beside(item, by) {
    const items = this.#pile.entries.flatMap((entry) => entry.items);
    const place = items.indexOf(item);
    const others = by > 0 ? items.slice(place + 1) : items.slice(0, place).reverse();
    return others.map((one) => this.#rows.get(one)).find((one) => one && !one.element.hidden);
  }

  /** @param {Entry} entry to which a person adds a number that was not seen */
  #add(entry) {
    const row = this.#rows.get(this.#pile.add(entry));
    if (row) row.element.hidden = false;
    row?.enter();
  }

  /** @param {Entry} entry to which all comes back that was left out */
  #back(entry) {
    this.#removed?.forget();
    this.#removed = null;
    this.#pile.unleaveAll(entry);
    this.#rows.get(entry.items[0])?.enter();
  }

  /**
   * Take a picture out, for what came in by mistake; the keyboard goes on at the next one. A line in its place undoes it.
   * @param {Entry} entry
   */
  #drop(entry) {
    const { items } = entry;
    const next = (items.length && (this.#beside(items[items.length - 1], 1) ?? this.#beside(items[0], -1))) || null;
    const follows = this.#pile.entries[this.#pile.entries.indexOf(entry) + 1];
    const row = this.#pages.get(entry) ?? this.#rows.get(items[0]);
    const shown = isShown(entry);
    this.#removing(row?.element, () => t("codes.removed", { file: nameOf(entry) }), () => {
      this.#pile.restore(entry, follows);
      this.#rows.get(entry.items[0])?.enter();
    });
    this.#pile.remove(entry);
    if (shown) codes.show(null);
    this.say();
    (next?.box ?? this.#removed?.undo)?.focus(); // the picture of the next one is shown then
  }

  /**
   * Leave out one number of several: it is none, or of no use. A line in its place undoes it.
   * @param {CodeRow} row
   */
  #leave({ entry, item, element }) {
    const next = this.#beside(item, 1) ?? this.#beside(item, -1);
    const { items } = item.of;
    const follows = items[items.indexOf(item) + 1];
    const { text, read } = lineOf(item);
    const words = { text: text || (read && guessOf(read)) || "–", file: nameOf(entry) };
    this.#removing(element, () => t("codes.removed.number", words), () => {
      this.#pile.unleave(item, follows);
      this.#rows.get(item)?.enter();
    });
    this.#pile.leave(item);
    this.say();
    (next?.box ?? this.#removed?.undo)?.focus();
  }

  /**
   * @param {Element | undefined} element in whose place a line says what was taken out: the last alone comes back
   * @param {() => string} words
   * @param {() => void} undone
   */
  #removing(element, words, undone) {
    this.#removed?.forget();
    this.#removed = new RemovedRow(HEADS.length + 1, words, () => {
      this.#removed?.forget();
      this.#removed = null;
      undone();
    });
    element?.before(this.#removed.line);
  }

  /** @param {string} form */
  async #export(form) {
    try {
      const written = await exported(this.#pile.entries, form);
      if (this.alone) this.alone.textContent = written ? "" : t("codes.exported.alone");
      if (!written) return;
      const left = this.#states.filter((state) => UNDER[state] === "check").length; // what failed has nothing to look at
      if (this.status && left) this.status.textContent = counted("codes.exported", left);
    } catch (error) {
      this.#trouble(/** @type {Error} */ (error));
    }
  }

  /** @param {Error} error */
  #trouble(error) {
    if (this.status) this.status.textContent = wordsOf(error);
  }
}

/** @param {Entry} entry */
const isShown = ({ source }) => source !== null && source === codes.source;

customElements.define("code-table", CodeTable);
