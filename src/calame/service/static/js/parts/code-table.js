/** <code-table>: pictures brought in, a row each: what was read, what a person says, and the whole as CSV or XLSX. */

import { call, fits, givePage, readCodes } from "../api.js";
import { guessOf, linesOf, numbersOf, stateOf } from "../code-rows.js";
import { codes } from "../codes.js";
import { h, icon, Part } from "../dom.js";
import { ICONS } from "../icons.js";
import { isDocument, sourceOf } from "../pictures.js";
import { portions } from "../portions.js";
import { counted, inRow, number, percent, t } from "../words.js";
import { upper, wordsOf } from "./digit-answer.js";
import { models } from "../models.js";

const TOGETHER = 4; // pictures in one request
const TYPING = 250; // milliseconds of rest before what is typed is checked
const STATES = /** @type {const} */ (["accepted", "person", "check", "refused", "failed"]);
const OPEN = /** @type {const} */ (["check", "refused", "failed"]); // what still waits for a person
const [PAGE_HEIGHT, PAGE_SHAPE] = [1000, 0.6]; // of a picture that may be a page: pixels at least, and widths more than
const LONGEST = 4000; // letters of a box: the numbers of a full page
const NOTHING = ["blank", "no_ink"]; // why there is nothing to read, however it is read
const ROOM = 0.4; // of a number's height: what of the picture is shown around it
const [OTHERS, LIKELY] = [3, 0.001]; // other readings of a row in the table that is written: so many, each at least so probable

/**
 * @typedef {{ from: File, page: number, pages: number, file: File | null, url: string, told: import("../codes.js").Told | null, error: string,
 *   source: import("../studio.js").Source | null, written: string[] | null, confirmed: boolean, failed: Map<string, string[]>, row: HTMLElement }} Entry
 * `file`: the picture, null while it is still to be fetched from the document `from`; `pages`: 0 while nobody knows;
 * `source`: the picture for the other panels, of the row that is shown alone; `written`, `confirmed`: as in `Heard`;
 * `failed`: the checks that what a person typed does not fit, of each number.
 */

export class CodeTable extends Part {
  /** @type {Entry[]} */
  #entries = [];
  #round = 0; // of reading all: an older one gives up
  #typing = 0;
  /** @type {Entry | null} the row whose picture is being opened */
  #opening = null;

