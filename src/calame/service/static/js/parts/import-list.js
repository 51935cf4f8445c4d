/** <import-list>: files, several at once, each answered in its place. */

import { Problem, read } from "../api.js";
import { h, Part } from "../dom.js";
import { isPdf, sourceOf } from "../pictures.js";
import { portions } from "../portions.js";
import { studio } from "../studio.js";
import { number, percent, t } from "../words.js";
import { models } from "../models.js";
import { checkOf, reasonOf, wordsOf } from "./digit-answer.js";

const TOGETHER = 8; // pictures in one request, at most

/** @typedef {{ file: File, reading: import("../api.js").Reading | null, error: (() => string) | null, item: HTMLElement, source: import("../studio.js").Source | null }} Entry `error`: its words, in the language of now */

export class ImportList extends Part {
  /** @type {Entry[]} */
  #entries = [];
  #chosen = -1;

  build() {
    this.input = h("input", { type: "file", multiple: true, accept: "image/*,.tif,.tiff,.heic", id: "files", class: "unseen", on: { change: () => this.take([...(this.input?.files ?? [])]) } });
    this.zone = h("div", { class: "drop" }, this.input, h("label", { for: "files", class: "button", t: "import.choose" }), h("p", { class: "small quiet", t: "import.drop" }));
    this.list = h("ol", { class: "imports" });
    this.status = h("p", { class: "small quiet", role: "status" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", hidden: true, on: { click: () => this.#clear() } });
    this.append(this.zone, h("div", { class: "import-head" }, this.status, this.clear), this.list);
    this.#dropping();
    studio.addEventListener("source", () => this.#mark());
    models.addEventListener("change", () => this.#reread());
  }

  say() {
    for (const entry of this.#entries) this.#answer(entry);
    const done = this.#entries.filter((entry) => entry.reading || entry.error).length;
    if (this.status) this.status.textContent = this.#entries.length ? t("import.done", { done: number(done), count: number(this.#entries.length) }) : "";
    if (this.clear) this.clear.hidden = this.#entries.length === 0;
  }

  /** Come back into view: the picture chosen last is what is read. */
  open() {
    studio.show(this.#entries[this.#chosen]?.source ?? null);
  }

  #dropping() {
    const zone = /** @type {HTMLElement} */ (this.zone);
    for (const event of ["dragenter", "dragover"]) document.addEventListener(event, () => zone.classList.add("over"));
    for (const event of ["dragleave", "drop"]) document.addEventListener(event, () => zone.classList.remove("over"));
  }

  /** @param {File[]} files chosen, dropped or pasted */
  async take(files) {
    if (this.input) this.input.value = "";
    const entries = files.map((file) => this.#enter(file));
    await this.#readAll(entries, true);
  }

  /** Another model reads: what it says of the same files, without keeping them again. */
  async #reread() {
    for (const entry of this.#entries) {
      [entry.reading, entry.error] = [null, null];
      if (entry.source) entry.source.id = null;
      this.#answer(entry);
    }
    await this.#readAll(this.#entries, false);
  }

  /**
   * @param {Entry[]} entries
   * @param {boolean} keep
   */
  async #readAll(entries, keep) {
    for (const entry of entries.filter(({ file }) => isPdf(file))) this.#pass(entry); // sheets of paper: no one digit
    for (const some of portions(entries.filter(({ file }) => !isPdf(file)), TOGETHER)) await this.#read(some, keep);
    this.say();
  }

  /**
   * Say of a PDF who reads it, with the way there.
   * @param {Entry} entry
   */
  #pass(entry) {
    entry.error = () => t("import.pdf");
    if (!entry.item.querySelector("a")) entry.item.append(h("a", { href: "#/codes", class: "import-way small", t: "import.to_codes" }, t("import.to_codes")));
    this.#answer(entry);
  }

  #clear() {
    this.#entries = [];
    this.#chosen = -1;
    this.list?.replaceChildren();
    this.say();
    studio.show(null);
    this.input?.focus();
  }

  /** @param {File} file */
  #enter(file) {
    const url = URL.createObjectURL(file);
    const picture = h("img", { src: url, alt: "", class: "import-picture" });
    picture.addEventListener("error", () => picture.classList.add("unshown"));
    picture.addEventListener("load", () => URL.revokeObjectURL(url));
    /** @type {Entry} */
    const entry = { file, reading: null, error: null, source: null, item: h("li", {}) };
    const open = h("button", { type: "button", class: "import", on: { click: () => this.#open(this.#entries.indexOf(entry)) } }, picture,
      h("span", { class: "import-name" }, file.name), h("span", { class: "import-answer" }), h("span", { class: "import-words small quiet" }));
    entry.item.append(open);
    this.#entries.push(entry);
    this.list?.append(entry.item);
    this.#answer(entry);
    return entry;
  }

  /**
   * @param {Entry[]} entries
   * @param {boolean} keep
   */
  async #read(entries, keep) {
    try {
      const readings = await read(entries.map((entry) => entry.file), { ...studio.how, keep });
      for (const [index, entry] of entries.entries()) {
        const wrong = readings[index].error;
        if (wrong) entry.error = () => wordsOf(new Problem(wrong));
        else entry.reading = readings[index];
      }
    } catch (error) {
      for (const entry of entries) entry.error = () => wordsOf(/** @type {Error} */ (error));
    }
    for (const entry of entries) {
      this.#answer(entry);
      entry.source ??= await sourceOf("import", entry.file, entry.file.name);
      entry.source.id = entry.reading?.id ?? null;
    }
    const first = this.#entries.indexOf(entries[0]);
    if (!this.#entries[this.#chosen]?.source || this.#chosen < first) this.#open(first);
  }

  /** @param {Entry} entry */
  #answer({ item, reading, error }) {
    const [answer, told] = [".import-answer", ".import-words"].map((name) => /** @type {HTMLElement} */ (item.querySelector(name)));
    item.classList.toggle("failed", Boolean(error));
    answer.textContent = reading ? String(reading.digit ?? "–") : error ? "!" : "…";
    if (error) told.textContent = error();
    else if (!reading) told.textContent = t("import.reading");
    else told.textContent = reading.digit === null ? reasonOf(reading) : [percent(reading.confidence), checkOf(reading)].filter(Boolean).join(" · ");
    if (reading?.pages) told.textContent += ` · ${t("import.page", { page: number(reading.page ?? 1), pages: number(reading.pages) })}`;
  }

  /** @param {number} index */
  #open(index) {
    if (!this.#entries[index]?.source) return;
    this.#chosen = index;
    studio.show(this.#entries[index].source);
  }

  #mark() {
    for (const entry of this.#entries) {
      const shown = Boolean(entry.source) && entry.source === studio.source;
      entry.item.firstElementChild?.setAttribute("aria-current", String(shown));
    }
  }
}

customElements.define("import-list", ImportList);
