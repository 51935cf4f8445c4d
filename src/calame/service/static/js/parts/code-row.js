/** A row of the pile: the picture, its file, a box with what was read or typed, how sure, and what it is for. */

import { nameOf, severalIn } from "../code-pile.js";
import { FOREIGN, foreignOf, guessOf, isOnLines, isOwn, isWeak, linesIn, linesOf, numbersOf, reasonOf, severalOf, stateOf } from "../code-rows.js";
import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { number, percent, t } from "../words.js";
import { upper, wordsOf } from "./digit-answer.js";

const LONGEST = 4000; // letters of a box: the numbers of a full page
const [BESIDE, ABOVE] = [1.2, 0.4]; // of a number's height: what of the picture is shown around it; at its ends a digit that was not read
let made = 0; // rows, for names of elements

/**
 * @typedef {import("../code-pile.js").Entry} Entry
 * @typedef {{ open: (entry: Entry) => void, write: (entry: Entry, value: string) => void, key: (event: KeyboardEvent, row: CodeRow) => void,
 *   remove: (row: CodeRow) => void, again: () => void }} Does what a person does on a row
 */

export class CodeRow {
  #url = "";
  #does;
  /** @type {WeakSet<import("../api.js").Code>} weak guesses among several numbers that Enter has stopped at */
  #seen = new WeakSet();

  /**
   * @param {Entry} entry
   * @param {Does} does
   */
  constructor(entry, does) {
    this.entry = entry;
    this.#does = does;
    this.picture = h("img", { alt: "", class: "unshown" });
    for (const event of ["error", "load"]) this.picture.addEventListener(event, () => this.picture.classList.toggle("unshown", event === "error"));
    this.box = h("textarea", { class: "code-box", rows: 1, autocomplete: "off", spellcheck: "false", maxlength: LONGEST });
    this.box.addEventListener("input", () => does.write(entry, this.box.value));
    this.box.addEventListener("focus", () => does.open(entry));
    this.box.addEventListener("keydown", (event) => does.key(event, this));
    this.perhaps = h("button", { type: "button", class: "code-perhaps", id: `code-perhaps-${++made}`, hidden: true, on: { click: () => (this.take(), this.box.focus()) } });
    this.opener = h("button", { type: "button", class: "code-open", on: { click: () => does.open(entry) } }, this.picture);
    this.remover = h("button", { type: "button", class: "tool code-remove", on: { click: () => does.remove(this) } }, icon(ICONS.clear));
    this.why = `code-why-${made}`;
    this.file = h("td", { class: "cell-file", on: { click: () => does.open(entry) } }); // as the picture beside it, which the keyboard reaches
    this.sure = h("td", { class: "cell-sure" });
    this.state = h("td", { class: "cell-state" });
    this.element = h("tr", {}, h("td", {}, this.opener), this.file, h("td", { class: "cell-code" }, this.box, this.perhaps), this.sure, this.state, h("td", { class: "cell-remove" }, this.remover));
  }

