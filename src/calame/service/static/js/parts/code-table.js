/** <code-table>: pictures brought in, a row each: what was read, what a person says, and the whole as CSV or XLSX. */

import { call, readCodes } from "../api.js";
import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { sourceOf } from "../pictures.js";
import { number, percent, t } from "../words.js";
import { wordsOf } from "./digit-answer.js";
import { upper } from "./code-answer.js";
import { models } from "../models.js";

const TOGETHER = 4; // pictures in one request
const OTHERS = 3; // other readings of a row in the table that is written

/** @typedef {{ file: File, url: string, told: import("../codes.js").Told | null, error: string, source: import("../studio.js").Source | null, written: string | null, row: HTMLElement }} Entry */

export class CodeTable extends Part {
  /** @type {Entry[]} */
  #entries = [];
  #round = 0; // of reading all: an older one gives up

  build() {
    this.body = h("tbody");
    this.status = h("p", { class: "small quiet", role: "status" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", on: { click: () => this.#clear() } });
    const heads = ["picture", "file", "code", "sure", "state"].map((name) => h("th", { scope: "col", t: `codes.table.${name}` }));
    this.table = h("table", { class: "code-table" }, h("thead", {}, h("tr", {}, ...heads)), this.body);
    const exports = ["csv", "xlsx"].map((form) => h("button", { type: "button", class: "button light", t: `sheet.${form}`, on: { click: () => this.#export(form) } }));
    this.append(h("div", { class: "code-table-head" }, this.status, ...exports, this.clear), h("p", { class: "small quiet", t: "codes.table.about" }), this.table);
    codes.addEventListener("change", () => this.#reread());
    codes.addEventListener("source", () => this.#mark());
    models.addEventListener("change", () => this.#reread());
    this.hidden = true;
    window.addEventListener("beforeunload", (event) => {
      if (this.#entries.some((entry) => entry.written !== null)) event.preventDefault(); // what a person typed is only here
    });
  }

  say() {
    for (const entry of this.#entries) this.#answer(entry);
    this.#count();
    this.hidden = this.#entries.length === 0;
  }

  #count() {
    const done = this.#entries.filter((entry) => entry.told || entry.error).length;
    const doubtful = this.#entries.filter((entry) => stateOf(entry) === "check").length;
    if (this.status) this.status.textContent = t("codes.table.done", { done: number(done), count: number(this.#entries.length), doubtful: number(doubtful) });
  }

  /** @returns {import("../studio.js").Source | null} the first that can be shown */
  get first() {
    return this.#entries[0]?.source ?? null;
  }

  /** @param {File[]} files */
  async take(files) {
    const entries = files.map((file) => this.#enter(file));
    this.say();
    await this.#readAll(entries);
  }

  async #reread() {
    for (const entry of this.#entries) [entry.told, entry.error] = [null, ""];
    this.say();
    await this.#readAll(this.#entries);
  }

  /** @param {Entry[]} entries */
  async #readAll(entries) {
    const round = entries === this.#entries ? ++this.#round : this.#round;
    for (let at = 0; at < entries.length && round === this.#round; at += TOGETHER) await this.#read(entries.slice(at, at + TOGETHER), round);
  }

  /**
   * @param {Entry[]} entries
   * @param {number} round
   */
  async #read(entries, round) {
    /** @type {import("../codes.js").Told[]} */
    let told = [];
    let trouble = "";
    try {
      told = await readCodes(entries.map((entry) => entry.file), codes.asking);
    } catch (error) {
      trouble = wordsOf(/** @type {Error} */ (error));
    }
    if (round !== this.#round) return;
    for (const [place, entry] of entries.entries()) {
      const wrong = told[place]?.error;
      entry.error = trouble || (wrong ? wordsOf(new Error(wrong.detail || wrong.title)) : "");
      entry.told = entry.error ? null : told[place];
      entry.source ??= await sourceOf("import", entry.file, entry.file.name);
    }
    if (!codes.source || codes.source.kind === "draw") codes.show(entries[0].source);
    this.say();
    this.#mark();
  }

  #clear() {
    for (const entry of this.#entries) URL.revokeObjectURL(entry.url);
    [this.#entries, this.#round] = [[], this.#round + 1];
    this.body?.replaceChildren();
    this.say();
    codes.show(null);
    this.dispatchEvent(new Event("cleared"));
  }

  /** @param {File} file */
  #enter(file) {
    const url = URL.createObjectURL(file);
    const picture = h("img", { src: url, alt: "" });
    picture.addEventListener("error", () => picture.classList.add("unshown"));
    const box = h("input", { type: "text", class: "code-box", inputmode: "numeric", autocomplete: "off", spellcheck: "false", maxlength: 200 });
    /** @type {Entry} */
    const entry = { file, url, told: null, error: "", source: null, written: null, row: h("tr") };
    box.addEventListener("input", () => this.#write(entry, box.value));
    box.addEventListener("keydown", (event) => this.#key(event, entry, box));
    const open = h("button", { type: "button", class: "code-open", on: { click: () => entry.source && codes.show(entry.source) } }, picture);
    entry.row.append(h("td", {}, open), h("td", { class: "cell-file" }, file.name), h("td", { class: "cell-code" }, box), h("td", { class: "cell-sure" }), h("td", { class: "cell-state" }));
    this.#entries.push(entry);
    this.body?.append(entry.row);
    return entry;
  }

  /**
   * @param {Entry} entry
   * @param {string} value what a person says that it is
   */
  #write(entry, value) {
    entry.written = value.trim() === "" ? null : value.trim();
    this.#sayState(entry);
    this.#count();
  }

  /**
   * Enter takes the best guess, or what is typed, and goes on to the next row; arrows walk.
   * @param {KeyboardEvent} event
   * @param {Entry} entry
   * @param {HTMLInputElement} box
   */
  #key(event, entry, box) {
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (event.key === "Enter" && stateOf(entry) === "check" && !box.value) {
      box.value = box.placeholder;
      this.#write(entry, box.value);
    }
    const all = /** @type {HTMLInputElement[]} */ ([...this.querySelectorAll("input.code-box")]);
    const next = all[all.indexOf(box) + by];
    next?.focus();
    next?.select();
  }

  /** @param {Entry} entry */
  #answer(entry) {
    const box = /** @type {HTMLInputElement} */ (entry.row.querySelector("input"));
    const open = /** @type {HTMLButtonElement} */ (entry.row.querySelector("button"));
    const numbers = numbersOf(entry);
    if (entry.written === null) box.value = numbers.map((one) => one.text ?? "").filter(Boolean).join(" ");
    box.placeholder = numbers.map((one) => one.guess ?? "").filter(Boolean).join(" ");
    box.setAttribute("aria-label", t("codes.table.box", { file: entry.file.name }));
    open.setAttribute("aria-label", t("codes.table.open", { file: entry.file.name }));
    /** @type {HTMLElement} */ (entry.row.querySelector(".cell-sure")).textContent = numbers.length ? percent(Math.min(...numbers.map((one) => one.confidence))) : "";
    this.#sayState(entry);
  }

  /** @param {Entry} entry */
  #sayState(entry) {
    const cell = /** @type {HTMLElement} */ (entry.row.querySelector(".cell-state"));
    const state = stateOf(entry);
    if (!state) return cell.replaceChildren(t("import.reading"));
    const why = entry.written === null ? entry.error || numbersOf(entry).map((one) => one.reason).find(Boolean) || "" : "";
    cell.replaceChildren(h("b", { class: `code-badge ${state}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, ` ${upper(why)}`));
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
      h("a", { href: url, download: `calame-codes.${form}` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      if (this.status) this.status.textContent = wordsOf(/** @type {Error} */ (error));
    }
  }
}

/** @param {Entry} entry @returns {import("../api.js").Code[]} */
function numbersOf({ told }) {
  if (!told) return [];
  return told.numbers ?? [/** @type {import("../api.js").Code} */ (told)];
}

/** @param {Entry} entry @returns {"" | "accepted" | "check" | "refused" | "failed" | "person"} */
function stateOf(entry) {
  if (entry.written !== null) return "person";
  if (entry.error) return "failed";
  const states = numbersOf(entry).map((one) => one.state);
  if (!entry.told) return "";
  return states.find((one) => one === "check") ?? states.find((one) => one === "refused") ?? states[0] ?? "refused";
}

/** @param {Entry} entry @returns {Record<string, unknown>[]} rows as the service writes them: a person's word is one row */
function rowsOf(entry) {
  const file = entry.file.name;
  if (entry.written !== null) return [{ file, text: entry.written, confidence: 1, state: "person" }];
  const numbers = numbersOf(entry);
  if (numbers.length === 0) return [{ file, state: entry.error ? "failed" : "refused", reason: entry.error }];
  return numbers.map((one) => ({
    file, text: one.text, confidence: one.confidence, state: one.state, reason: one.reason, guess: one.text === null ? one.guess : null,
    alternatives: one.alternatives.slice(0, OTHERS).map(([other, share]) => `${other} (${percent(share)})`).join(" · "),
    failed: one.failed.join(", "), place: one.box?.join(" ") ?? null,
    changes: one.changes.map(({ place, read, instead }) => `${t("codes.place", { place: place + 1 })} ${read || "–"} → ${instead || "–"}`).join("; "),
  }));
}

customElements.define("code-table", CodeTable);
