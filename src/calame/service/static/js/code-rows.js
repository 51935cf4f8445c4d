/** What stands in the pile of one number: what was read, what a person says, and the two beside each other. */

import { known, t } from "./words.js";

/**
 * @typedef {import("./api.js").Code} Code
 * @typedef {{ field: import("./codes.js").Field, told: import("./codes.js").Told | null, error: Error | null, items: Item[], left: Code[] }} Heard
 * A field of a picture: what was told of it, its numbers, and those that a person left out.
 * @typedef {{ of: Heard, read: Code | null, place: number, written: string | null, failed: string[] }} Item
 * One number of it, or what waits for it. `read`: what was read there; `place`: among those that were read, -1 for
 * one that a person added; `written`: what a person says that it is, null while nobody said anything, empty when there is
 * none; `failed`: the checks that this does not fit.
 * @typedef {{ text: string, state: State, read: Code | null, foreign: string }} Line
 * Its text, whose word it is, what was read, and what a person typed that no number holds.
 * @typedef {"" | "accepted" | "check" | "refused" | "failed" | "person" | "added"} State "" while it is read; "added" by a person who has typed nothing there
 */

const EVEN = 0.5; // of a calibrated confidence: as often right as wrong
const [PAGE_HEIGHT, PAGE_SHAPE] = [1000, 0.6]; // of a picture that may be a page: pixels at least, and widths more than
const MANY = ["lines", "several"]; // doubts by which it may be several numbers, and is no answer yet: so in the tables of the commands
const NOTHING = ["blank", "no_ink"]; // why there is nothing to read, however it is read
const TOLD = 40; // letters of what was typed that are told back
export const FOREIGN = /[^\d\s.,/-]+/u; // to a number: all but digits, and what people put between them
const SAME = 0.5; // of the smaller one's area: boxes that share as much are of one number

/** @param {import("./codes.js").Told} told @returns {Code[]} its numbers; of several, those that are some */
export const numbersOf = (told) => told.numbers?.filter(guessOf) ?? [/** @type {Code} */ (told)];

/** @param {Code} one @returns {string} what was read, sure or not */
export const guessOf = (one) => one.text ?? one.guess ?? "";

/** @param {Code} one @returns {string[]} its guess, line by line as it was written: a digit wholly below the one before, or wholly left of it, begins another */
export function linesIn(one) {
  const { digits } = one;
  if (digits.length !== guessOf(one).length) return [guessOf(one)];
  const begins = digits.map(({ box: [, top, right] }, place) => place > 0 && (top >= digits[place - 1].box[3] || right <= digits[place - 1].box[0]));
  return digits.map(({ digit }, place) => (begins[place] ? ` ${digit}` : digit)).join("").split(" ");
}

/** @param {Code} one @returns {boolean} whether it may be several numbers, read as one */
export const isOnLines = (one) => one.doubt === "lines" || linesIn(one).length > 1;

/**
 * @param {import("./codes.js").Told | null} told
 * @returns {"" | "lines" | "page"} why it may be several numbers that were read as one: they stand on lines or far apart, or fill a page
 */
export function severalOf(told) {
  if (!told || told.numbers || told.region || told.state === "accepted" || NOTHING.includes(told.rejected ?? "")) return "";
  if (told.doubt === "several" || isOnLines(/** @type {Code} */ (told))) return "lines";
  const [width, height] = told.size;
  return height >= PAGE_HEIGHT && height > PAGE_SHAPE * width ? "page" : "";
}

/** @param {Line} line @returns {boolean} whether a person said it, be it a number or not */
export const isOwn = ({ state, foreign }) => state === "person" || foreign !== "";

/**
 * A guess that is more likely wrong than right, as the confidence is calibrated, fits no check, or may be several numbers:
 * who goes through a pile by Enter shall not take it without a word of their own.
 * @param {Line} line
 */
export const isWeak = ({ state, read, foreign }) => state === "check" && !foreign && read !== null && (MANY.includes(read.doubt ?? "") || (read.text === null && (read.confidence < EVEN || read.failed.length > 0 || isOnLines(read))));

/** @param {string} text that was typed @returns {string} what no number holds; all of it when there is no digit; empty when nothing is wrong */
function foreignIn(text) {
  const letters = [...new Set(text.match(new RegExp(FOREIGN, "gu")))].join(" ");
  return letters || (/\d/.test(text) ? "" : text);
}