  say() {
    const { entry, box } = this;
    const numbers = numbersOf(entry);
    if (entry.file && !this.#url) this.picture.src = this.#url = URL.createObjectURL(entry.file);
    this.picture.style.setProperty("object-view-box", viewOf(entry)); // of a page, where the number is
    if (entry.written === null) box.value = severalIn(entry) ? numbers.map(guessOf).filter(Boolean).join(" ") : this.weak ? "" : numbers[0]?.text ?? "";
    box.inputMode = severalIn(entry) ? "text" : "numeric"; // phones have no space among their digits
    const file = nameOf(entry);
    box.setAttribute("aria-label", t("codes.table.box", { file }));
    this.opener.setAttribute("aria-label", t("codes.table.open", { file }));
    this.remover.setAttribute("aria-label", t("codes.table.remove", { file }));
    this.file.textContent = file;
    this.sayState();
  }

  sayState() {
    const { entry, box } = this;
    const state = stateOf(entry);
    this.#sayGuess();
    this.#saySure();
    if (!state) return this.state.replaceChildren(t("import.reading"));
    const unfit = [...new Set([...entry.failed.values()].flat())].join(", ");
    const { foreign } = this;
    const why = foreign || (unfit ? t("codes.unfit", { checks: unfit }) : entry.written?.length === 0 ? t("codes.emptied") : whyOf(entry));
    const again = state === "failed" ? h("button", { type: "button", class: "quietly", on: { click: () => this.#does.again() } }, t("again")) : "";
    this.state.replaceChildren(h("b", { class: `code-badge ${state}${unfit ? " unfit" : ""}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet", id: this.why }, ` ${[upper(why), weakOf(entry), hintOf(entry)].filter(Boolean).join(". ")}`), again);
  }

  /** How sure the reader is of what is still its own word; else whose word it is. Of nothing, nobody is sure or unsure. */
  #saySure() {
    const lines = linesOf(this.entry);
    const shares = lines.flatMap((line) => (line.read && guessOf(line.read) && !isOwn(line) ? line.read.confidence : []));
    const own = lines.filter((line) => isOwn(line) && line.text);
    const confirmed = own.every(({ text, read }) => read && text === linesIn(read).join(" "));
    this.sure.classList.toggle("own", shares.length === 0);
    this.sure.textContent = shares.length ? percent(Math.min(...shares)) : own.length ? t(confirmed ? "codes.sure.confirmed" : "codes.sure.typed") : "";
  }

  /** The guess stands in the box, for Enter to take, or beside it when it is more likely wrong than right. */
  #sayGuess() {
    const { entry, box, perhaps, weak, foreign } = this;
    const told = weak ? this.#line : null;
    const count = told ? linesIn(told).length : 0;
    const onLines = told !== null && isOnLines(told);
    box.placeholder = entry.written || severalIn(entry) || weak ? "" : numbersOf(entry)[0]?.guess ?? "";
    perhaps.hidden = !weak;
    const why = onLines ? "lines" : told?.doubt === "several" ? "apart" : "weak";
    perhaps.title = t(`codes.${why}.about`);
    const words = t(onLines && count === 1 ? "codes.lines.one" : `codes.${why}`, { text: weak, count: number(count) });
    perhaps.replaceChildren(...(weak ? [h("span", {}, words), h("kbd", { "aria-hidden": "true" }, "→")] : []));
    box.setAttribute("aria-invalid", String(foreign !== ""));
    box.setAttribute("aria-describedby", weak ? perhaps.id : foreign ? this.why : "");
  }

  /** @returns {import("../api.js").Code | null} what stands beside the box, and not in it */
  get #line() {
    const { entry } = this;
    const [line] = severalIn(entry) || entry.written ? [] : linesOf(entry);
    return line?.read && isWeak(line) && guessOf(line.read) ? line.read : null;
  }

  /** @returns {string} the guess that stands beside the box, a space between two lines; empty when there is none */
  get weak() {
    const told = this.#line;
    return told ? linesIn(told).join(" ") : "";
  }

  /** @returns {string} what is wrong with what was typed: it is no number; empty when it is one */
  get foreign() {
    const line = linesOf(this.entry).find(({ foreign }) => foreign);
    return line ? foreignOf(line) : "";
  }

  /** What stands beside the box is meant: it goes into the box, as if it were typed. */
  take() {
    if (!this.weak) return;
    this.box.value = this.weak;
    this.#does.write(this.entry, this.box.value);
  }

  /**
   * Choose what Enter must not take: what no number holds; of several numbers, the next one that is more likely wrong than
   * right, once each.
   * @returns {boolean} whether there was one
   */
  stop() {
    const { entry, box } = this;
    if (this.foreign) {
      const found = FOREIGN.exec(box.value);
      box.setSelectionRange(found?.index ?? 0, found ? found.index + found[0].length : box.value.length);
      return true;
    }
    if (!severalIn(entry)) return false;
    const words = [...box.value.matchAll(/\S+/g)];
    const lines = linesOf(entry).filter(({ text, read }) => entry.written || text || (read && guessOf(read)));
    const next = lines.findIndex((line) => isWeak(line) && line.read && !this.#seen.has(line.read));
    const [word, read] = [words[next], lines[next]?.read];
    if (!word || !read) return false;
    this.#seen.add(read);
    box.setSelectionRange(word.index, word.index + word[0].length);
    return true;
  }

  /** The keyboard is here, and all that is in the box is chosen. */
  enter() {
    this.box.focus();
    this.box.select();
  }

  /** It will not be shown again. */
  forget() {
    URL.revokeObjectURL(this.#url);
  }
}

/** @param {Entry} entry @returns {string} why it is not taken as it is */
const whyOf = (entry) => (entry.written === null && entry.error && wordsOf(entry.error)) || linesOf(entry).map(({ state, read }) => (state === "person" || !read ? "" : reasonOf(read))).find(Boolean) || "";

/** @param {Entry} entry @returns {string} which of several numbers Enter does not take at once */
function weakOf(entry) {
  const weak = severalIn(entry) ? linesOf(entry).filter(isWeak) : [];
  const numbers = weak.flatMap(({ read }) => (read ? `${guessOf(read)} (${percent(read.confidence)})` : []));
  return weak.length ? t(weak.length === 1 ? "codes.weak.several.one" : "codes.weak.several", { numbers: numbers.join(", ") }) : "";
}

/** @param {Entry} entry @returns {string} what helps where a whole page was read as one number: a sentence after the reason */
function hintOf(entry) {
  const { told, written } = entry;
  const hint = written ? "" : severalOf(told);
  return hint && t(hint === "lines" ? "codes.lines.several" : "codes.page_like", { switch: t("codes.several") });
}

/** @param {Entry} entry @returns {string} the part of the picture that has its numbers; all of it when none is read, whatever ink was found */
function viewOf(entry) {
  const boxes = numbersOf(entry).flatMap((one) => (one.box && guessOf(one) ? [one.box] : []));
  if (!entry.told || boxes.length === 0) return "none";
  const height = Math.max(...boxes.map(([, top, , bottom]) => bottom - top));
  const [left, top] = [BESIDE, ABOVE].map((room, side) => Math.min(...boxes.map((box) => box[side])) - room * height);
  const [right, bottom] = [BESIDE, ABOVE].map((room, side) => Math.max(...boxes.map((box) => box[side + 2])) + room * height);
  const [across, down] = entry.told.size;
  const insets = [top / down, 1 - right / across, 1 - bottom / down, left / across];
  return `inset(${insets.map((share) => `${(100 * Math.max(0, share)).toFixed(2)}%`).join(" ")})`;
}
