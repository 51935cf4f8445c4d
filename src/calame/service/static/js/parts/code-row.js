/** A row of the pile, of one number: where it is on the picture, a box with what was read or typed, how sure, and why a person is to look. */

import { isGroup, nameOf, severalIn } from "../code-entry.js";
import { codes } from "../codes.js";
import { asWritten, FOREIGN, foreignOf, guessOf, isOnLines, isOwn, isWeak, lineOf, linesIn, reasonOf, severalOf } from "../code-rows.js";
import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { number, percent, t } from "../words.js";
import { upper, wordsOf } from "./digit-answer.js";

const LONGEST = 200; // letters of a box
const [BESIDE, ABOVE] = [1.2, 0.4]; // of a number's height: what of the picture is shown around it; at its ends a digit that was not read
const CLEAR = 0.15; // of it: from there on what is shown is dim, for it may be the next cell's
let made = 0; // rows, for names of elements

/**
 * @typedef {import("../code-entry.js").Entry} Entry
 * @typedef {import("../code-rows.js").Item} Item
 * @typedef {{ open: (entry: Entry, item?: Item) => void, write: (item: Item, value: string) => void, key: (event: KeyboardEvent, row: CodeRow) => void,
 *   remove: (row: CodeRow) => void, back: (entry: Entry) => void, add: (entry: Entry) => void, drop: (entry: Entry) => void, again: () => void, url: (file: File) => string }} Does
 * what a person does on a row, or with a picture
 */

export class CodeRow {
  #does;

  /**
   * @param {Entry} entry the picture
   * @param {Item} item its number
   * @param {Does} does
   */
  constructor(entry, item, does) {
    this.entry = entry;
    this.item = item;
    this.#does = does;
    this.picture = pictured();
    const open = () => does.open(entry, item);
    this.box = h("input", { type: "text", class: "code-box", inputMode: "numeric", autocomplete: "off", spellcheck: "false", maxlength: LONGEST });
    this.box.addEventListener("input", () => does.write(item, this.box.value));
    this.box.addEventListener("focus", open);
    this.box.addEventListener("keydown", (event) => does.key(event, this));
    this.perhaps = h("button", { type: "button", class: "code-perhaps", id: `code-perhaps-${++made}`, hidden: true, on: { click: () => (this.take(), this.box.focus()) } });
    this.wrong = h("p", { class: "small code-foreign", id: `code-foreign-${made}` });
    this.written = h("p", { class: "small quiet code-as" });
    this.opener = h("button", { type: "button", class: "code-open", on: { click: open } }, this.picture);
    this.remover = h("button", { type: "button", class: "tool code-remove", on: { click: () => does.remove(this) } }, icon(ICONS.clear));
    this.file = h("td", { class: "cell-file", on: { click: open } }); // as the picture beside it, which the keyboard reaches
    this.sure = h("td", { class: "cell-sure" });
    this.state = h("td", { class: "cell-state" });
    this.element = h("tr", {}, h("td", {}, this.opener), this.file, h("td", { class: "cell-code" }, this.box, this.perhaps, this.wrong, this.written), this.sure, this.state, h("td", { class: "cell-remove" }, this.remover));
  }

  say() {
    const { entry, item, box, picture } = this;
    const [several, { field }] = [severalIn(entry), item.of];
    if (entry.file && !picture.src) picture.src = this.#does.url(entry.file);
    show(picture, partOf(item));
    this.opener.hidden = several && !item.read; // a page so small says nothing; it is shown with the answer
    if (item.written === null) box.value = lineOf(item).text;
    else if (document.activeElement !== box) box.value = item.written;
    const words = { file: nameOf(entry), place: number(entry.items.indexOf(item) + 1), field: field.name };
    const of = several ? ".number" : field.name ? ".field" : "";
    box.setAttribute("aria-label", t(`codes.table.box${of}`, words));
    this.opener.setAttribute("aria-label", t(`codes.table.open${of}`, words));
    this.remover.setAttribute("aria-label", t(`codes.table.remove${several ? of : ""}`, words));
    this.remover.hidden = field.name !== ""; // a picture has all of its fields
    this.file.textContent = several ? words.place : field.name || words.file;
    this.element.classList.toggle("code-number", isGroup(entry));
    this.element.classList.toggle("code-field", field.name !== "");
    this.sayState();
  }

