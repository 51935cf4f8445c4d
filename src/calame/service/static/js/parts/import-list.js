/** <import-list>: files chosen, dropped or pasted, several at once, each answered in its place. */

import { read } from "../api.js";
import { h, Part } from "../dom.js";
import { sourceOf } from "../pictures.js";
import { studio } from "../studio.js";
import { number, percent, t } from "../words.js";
import { reasonOf } from "./digit-answer.js";

const TOGETHER = 8; // pictures in one request

/** @typedef {{ file: File, reading: import("../api.js").Reading | null, error: string, item: HTMLElement, source: import("../studio.js").Source | null }} Entry */

export class ImportList extends Part {
  /** @type {Entry[]} */
  #entries = [];
  #chosen = -1;

  build() {
    this.input = h("input", { type: "file", multiple: true, accept: "image/*,.tif,.tiff,.heic", id: "files", class: "unseen", on: { change: () => this.#take(this.input?.files) } });
    this.zone = h("div", { class: "drop" }, this.input, h("label", { for: "files", class: "button", t: "import.choose" }), h("p", { class: "small quiet", t: "import.drop" }));
    this.list = h("ol", { class: "imports" });
    this.status = h("p", { class: "small quiet", role: "status" });
    this.append(this.zone, this.status, this.list);
    this.#dropping();
    document.addEventListener("paste", (event) => this.#paste(event));
    studio.addEventListener("source", () => this.#mark());
  }

  say() {
    for (const entry of this.#entries) this.#answer(entry);
  }

  /** Come back into view: the picture chosen last is what is read. */
  open() {
    studio.show(this.#entries[this.#chosen]?.source ?? null);
  }

  #dropping() {
    const zone = /** @type {HTMLElement} */ (this.zone);
    for (const event of ["dragenter", "dragover"]) document.addEventListener(event, (one) => (one.preventDefault(), zone.classList.add("over")));
    for (const event of ["dragleave", "drop"]) document.addEventListener(event, (one) => (one.preventDefault(), zone.classList.remove("over")));
    document.addEventListener("drop", (event) => this.#take(event.dataTransfer?.files));
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    if (event.clipboardData?.files.length) this.#take(event.clipboardData.files);
  }

  /** @param {FileList | null | undefined} files */
  async #take(files) {
    const all = [...(files ?? [])];
    if (this.input) this.input.value = "";
    if (all.length === 0) return;
    this.dispatchEvent(new Event("taken", { bubbles: true }));
    const entries = all.map((file) => this.#enter(file));
    for (let at = 0; at < entries.length; at += TOGETHER) await this.#read(entries.slice(at, at + TOGETHER));
    const done = entries.filter((entry) => entry.reading).length;
    /** @type {HTMLElement} */ (this.status).textContent = t("import.done", { done: number(done), count: number(entries.length) });
  }

  /** @param {File} file */
  #enter(file) {
    const url = URL.createObjectURL(file);
    const picture = h("img", { src: url, alt: "", class: "import-picture" });
    picture.addEventListener("error", () => picture.classList.add("unshown"));
    picture.addEventListener("load", () => URL.revokeObjectURL(url));
    /** @type {Entry} */
    const entry = { file, reading: null, error: "", source: null, item: h("li", {}) };
    const open = h("button", { type: "button", class: "import", on: { click: () => this.#open(this.#entries.indexOf(entry)) } }, picture,
      h("span", { class: "import-name" }, file.name), h("span", { class: "import-answer" }), h("span", { class: "import-words small quiet" }));
    entry.item.append(open);
    this.#entries.push(entry);
    this.list?.append(entry.item);
    this.#answer(entry);
    return entry;
  }

  /** @param {Entry[]} entries */
  async #read(entries) {
    try {
      const readings = await read(entries.map((entry) => entry.file), { keep: true, tta: studio.tta, off: [...studio.off] });
      for (const [index, entry] of entries.entries()) {
        if (readings[index].error) entry.error = readings[index].error.detail || readings[index].error.title;
        else entry.reading = readings[index];
      }
    } catch (error) {
      for (const entry of entries) entry.error = /** @type {Error} */ (error).message;
    }
    for (const entry of entries) {
      this.#answer(entry);
      entry.source = await sourceOf("import", entry.file, entry.file.name);
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
    if (error) told.textContent = error;
    else if (!reading) told.textContent = t("import.reading");
    else told.textContent = reading.digit === null ? reasonOf(reading) : percent(reading.confidence);
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
