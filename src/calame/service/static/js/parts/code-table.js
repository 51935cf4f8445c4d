/** <code-table>: pictures brought in, a row each: what was read, what a person says, and the whole as CSV or XLSX. */

import { call, fits, readCodes } from "../api.js";
import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { sourceOf } from "../pictures.js";
import { portions } from "../portions.js";
import { inRow, number, percent, t } from "../words.js";
import { upper, wordsOf } from "./digit-answer.js";
import { models } from "../models.js";

const TOGETHER = 4; // pictures in one request
const TYPING = 250; // milliseconds of rest before what is typed is checked
const STATES = /** @type {const} */ (["accepted", "person", "check", "refused", "failed"]);
const OPEN = /** @type {const} */ (["check", "refused", "failed"]); // what still waits for a person
const OTHERS = 3; // other readings of a row in the table that is written

/** @typedef {{ file: File, url: string, told: import("../codes.js").Told | null, error: string, source: import("../studio.js").Source | null, written: string | null, failed: string[], row: HTMLElement }} Entry `failed`: the checks that `written` does not fit */

export class CodeTable extends Part {
  /** @type {Entry[]} */
  #entries = [];
  #round = 0; // of reading all: an older one gives up
  #typing = 0;

  build() {
    this.body = h("tbody");
    this.status = h("p", { class: "small quiet", role: "status" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", on: { click: () => (this.#typed ? this.dialog?.showModal() : this.#clear()) } });
    const heads = ["picture", "file", "code", "sure", "state"].map((name) => h("th", { scope: "col", t: `codes.table.${name}` }));
    this.table = h("table", { class: "code-table" }, h("thead", {}, h("tr", {}, ...heads)), this.body);
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
    const told = each.map(([state, count]) => t(`codes.count.${state}`, { count: number(Number(count)) }));
    if (this.status) this.status.textContent = [t("codes.table.done", { done: number(done), count: number(states.length) }), ...told].join(" · ");
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
    this.#checkAll(this.#entries);
    this.say();
    await this.#readAll(this.#entries);
  }

  /** @param {Entry[]} entries */
  async #readAll(entries) {
    const round = entries === this.#entries ? ++this.#round : this.#round;
    for (const some of portions(entries, TOGETHER)) {
      if (round !== this.#round) return;
      await this.#read(some, round);
    }
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
    const entry = { file, url, told: null, error: "", source: null, written: null, failed: [], row: h("tr") };
    box.addEventListener("input", () => this.#write(entry, box.value));
    box.addEventListener("focus", () => entry.source && entry.source !== codes.source && codes.show(entry.source));
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
    entry.failed = [];
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
      const failed = written !== null && codes.checks.length ? fits(written, codes.checks) : [];
      try {
        const told = await failed;
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
   * Enter takes the best guess, or what is typed, and goes on to the next row; arrows walk.
   * @param {KeyboardEvent} event
   * @param {Entry} entry
   * @param {HTMLInputElement} box
   */
  #key(event, entry, box) {
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (event.key === "Enter" && stateOf(entry) === "check") {
      box.value ||= box.placeholder;
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
    const unfit = entry.failed.length ? t("codes.unfit", { checks: entry.failed.join(", ") }) : "";
    const why = entry.written === null ? entry.error || numbersOf(entry).map((one) => one.reason).find(Boolean) || "" : unfit;
    const again = state === "failed" ? h("button", { type: "button", class: "quietly", on: { click: () => this.#again() } }, t("again")) : "";
    cell.replaceChildren(h("b", { class: `code-badge ${state}${unfit ? " unfit" : ""}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, ` ${upper(why)}`), again);
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
      if (this.status && left) this.status.textContent = t("codes.exported", { count: number(left) });
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
  if (entry.written !== null) return [{ file, text: entry.written, confidence: 1, state: "person", failed: entry.failed.join(", ") }];
  const numbers = numbersOf(entry);
  if (numbers.length === 0) return [{ file, state: entry.error ? "failed" : "refused", reason: entry.error }];
  return numbers.map((one) => ({
    file, text: one.text, confidence: one.confidence, state: one.state, reason: one.reason, guess: one.text === null ? one.guess : null,
    alternatives: one.alternatives.slice(0, OTHERS).map(([other, share]) => `${other} (${percent(share)})`).join(" · "),
    failed: one.failed.join(", "), place: one.box?.join(" ") ?? null,
    changes: inRow(one.changes.map(({ place, read, instead }) => `${t("codes.place", { place: place + 1 })} ${read || "–"} → ${instead || "–"}`)),
  }));
}

customElements.define("code-table", CodeTable);
