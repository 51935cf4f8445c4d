/** What a row of the pile says: the numbers that were read, what a person typed or confirmed, and the two beside each other. */

import { known, t } from "./words.js";

/**
 * @typedef {import("./api.js").Code} Code
 * @typedef {{ told: import("./codes.js").Told | null, error: Error | null, written: string[] | null, confirmed: boolean }} Heard
 * `written`: the numbers that a person says there are, null while nobody said any; `confirmed`: by Enter, so that what
 * was kept as it was read is a person's word as well.
 * @typedef {{ text: string, state: "accepted" | "check" | "refused" | "person", read: Code | null, foreign: string }} Line
 * One number: its text, whose word it is, what was read in its place, and what a person typed that no number holds.
 */

const EVEN = 0.5; // of a calibrated confidence: as often right as wrong
const [PAGE_HEIGHT, PAGE_SHAPE] = [1000, 0.6]; // of a picture that may be a page: pixels at least, and widths more than
const NOTHING = ["blank", "no_ink"]; // why there is nothing to read, however it is read
const TOLD = 40; // letters of what was typed that are told back
export const FOREIGN = /[^\d\s.,/-]+/u; // to a number: all but digits, and what people put between them
const WAITING = /** @type {const} */ (["check", "refused", "person"]); // what a row is, by the first of these among its numbers

/** @param {Heard} heard @returns {Code[]} */
export function numbersOf({ told }) {
  if (!told) return [];
  return told.numbers ?? [/** @type {Code} */ (told)];
}

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
  if (!told || told.numbers || told.state === "accepted" || NOTHING.includes(told.rejected ?? "")) return "";
  if (told.doubt === "several" || isOnLines(/** @type {Code} */ (told))) return "lines";
  const [width, height] = told.size;
  return height >= PAGE_HEIGHT && height > PAGE_SHAPE * width ? "page" : "";
}

/** @param {Line} line @returns {boolean} whether a person said it, be it a number or not */
export const isOwn = ({ state, foreign }) => state === "person" || foreign !== "";

/**
 * A guess that is more likely wrong than right, as the confidence is calibrated, or that may be several numbers:
 * who goes through a pile by Enter shall not take it without a word of their own.
 * @param {Line} line
 */
export const isWeak = ({ state, read, foreign }) => state === "check" && !foreign && read !== null && (read.confidence < EVEN || read.doubt === "several" || isOnLines(read));

/** @param {string} text that was typed @returns {string} what no number holds; all of it when there is no digit; empty when nothing is wrong */
function foreignIn(text) {
  const letters = [...new Set(text.match(new RegExp(FOREIGN, "gu")))].join(" ");
  return letters || (/\d/.test(text) ? "" : text);
}

/** @param {Line} line @returns {string} what was typed, and what is expected */
export const foreignOf = ({ text, foreign }) => t(FOREIGN.test(text) ? "codes.foreign" : "codes.foreign.none", { text: short(text), letters: short(foreign) });

/** @param {string} text */
const short = (text) => (text.length > TOLD ? `${text.slice(0, TOLD)}…` : text);

/** @param {Code} one @returns {string} why it is not taken as it is, in the language of now, whichever it was read in */
export function reasonOf({ rejected, doubt, reason }) {
  const key = rejected ? `reading.rejected.${rejected}` : `reading.doubt.${doubt}`;
  return reason && known(key) ? t(key) : reason ?? "";
}

/** @param {Heard} heard @returns {Line[]} a line a number; one without text for a person who says that there is none */
export function linesOf(heard) {
  const read = numbersOf(heard);
  if (heard.written === null) return read.map((one) => ({ text: one.text ?? "", state: one.state, read: one, foreign: "" }));
  const meant = heard.confirmed || !heard.told?.numbers; // typing the only number is a word on all of them
  const words = heard.written.length ? heard.written : [""];
  return aligned(words, heard.told?.numbers ? read.filter(guessOf) : read).map(([text, one]) => {
    const kept = one !== null && text === guessOf(one) && (one.state === "accepted" || !meant);
    if (kept) return { text: one.text ?? "", state: one.state, read: one, foreign: "" };
    const foreign = foreignIn(text);
    return { text, state: foreign ? "check" : "person", read: one, foreign };
  });
}

/** @param {Heard} heard @returns {"" | "accepted" | "check" | "refused" | "failed" | "person"} "" while it is read */
export function stateOf(heard) {
  const states = linesOf(heard).map((line) => line.state);
  if (states.length === 0) return heard.error ? "failed" : heard.told ? "refused" : "";
  return WAITING.find((state) => states.includes(state)) ?? "accepted";
}

/**
 * Each word beside the number that it stands for: the same one, in order; between two of these the others in turn when
 * there are as many of both. A word that stands for none is beside null; a number without a word is left out.
 * @param {string[]} words
 * @param {Code[]} read
 * @returns {[string, Code | null][]}
 */
function aligned(words, read) {
  const common = commonFrom(words, read.map(guessOf));
  /** @type {[string, Code | null][]} */
  const pairs = [];
  let [word, place] = [0, 0];
  /** @param {number} toWord @param {number} toPlace */
  const between = (toWord, toPlace) => {
    const alike = toWord - word === toPlace - place;
    for (let step = 0; word + step < toWord; step++) pairs.push([words[word + step], alike ? read[place + step] : null]);
    [word, place] = [toWord, toPlace];
  };
  for (let i = 0, j = 0; i < words.length && j < read.length; ) {
    if (words[i] === guessOf(read[j])) {
      between(i, j);
      between(++i, ++j);
    } else if (common[i + 1][j] >= common[i][j + 1]) i++;
    else j++;
  }
  between(words.length, read.length);
  return pairs;
}

/**
 * How many of the words from each place on are, in order, among the others from each place on.
 * @param {string[]} words
 * @param {string[]} others
 */
function commonFrom(words, others) {
  const common = Array.from({ length: words.length + 1 }, () => Array(others.length + 1).fill(0));
  for (let i = words.length - 1; i >= 0; i--)
    for (let j = others.length - 1; j >= 0; j--)
      common[i][j] = words[i] === others[j] ? 1 + common[i + 1][j + 1] : Math.max(common[i + 1][j], common[i][j + 1]);
  return common;
}
