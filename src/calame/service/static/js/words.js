/** The page's words in the language chosen. Knows the catalogue and number formats, and nothing of what is shown. */

import { keep, kept } from "./kept.js";

/** @typedef {"en" | "fr"} Language */

export const LANGUAGES = /** @type {Language[]} */ (["en", "fr"]);
const KEPT = "calame.language";

/** @type {Record<string, string>} */
let catalogue = {};
let parts = ["main"]; // of the catalogue: the words of the pages come with the first of them
/** @type {Language} */
let language = "en";

/** Says "change" after each change of language. */
export const words = new EventTarget();

/** @returns {Language} the language of the words now */
export const spoken = () => language;

/** @returns {Language} what was chosen before, or the first of the browser's languages that there is */
export function preferred() {
  const asked = [kept(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LANGUAGES.find((one) => one === asked.find((tag) => tag === "en" || tag === "fr")) ?? "en";
}

/**
 * Fetch a language's words, then tell all who show some.
 * @param {Language} wanted
 */
export async function speak(wanted) {
  catalogue = Object.assign({}, ...(await Promise.all(parts.map((part) => fetched(wanted, part)))));
  language = wanted;
  document.documentElement.lang = wanted;
  words.dispatchEvent(new Event("change"));
}

/** Fetch the words of the pages beside the main view, once. */
export async function speakOfPages() {
  if (parts.includes("pages")) return;
  const said = await fetched(language, "pages");
  parts = ["main", "pages"];
  catalogue = { ...catalogue, ...said };
}

/**
 * @param {Language} wanted
 * @param {string} part
 * @returns {Promise<Record<string, string>>}
 */
async function fetched(wanted, part) {
  const path = `/locale/${wanted}.json?part=${part}`;
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** @param {Language} wanted remember it for the next visit */
export const remember = (wanted) => keep(KEPT, wanted);

/** @param {string} key of the page's own words, or a whole one that the page shares */
const said = (key) => catalogue[`page.${key}`] ?? catalogue[key];

/** Where the service runs, as its visitor calls it: this machine, or another one by its name. */
function machine() {
  const { hostname } = location;
  const here = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return here ? said("machine.this") : said("machine.other").replace("{host}", hostname);
}

/**
 * The words for a key, their `{values}` filled in, and `{machine}`; the key itself when there are none.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const told = (said(key) ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : name === "machine" ? machine() : whole));
  return language === "en" ? told.replace(/\b([Aa]) (?=8)/g, "$1n ") : told; // an 8
}

/**
 * As `t`, for a number of things: of one alone the words may be others, under `.one`.
 * @param {string} key
 * @param {number} count
 */
export const counted = (key, count) => t(count === 1 && known(`${key}.one`) ? `${key}.one` : key, { count: number(count) });

/** @param {string} key */
export const known = (key) => said(key) !== undefined;

const NAMES = { t: "textContent", tLabel: "aria-label", tTitle: "title", tHint: "placeholder" };

/**
 * Fill in every element below `root` that names its words by data-t, data-t-label, data-t-title or data-t-hint.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t], [data-t-label], [data-t-title], [data-t-hint]")) {
    const one = /** @type {HTMLElement} */ (node);
    for (const [name, target] of Object.entries(NAMES)) {
      const key = one.dataset[name];
      if (key === undefined) continue;
      if (target === "textContent") one.textContent = t(key);
      else one.setAttribute(target, t(key));
    }
  }
}

/** @type {Map<string, Intl.NumberFormat>} a format costs more to make than to use */
const formats = new Map();

/**
 * @param {number} digits after the point
 * @param {"decimal" | "percent"} style
 */
function format(digits, style) {
  const name = `${language} ${digits} ${style}`;
  const made = formats.get(name) ?? new Intl.NumberFormat(language, { style, minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(name, made);
  return made;
}

/**
 * @param {number} value
 * @param {number} [digits] after the point
 */
export const number = (value, digits = 0) => format(digits, "decimal").format(value).replace("-", "−");

/**
 * A share in percent, rounded as the commands round it, a half to the even digit: only a whole share is 100 %.
 * @param {number} share 0-1
 * @param {number} [digits]
 */
export function percent(share, digits = 1) {
  const step = 10 ** (digits + 2);
  const exact = Number((share * step).toPrecision(15)); // as written in decimals: 0.9975 is a half, not a little less
  const near = exact % 1 === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact);
  const written = format(digits, "percent").format((near === step && share < 1 ? step - 1 : near) / step);
  return written.replace("-", "−").replace("\u00a0%", "\u202f%"); // browsers differ in the space of French: the commands have the narrow one
}

/**
 * Two things, the first named by the second: French has a space before its colon.
 * @param {string} what
 * @param {string} said
 */
export const pair = (what, said) => `${what}${language === "fr" ? "\u00a0" : ""}: ${said}`;

/** @param {string[]} parts said in a row: French has a narrow space before its semicolon */
export const inRow = (parts) => parts.join(language === "fr" ? "\u202f; " : "; ");

/** @param {string[]} parts given to a function: with commas, but in French, whose decimals have them, with semicolons */
export const given = (parts) => parts.join(language === "fr" ? "\u202f; " : ", ");

/** @param {string} time ISO, UTC */
export function when(time) {
  const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}