  build() {
    this.body = h("tbody");
    this.status = h("p", { class: "small quiet", role: "status" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", on: { click: () => (this.#typed ? this.dialog?.showModal() : this.#clear()) } });
    const heads = ["picture", "file", "code", "sure", "state"].map((name) => h("th", { scope: "col", t: `codes.table.${name}` }));
    const last = h("th", { scope: "col" }, h("span", { class: "unseen", t: "codes.table.remove_head" }));
    this.table = h("table", { class: "code-table" }, h("thead", {}, h("tr", {}, ...heads, last)), this.body);
    const exports = ["csv", "xlsx"].map((form) => h("button", { type: "button", class: "button light", t: `sheet.${form}`, on: { click: () => this.#export(form) } }));
    this.append(h("div", { class: "code-table-head" }, this.status, ...exports, this.clear), h("p", { class: "small quiet", t: "codes.table.about" }), this.table, this.#dialog());
    codes.addEventListener("change", () => this.#reread());
    codes.addEventListener("source", () => this.#mark());
    models.addEventListener("change", () => this.#reread());
    this.hidden = true;
    window.addEventListener("beforeunload", (event) => {
      if (this.#typed) event.preventDefault();
    });
  }

  say() {
    for (const entry of this.#entries) this.#answer(entry);
    this.#count();
    this.hidden = this.#entries.length === 0;
  }

  /** @returns {boolean} whether there is something that a person typed: it is nowhere else */
  get #typed() {
    return this.#entries.some((entry) => entry.written !== null);
  }

  #dialog() {
    const close = () => this.dialog?.close();
    const all = () => {
      close();
      this.#clear();
    };
    this.dialog = h("dialog", { "aria-labelledby": "pile-title" },
      h("h2", { id: "pile-title", t: "codes.clear.title" }), h("p", { t: "codes.clear.about" }),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button danger", t: "import.clear", on: { click: all } }),
        h("button", { type: "button", class: "quietly", t: "codes.clear.no", on: { click: close } })));
    return this.dialog;
  }

  #count() {
    const states = this.#entries.map(stateOf);
    const done = states.filter(Boolean).length;
    const each = STATES.map((state) => [state, states.filter((one) => one === state).length]).filter(([, count]) => count);
    const told = each.map(([state, count]) => counted(`codes.count.${state}`, Number(count)));
    if (this.status) this.status.textContent = [t("codes.table.done", { done: number(done), count: number(states.length) }), ...told].join(" · ");
  }

  /** Show the first, for those who come back to the pile; without any, nothing. */
  async open() {
    const first = this.#entries.find((entry) => entry.file);
    if (first) await this.#open(first);
    else codes.show(null);
  }

  /**
   * The picture of one row alone is held as pixels: those of a hundred pages would fill the memory.
   * @param {Entry} entry
   */
  async #open(entry) {
    if (!entry.file || (entry.source && entry.source === codes.source)) return;
    this.#opening = entry;
    const source = await sourceOf("import", entry.file, nameOf(entry));
    if (this.#opening !== entry) return; // another row is wanted meanwhile, or none
    for (const other of this.#entries) other.source = null;
    entry.source = source;
    codes.show(source);
  }

  /** @param {File[]} files */
  async take(files) {
    const entries = files.map((file) => {
      const entry = entryOf(file, isDocument(file) ? 0 : 1);
      this.#enter(entry, this.#entries.length);
      return entry;
    });
    this.say();
    await this.#readAll(entries);
  }

  async #reread() {
    for (const entry of this.#entries) [entry.told, entry.error] = [null, ""];
    this.#checkAll(this.#entries);
    this.say();
    await this.#readAll(this.#entries);
  }

  /** @param {Entry[]} entries */
  async #readAll(entries) {
    const round = entries === this.#entries ? ++this.#round : this.#round;
    for (const portion of portions([...entries], TOGETHER)) {
      if (round !== this.#round) return;
      const some = portion.filter((entry) => this.#entries.includes(entry)); // the others were taken out meanwhile
      if (some.length === 0) continue;
      const others = some[0].file ? [] : await this.#fetch(some[0], round);
      await this.#read(some.filter((entry) => entry.file), round);
      await this.#readAll(others);
    }
  }

  /**
   * Fetch a page of a document; with its first page come the rows of all others.
   * @param {Entry} entry
   * @param {number} round
   * @returns {Promise<Entry[]>} the others, for the first page of a document
   */
  async #fetch(entry, round) {
    try {
      const { picture, pages } = await givePage(entry.from, entry.page);
      if (round !== this.#round || !this.#entries.includes(entry)) return [];
      const others = entry.pages ? [] : Array.from({ length: pages - 1 }, (_, place) => entryOf(entry.from, pages, place + 2));
      entry.pages = pages;
      this.#picture(entry, picture);
      for (const [place, other] of others.entries()) this.#enter(other, this.#entries.indexOf(entry) + 1 + place);
      this.say();
      return others;
    } catch (error) {
      if (round === this.#round) entry.error = wordsOf(/** @type {Error} */ (error));
      this.say();
      return [];
    }
  }

  /**
   * @param {Entry[]} entries
   * @param {number} round
   */
  async #read(entries, round) {
    if (entries.length === 0) return;
    /** @type {import("../codes.js").Told[]} */
    let told = [];
    let trouble = "";
    try {
      told = await readCodes(entries.flatMap((entry) => entry.file ?? []), codes.asking);
    } catch (error) {
      trouble = wordsOf(/** @type {Error} */ (error));
    }
    if (round !== this.#round) return;
    for (const [place, entry] of entries.entries()) {
      const wrong = told[place]?.error;
      entry.error = trouble || (wrong ? wordsOf(new Error(wrong.detail || wrong.title)) : "");
      entry.told = entry.error ? null : told[place];
    }
    const first = entries.find((entry) => this.#entries.includes(entry));
    if (first && (!codes.source || codes.source.kind === "draw")) await this.#open(first);
    this.say();
    this.#mark();
  }

  #clear() {
    for (const entry of this.#entries) URL.revokeObjectURL(entry.url);
    [this.#entries, this.#opening, this.#round] = [[], null, this.#round + 1];
    this.body?.replaceChildren();
    this.say();
    codes.show(null);
    this.dispatchEvent(new Event("cleared"));
  }

  /**
   * @param {Entry} entry
   * @param {number} place among the rows
   */
  #enter(entry, place) {
    const picture = h("img", { alt: "", class: "unshown" });
    for (const event of ["error", "load"]) picture.addEventListener(event, () => picture.classList.toggle("unshown", event === "error"));
    const box = h("textarea", { class: "code-box", rows: 1, autocomplete: "off", spellcheck: "false", maxlength: LONGEST });
    box.addEventListener("input", () => this.#write(entry, box.value));
    box.addEventListener("focus", () => this.#open(entry));
    box.addEventListener("keydown", (event) => this.#key(event, entry, box));
    const open = h("button", { type: "button", class: "code-open", on: { click: () => this.#open(entry) } }, picture);
    const remove = h("button", { type: "button", class: "tool code-remove", on: { click: () => this.#remove(entry) } }, icon(ICONS.clear));
    entry.row.append(h("td", {}, open), h("td", { class: "cell-file" }), h("td", { class: "cell-code" }, box), h("td", { class: "cell-sure" }), h("td", { class: "cell-state" }),
      h("td", { class: "cell-remove" }, remove));
    this.body?.insertBefore(entry.row, this.#entries[place]?.row ?? null);
    this.#entries.splice(place, 0, entry);
    if (entry.file) this.#picture(entry, entry.file);
  }

  /**
   * @param {Entry} entry
   * @param {File} file its picture
   */
  #picture(entry, file) {
    entry.file = file;
    entry.url = URL.createObjectURL(file);
    /** @type {HTMLImageElement} */ (entry.row.querySelector("img")).src = entry.url;
  }

  /**
   * @param {Entry} entry
   * @param {string} value what a person says that it is; of several numbers, with a space between two; empty: no number
   */
  #write(entry, value) {
    const words = value.split(/\s+/).filter(Boolean);
    entry.written = severalIn(entry) || words.length === 0 ? words : [words.join(" ")];
    entry.failed = new Map();
    this.#sayState(entry);
    this.#count();
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.#checkAll([entry]), TYPING);
  }

  /**
   * What a person typed is checked as what was read is, and told; it stays what the person says.
   * @param {Entry[]} entries
   */
  async #checkAll(entries) {
    for (const entry of entries) {
      const { written } = entry;
      try {
        const told = await unfitOf(entry);
        if (entry.written !== written) continue; // typed on meanwhile
        entry.failed = told;
        this.#sayState(entry);
      } catch (error) {
        if (this.status) this.status.textContent = wordsOf(/** @type {Error} */ (error)); // not checked: that is said
        return;
      }
    }
  }

  /**
   * Enter takes the best guess, or what is in the box, and goes on to the next row; arrows walk.
   * @param {KeyboardEvent} event
   * @param {Entry} entry
   * @param {HTMLTextAreaElement} box
   */
  #key(event, entry, box) {
    if (["Backspace", "Delete"].includes(event.key) && box.value === "" && stateOf(entry)) this.#write(entry, ""); // the guess is no number
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const more = by < 0 ? box.selectionStart > 0 : box.selectionEnd < box.value.length;
    if (event.key !== "Enter" && more && severalIn(entry)) return; // numbers on several lines: arrows walk in these first
    event.preventDefault();
    if (event.repeat && event.key === "Enter") return; // a key held down confirms nothing
    if (event.key === "Enter" && stateOf(entry) === "check") {
      box.value ||= box.placeholder;
      entry.confirmed = true;
      this.#write(entry, box.value);
    }
    const next = this.#entries[this.#entries.indexOf(entry) + by]?.row.querySelector("textarea");
    next?.focus();
    next?.select();
  }

  /**
   * Take a row out, for what came in by mistake; the keyboard goes on at the next one.
   * @param {Entry} entry
   */
  #remove(entry) {
    const place = this.#entries.indexOf(entry);
    if (this.#entries.length === 1) return this.#clear();
    URL.revokeObjectURL(entry.url);
    this.#entries.splice(place, 1);
    entry.row.remove();
    if (this.#opening === entry) this.#opening = null;
    const next = this.#entries[Math.min(place, this.#entries.length - 1)];
    if (entry.source && entry.source === codes.source) codes.show(null);
    next.row.querySelector("textarea")?.focus(); // its picture is shown then
    this.say();
  }

  /** @param {Entry} entry */
  #answer(entry) {
    const box = /** @type {HTMLTextAreaElement} */ (entry.row.querySelector("textarea"));
    const numbers = numbersOf(entry);
    if (entry.written === null) box.value = severalIn(entry) ? numbers.map(guessOf).filter(Boolean).join(" ") : numbers[0]?.text ?? "";
    box.inputMode = severalIn(entry) ? "text" : "numeric"; // phones have no space among their digits
    /** @type {HTMLElement} */ (entry.row.querySelector("img")).style.setProperty("object-view-box", viewOf(entry)); // of a page, where the number is
    box.setAttribute("aria-label", t("codes.table.box", { file: nameOf(entry) }));
    for (const does of ["open", "remove"]) entry.row.querySelector(`.code-${does}`)?.setAttribute("aria-label", t(`codes.table.${does}`, { file: nameOf(entry) }));
    /** @type {HTMLElement} */ (entry.row.querySelector(".cell-file")).textContent = nameOf(entry);
    /** @type {HTMLElement} */ (entry.row.querySelector(".cell-sure")).textContent = numbers.length ? percent(Math.min(...numbers.map((one) => one.confidence))) : "";
    this.#sayState(entry);
  }

  /** @param {Entry} entry */
  #sayState(entry) {
    const cell = /** @type {HTMLElement} */ (entry.row.querySelector(".cell-state"));
    const state = stateOf(entry);
    const box = /** @type {HTMLTextAreaElement} */ (entry.row.querySelector("textarea"));
    box.placeholder = entry.written || severalIn(entry) ? "" : numbersOf(entry)[0]?.guess ?? "";
    if (!state) return cell.replaceChildren(t("import.reading"));
    const unfit = [...new Set([...entry.failed.values()].flat())].join(", ");
    const why = unfit ? t("codes.unfit", { checks: unfit }) : entry.written?.length === 0 ? t("codes.emptied") : reasonOf(entry);
    const again = state === "failed" ? h("button", { type: "button", class: "quietly", on: { click: () => this.#again() } }, t("again")) : "";
    cell.replaceChildren(h("b", { class: `code-badge ${state}${unfit ? " unfit" : ""}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, ` ${upper(why)}${hintOf(entry)}`), again);
  }

  /** Read again what failed: the service may be back. */
  async #again() {
    const failed = this.#entries.filter((entry) => entry.error);
    for (const entry of failed) entry.error = "";
    this.say();
    await this.#readAll(failed);
  }

  #mark() {
    for (const entry of this.#entries) entry.row.classList.toggle("shown", Boolean(entry.source) && entry.source === codes.source);
  }

  /** @param {string} form */
  async #export(form) {
    try {
      const answer = await call(`/v1/codes/sheet.${form}?lang=${document.documentElement.lang}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows: this.#entries.flatMap(rowsOf) }),
      });
      const url = URL.createObjectURL(await answer.blob());
      h("a", { href: url, download: `calame-codes-${new Date().toISOString().slice(0, 10)}.${form}` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      const left = this.#entries.filter((entry) => /** @type {readonly string[]} */ (OPEN).includes(stateOf(entry))).length;
      if (this.status && left) this.status.textContent = counted("codes.exported", left);
    } catch (error) {
      if (this.status) this.status.textContent = wordsOf(/** @type {Error} */ (error));
    }
  }
}

/**
 * @param {File} from
 * @param {number} pages 0 for a document that nobody has looked into
 * @param {number} [page]
 * @returns {Entry}
 */
function entryOf(from, pages, page = 1) {
  return { from, page, pages, file: pages === 1 ? from : null, url: "", told: null, error: "", source: null, written: null, confirmed: false, failed: new Map(), row: h("tr") };
}

/** @param {Entry} entry @returns {string} what it is called on the page */
const nameOf = ({ from, page, pages }) => (pages > 1 ? t("codes.page", { file: from.name, page: number(page) }) : from.name);

/** @param {Entry} entry @returns {string} what it is called in a table that is taken away: as the commands and PDF viewers call it */
const addressOf = ({ from, page, pages }) => (pages > 1 ? `${from.name}#page=${page}` : from.name);

/** @param {Entry} entry @returns {boolean} whether its box holds several numbers */
const severalIn = ({ told }) => (told ? told.numbers !== undefined : codes.several);

/** @param {Entry} entry @returns {string} why it is not taken as it is */
const reasonOf = (entry) => (entry.written === null && entry.error) || linesOf(entry).map(({ state, read }) => (state === "person" ? "" : read?.reason)).find(Boolean) || "";

/** @param {Entry} entry @returns {string} what helps where a whole page was read as one number: a sentence after the reason */
function hintOf(entry) {
  const { told, written } = entry;
  if (!told || told.numbers || written || stateOf(entry) === "accepted" || NOTHING.includes(told.rejected ?? "")) return "";
  const [width, height] = told.size;
  return height >= PAGE_HEIGHT && height > PAGE_SHAPE * width ? `. ${t("codes.page_like", { switch: t("codes.several") })}` : "";
}

/** @param {Entry} entry @returns {Promise<Map<string, string[]>>} the checks that each number that a person typed does not fit */
async function unfitOf(entry) {
  const failed = new Map();
  const typed = entry.written && codes.checks.length ? linesOf(entry).filter(({ text, state }) => text && state === "person") : [];
  for (const { text } of typed) failed.set(text, await fits(text, codes.checks));
  return failed;
}

/** @param {Entry} entry @returns {string} the part of the picture that has its numbers; all of it when none is found */
function viewOf(entry) {
  const boxes = numbersOf(entry).flatMap(({ box }) => (box ? [box] : []));
  if (!entry.told || boxes.length === 0) return "none";
  const room = ROOM * Math.max(...boxes.map(([, top, , bottom]) => bottom - top));
  const [left, top] = [0, 1].map((side) => Math.min(...boxes.map((box) => box[side])) - room);
  const [right, bottom] = [2, 3].map((side) => Math.max(...boxes.map((box) => box[side])) + room);
  const [width, height] = entry.told.size;
  const insets = [top / height, 1 - right / width, 1 - bottom / height, left / width];
  return `inset(${insets.map((share) => `${(100 * Math.max(0, share)).toFixed(2)}%`).join(" ")})`;
}

/** @param {Entry} entry @returns {Record<string, unknown>[]} rows as the service writes them, one a number */
function rowsOf(entry) {
  const [file, lines] = [addressOf(entry), linesOf(entry)];
  if (lines.length === 0) return [{ file, state: entry.error ? "failed" : "refused", reason: entry.error }];
  return lines.map((line) => ({ file, text: line.text, state: line.state, ...readIn(line), ...(line.state === "person" ? { failed: entry.failed.get(line.text)?.join(", ") } : doubtsIn(line)) }));
}

/** @param {import("../code-rows.js").Line} line @returns {Record<string, unknown>} what was read, whatever a person says of it */
function readIn({ text, state, read }) {
  if (!read) return {};
  return {
    confidence: read.confidence, guess: state === "person" || !text ? guessOf(read) : null, place: read.box?.join(" ") ?? null,
    alternatives: read.alternatives.slice(0, OTHERS).filter(([, share]) => share >= LIKELY).map(([other, share]) => `${other} (${percent(share)})`).join(" · "),
  };
}

/** @param {import("../code-rows.js").Line} line @returns {Record<string, unknown>} why it is for a person, who has not looked yet */
function doubtsIn({ read }) {
  const changes = read?.changes.map(({ place, read: was, instead }) => `${t("codes.place", { place: place + 1 })} ${was || "–"} → ${instead || "–"}`);
  return { reason: read?.reason, failed: read?.failed.join(", "), changes: inRow(changes ?? []) };
}

customElements.define("code-table", CodeTable);
