/** <code-table>: pictures brought in, a row each: what was read, what a person says, and the whole as CSV or XLSX. */

import { exported } from "../code-export.js";
import { CodePile, nameOf, severalIn } from "../code-pile.js";
import { guessOf, linesOf, stateOf } from "../code-rows.js";
import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { models } from "../models.js";
import { sourceSoon } from "../pictures.js";
import { counted, number, t } from "../words.js";
import { clearDialog } from "./clear-dialog.js";
import { UNDER } from "./code-filter.js";
import { CodeRow } from "./code-row.js";
import { wordsOf } from "./digit-answer.js";
import { RemovedRow } from "./removed-row.js";

const HEADS = ["picture", "file", "code", "sure", "state"];
/** What is counted, as the filter counts it, each with what of it is told by itself. */
const COUNTS = /** @type {const} */ ([["accepted", "person"], ["check", "refused"], ["failed", ""]]);

/** @typedef {import("../code-pile.js").Entry} Entry */

export class CodeTable extends Part {
  #pile = new CodePile();
  /** @type {Map<Entry, CodeRow>} */
  #rows = new Map();
  /** @type {import("./code-row.js").Does} */
  #does = {
    open: (entry) => this.#open(entry), write: (entry, value) => this.#pile.write(entry, value), key: (event, row) => this.#key(event, row),
    remove: (row) => this.#remove(row), again: () => this.#pile.again(),
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
    this.#pile.addEventListener("entry", (event) => this.#sayOf(/** @type {CustomEvent} */ (event).detail));
    this.#pile.addEventListener("read", (event) => (!codes.source || codes.source.kind === "draw") && this.#open(/** @type {CustomEvent} */ (event).detail));
    this.#pile.addEventListener("reread", () => this.#sift(true));
    this.#pile.addEventListener("trouble", (event) => this.#trouble(/** @type {CustomEvent} */ (event).detail));
    codes.addEventListener("change", () => this.#pile.reread());
    codes.addEventListener("source", () => this.#mark());
    models.addEventListener("change", () => this.#pile.reread());
    window.addEventListener("beforeunload", (event) => {
      if (this.#pile.typed) event.preventDefault();
    });
  }

  say() {
    this.#enter();
    for (const row of this.#rows.values()) row.say();
    this.#count();
    this.#sift();
    this.#mark();
    const removed = this.#removed?.say() ?? "";
    if (this.spoken && this.spoken.textContent !== removed) this.spoken.textContent = removed; // once
    const none = this.#pile.entries.length === 0;
    this.head?.toggleAttribute("hidden", none);
    this.hidden = none && !this.#removed;
  }

  /** @param {Entry} entry of which alone there is something else to say */
  #sayOf(entry) {
    this.#rows.get(entry)?.sayState();
    this.#count();
    this.#sift();
  }

  /** A row for each that came, in its place. */
  #enter() {
    let next = null;
    for (const entry of [...this.#pile.entries].reverse()) {
      const row = this.#rows.get(entry) ?? new CodeRow(entry, this.#does);
      if (!row.element.isConnected) {
        row.element.hidden = !this.filter?.fits(stateOf(entry));
        this.#rows.set(entry, row);
        this.body?.insertBefore(row.element, next);
      }
      next = row.element;
    }
  }

  #count() {
    const states = this.#pile.entries.map(stateOf);
    const done = states.filter(Boolean).length;
    const told = COUNTS.map(([group, part]) => {
      const [all, some] = [states.filter((one) => UNDER[one] === group).length, states.filter((one) => one === part && one).length];
      return all ? counted(`codes.count.${group}`, all) + (some ? ` (${counted(`codes.count.${part}`, some)})` : "") : "";
    });
    const several = this.#pile.entries.filter(severalIn);
    const numbers = several.flatMap((entry) => linesOf(entry).filter(({ text, read }) => text || (read && guessOf(read)))).length;
    const whole = t(numbers ? "codes.table.done.numbers" : "codes.table.done", { done: number(done), count: number(states.length), numbers: number(numbers) });
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
    for (const [entry, { element }] of this.#rows) {
      const fits = filter.fits(stateOf(entry));
      if (fits || (anew && !element.contains(document.activeElement))) element.hidden = !fits;
      shown += Number(!element.hidden);
    }
    const all = filter.chosen === "all";
    if (this.whole) this.whole.textContent = all ? "" : t("codes.filter.whole", { count: number(this.#rows.size) });
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
   * Show a row, with what was read of it, at once: nobody shall confirm a number beside the picture of another. The picture of
   * one row alone is held as pixels: those of a hundred pages would fill the memory.
   * @param {Entry} entry
   */
  #open(entry) {
    if (!entry.file || (entry.source && entry.source === codes.source)) return;
    for (const other of this.#pile.entries) other.source = null;
    entry.source = sourceSoon("import", entry.file, nameOf(entry), (source) => source === codes.source && codes.dispatchEvent(new Event("picture")));
    codes.show(entry.source, entry.told);
  }

  #mark() {
    for (const [entry, { element }] of this.#rows) element.classList.toggle("shown", Boolean(entry.source) && entry.source === codes.source);
  }

  /** @param {File[]} files */
  take(files) {
    return this.#pile.take(files);
  }

  #clear() {
    for (const row of this.#rows.values()) row.forget();
    this.#removed?.forget();
    this.#removed = null;
    this.#rows.clear();
    this.body?.replaceChildren();
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
    const { box, entry } = row;
    if (["Backspace", "Delete"].includes(event.key) && box.value === "" && stateOf(entry)) this.#pile.write(entry, ""); // the guess is no number
    if (event.key === "ArrowRight" && box.value === "" && row.weak) {
      event.preventDefault();
      return row.take();
    }
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const more = by < 0 ? box.selectionStart > 0 : box.selectionEnd < box.value.length;
    if (event.key !== "Enter" && more && severalIn(entry)) return; // numbers on several lines: arrows walk in these first
    event.preventDefault();
    if (event.repeat && event.key === "Enter") return; // a key held down confirms nothing
    if (event.key === "Enter" && row.stop()) {
      if (this.spoken) this.spoken.textContent = row.foreign;
      return;
    }
    if (event.key === "Enter" && stateOf(entry) === "check" && !row.weak) {
      box.value ||= box.placeholder;
      entry.confirmed = true;
      this.#pile.write(entry, box.value);
    }
    this.#beside(row, by)?.enter();
  }

  /**
   * @param {CodeRow} row
   * @param {number} by 1: down; -1: up
   * @returns {CodeRow | undefined} the next row that is shown
   */
  #beside({ entry }, by) {
    const { entries } = this.#pile;
    const place = entries.indexOf(entry);
    const others = by > 0 ? entries.slice(place + 1) : entries.slice(0, place).reverse();
    return others.map((one) => this.#rows.get(one)).find((one) => one && !one.element.hidden);
  }

  /**
   * Take a row out, for what came in by mistake; the keyboard goes on at the next one. A line in its place undoes it.
   * @param {CodeRow} row
   */
  #remove(row) {
    const { entry } = row;
    const next = this.#beside(row, 1) ?? this.#beside(row, -1);
    const shown = entry.source && entry.source === codes.source;
    this.#removed?.forget();
    this.#removed = new RemovedRow(row, HEADS.length + 1, () => this.#undo());
    const { undo } = this.#removed;
    this.#rows.delete(entry);
    this.#pile.remove(entry);
    if (shown) codes.show(null);
    this.say();
    (next?.box ?? undo).focus(); // the picture of the next one is shown then
  }

  #undo() {
    if (!this.#removed) return;
    const [{ row }, below] = [this.#removed, this.#removed.restore()];
    const place = this.#pile.entries.findIndex((entry) => this.#rows.get(entry)?.element === below);
    this.#removed = null;
    this.#rows.set(row.entry, row);
    this.#pile.restore(row.entry, place < 0 ? this.#pile.entries.length : place);
    row.enter();
  }

  /** @param {string} form */
  async #export(form) {
    try {
      const written = await exported(this.#pile.entries, form);
      if (this.alone) this.alone.textContent = written ? "" : t("codes.exported.alone");
      if (!written) return;
      const left = this.#pile.entries.filter((entry) => UNDER[stateOf(entry)] === "check").length; // what failed has nothing to look at
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

customElements.define("code-table", CodeTable);