  sayState() {
    const { item, foreign } = this;
    const { told, error } = item.of;
    const { state, read } = lineOf(item);
    this.#sayGuess();
    this.#saySure();
    if (!state) return this.state.replaceChildren(t("import.reading"));
    const unfit = item.failed.join(", ");
    const why = unfit ? t("codes.unfit", { checks: unfit }) : item.written === "" ? t("codes.emptied") : state === "person" ? "" : read ? reasonOf(read) : error ? wordsOf(error) : "";
    const hint = item.written === null ? severalOf(told) : "";
    const words = [upper(why), hint === "page" && t("codes.propose.page")].filter(Boolean).join(". ");
    this.state.replaceChildren(h("b", { class: `code-badge ${state}${unfit ? " unfit" : ""}` }, t(`codes.state.${state}`)), h("span", { class: "small quiet" }, foreign ? "" : ` ${words}`),
      hint ? button("codes.propose", () => codes.propose()) : "", state === "failed" ? button("again", () => this.#does.again()) : "");
  }

  /** How sure the reader is of what is still its own word; else whose word it is. Of nothing, nobody is sure or unsure. */
  #saySure() {
    const line = lineOf(this.item);
    const { text, read } = line;
    const own = isOwn(line);
    const confirmed = read && text === linesIn(read).join(" ");
    const sure = read && guessOf(read) ? percent(read.confidence) : "";
    this.sure.classList.toggle("own", own || !sure);
    this.sure.textContent = own ? text && t(confirmed ? "codes.sure.confirmed" : "codes.sure.typed") : sure;
  }

  /** The guess stands in the box, for Enter to take, or beside it when it is more likely wrong than right. */
  #sayGuess() {
    const { item, box, perhaps, wrong, written, weak, foreign } = this;
    const told = weak ? this.#beside : null;
    const count = told ? linesIn(told).length : 0;
    const onLines = told !== null && isOnLines(told);
    box.placeholder = item.written !== null || weak ? "" : lineOf(item).read?.guess ?? "";
    perhaps.hidden = !weak;
    const why = onLines ? "lines" : told?.doubt === "several" ? "apart" : "weak";
    perhaps.title = t(`codes.${why}.about`);
    const words = t(onLines && count === 1 ? "codes.lines.one" : `codes.${why}`, { text: weak, count: number(count) });
    perhaps.replaceChildren(...(weak ? [h("span", {}, words), h("kbd", { "aria-hidden": "true" }, "→")] : []));
    box.setAttribute("aria-invalid", String(foreign !== ""));
    box.setAttribute("aria-describedby", weak ? perhaps.id : foreign ? wrong.id : "");
    wrong.textContent = foreign;
    const as = asWritten(lineOf(item));
    written.textContent = as && t("codes.written", { written: as });
  }

  /** @returns {import("../api.js").Code | null} what stands beside the box, and not in it */
  get #beside() {
    const line = lineOf(this.item);
    return this.item.written === null && line.read && isWeak(line) && guessOf(line.read) ? line.read : null;
  }

  /** @returns {string} the guess that stands beside the box, a space between two lines; empty when there is none */
  get weak() {
    const told = this.#beside;
    return told ? linesIn(told).join(" ") : "";
  }

  /** @returns {string} what is wrong with what was typed: it is no number; empty when it is one */
  get foreign() {
    const line = lineOf(this.item);
    return line.foreign && foreignOf(line);
  }

  /** What stands beside the box is meant: it goes into the box, as if it were typed. */
  take() {
    if (!this.weak) return;
    this.box.value = this.weak;
    this.#does.write(this.item, this.box.value);
  }

  /** @returns {boolean} whether Enter must stay here: what no number holds is chosen then */
  stop() {
    const { box } = this;
    if (!this.foreign) return false;
    const found = FOREIGN.exec(box.value);
    box.setSelectionRange(found?.index ?? 0, found ? found.index + found[0].length : box.value.length);
    return true;
  }

  /** The keyboard is here, and all that is in the box is chosen. */
  enter() {
    this.box.focus();
    this.box.select();
  }
}

/** @returns {HTMLImageElement} a picture that is in sight when the browser can show it */
export function pictured() {
  const picture = h("img", { alt: "", class: "unshown", decoding: "async" });
  for (const event of ["error", "load"]) picture.addEventListener(event, () => picture.classList.toggle("unshown", event === "error"));
  return picture;
}

/**
 * @param {string} words
 * @param {() => void} click
 */
const button = (words, click) => h("button", { type: "button", class: "button light", on: { click } }, t(words));

/**
 * Show a part of a picture, the number in it clear and what is beside it dim.
 * @param {HTMLImageElement} picture
 * @param {ReturnType<typeof partOf>} part
 */
function show(picture, part) {
  picture.classList.toggle("part", part !== null);
  const { inset, width, height, from, to } = part ?? { inset: [], width: 0, height: 0, from: 0, to: 1 };
  picture.style.setProperty("object-view-box", part ? `inset(${inset.map(inPercent).join(" ")})` : "none");
  picture.style.setProperty("--shape", `${width} / ${height}`);
  for (const [name, share] of Object.entries({ from, to })) picture.style.setProperty(`--${name}`, inPercent(share));
}

/** @param {number} share */
const inPercent = (share) => `${(100 * share).toFixed(2)}%`;

/**
 * @param {Item} item
 * @returns {{ inset: number[], width: number, height: number, from: number, to: number } | null} the part of its picture
 *   where the number is, in shares of the picture from its sides and in pixels, and where in that part the number is clear;
 *   where none was read, whatever ink was found, all that was looked at
 */
function partOf(item) {
  const { read } = lineOf(item);
  const { told } = item.of;
  const number = read?.box && guessOf(read) ? read.box : null;
  const box = number ?? told?.region;
  if (!told || !box) return null;
  const high = number ? box[3] - box[1] : 0;
  const [width, height] = told.size;
  const [left, right] = [Math.max(0, box[0] - BESIDE * high), Math.min(width, box[2] + BESIDE * high)];
  const [top, bottom] = [Math.max(0, box[1] - ABOVE * high), Math.min(height, box[3] + ABOVE * high)];
  const [from, to] = [box[0] - CLEAR * high, box[2] + CLEAR * high].map((side) => Math.min(1, Math.max(0, (side - left) / (right - left))));
  return { inset: [top / height, 1 - right / width, 1 - bottom / height, left / width], width: right - left, height: bottom - top, from, to };
}