/** @param {Line} line @param {number} [most] letters of it that are told back @returns {string} what was typed, and what is expected */
export const foreignOf = ({ text, foreign }, most = TOLD) => t(FOREIGN.test(text) ? "codes.foreign" : "codes.foreign.none", { text: short(text, most), letters: short(foreign) });

/** @param {string} text @param {number} [most] */
const short = (text, most = TOLD) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** @param {Code} one @returns {string} why it is not taken as it is, in the language of now, whichever it was read in */
export function reasonOf({ rejected, doubt, reason }) {
  const key = rejected ? `reading.rejected.${rejected}` : `reading.doubt.${doubt}`;
  return reason && known(key) ? t(key) : reason ?? "";
}

/** @param {Line} line @returns {string} its digits with what stands between them, of what was read as it is told; "" where nothing does, and of what nobody has read */
export const asWritten = ({ text, state, read }) => (read && (text === guessOf(read) || (!text && state !== "person")) && read.written) || "";

/**
 * What a person typed, as a table has it: the digits, and how they stand on the form where more than them was typed.
 * @param {Line} line whose text is a number
 * @returns {{ text: string, written?: string }}
 */
export function typedIn({ text }) {
  const digits = text.replace(/\D/gu, "");
  return digits === text ? { text } : { text: digits, written: text };
}

/** @param {Item} item @returns {Line} */
export function lineOf({ of, read: before, written }) {
  const read = of.told && before; // else it is read anew
  const kept = read?.state === "accepted" && written === guessOf(read);
  if (of.told && !before && !written && of.told.numbers) return { text: "", state: "added", read, foreign: "" };
  if (written === null || kept) {
    const line = { text: read?.text ?? "", state: read?.state ?? stateOf(of), read, foreign: "" };
    return isWeak(line) ? { ...line, text: "" } : line; // what stands beside the box is no answer, here and in a table
  }
  const foreign = written && foreignIn(written);
  return { text: written, state: foreign ? "check" : "person", read, foreign };
}

/** @param {Heard} heard @returns {State} what a field is in which no number was read */
export const stateOf = ({ told, error }) => (error ? "failed" : told ? "refused" : "");

/** @param {Heard} heard @returns {State[]} of its numbers; one that a person adds is one when they have typed it */
export const statesOf = ({ items }) => items.map((item) => lineOf(item).state).filter((state) => state !== "added");

/** @param {Heard} of @param {Code | null} [read] @param {number} [place] @returns {Item} */
export const itemOf = (of, read = null, place = -1) => ({ of, read, place, written: null, failed: [] });

/**
 * What was read anew, with a person's words of what stood in the same place. What they said of a number that is read no
 * more, or added, comes after.
 * @param {Heard} heard
 * @returns {Item[]}
 */
export function itemsOf(heard) {
  const { told, left, items: before } = heard;
  const numbers = told ? numbersOf(told).filter((one) => !told.numbers || !left.some(({ box }) => isSame(one.box, box))) : [];
  const words = before.length === 1 ? before[0].written?.split(" ") ?? [] : [];
  const each = words.length > 1 && words.length === numbers.length; // typed as one, and read as several now
  const alone = numbers.length === 1 && before.length === 1;
  const rest = new Set(each ? [] : before);
  const items = numbers.map((one, place) => {
    const same = before.find((item) => rest.has(item) && ((alone || isSame(item.read?.box, one.box))));
    const item = same ?? itemOf(heard);
    rest.delete(item);
    [item.read, item.place] = [one, Math.max(0, told?.numbers?.indexOf(one) ?? 0)];
    if (each) item.written = words[place];
    return item;
  });
  const others = [...rest].filter(({ written }) => written);
  for (const item of others) [item.read, item.place] = [null, -1];
  return [...items, ...others];
}

/** @param {import("./api.js").Box | null} [one] @param {import("./api.js").Box | null} [other] */
function isSame(one, other) {
  if (!one || !other) return false;
  const [width, height] = [0, 1].map((side) => Math.max(0, Math.min(one[side + 2], other[side + 2]) - Math.max(one[side], other[side])));
  const [small] = [one, other].map(([left, top, right, bottom]) => (right - left) * (bottom - top)).sort((a, b) => a - b);
  return width * height >= SAME * small;
}
