/** The page's words in the language chosen. Knows the catalogue and number formats, and nothing of what is shown. */

/** @typedef {"en" | "fr"} Language */

export const LANGUAGES = /** @type {Language[]} */ (["en", "fr"]);
const KEPT = "calame.language";

/** @type {Record<string, string>} */
let catalogue = {};
/** @type {Language} */
let language = "en";

/** Says "change" after each change of language. */
export const words = new EventTarget();

/** @returns {Language} the language of the words now */
export const spoken = () => language;

/** @returns {Language} what was chosen before, or the first of the browser's languages that there is */
export function preferred() {
  const asked = [remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LANGUAGES.find((one) => one === asked.find((tag) => tag === "en" || tag === "fr")) ?? "en";
}

/**
 * Fetch a language's words, then tell all who show some.
 * @param {Language} wanted
 */
export async function speak(wanted) {
  const answer = await fetch(`/locale/${wanted}.json`);
  if (!answer.ok) throw new Error(`/locale/${wanted}.json: ${answer.status}`);
  catalogue = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted;
  words.dispatchEvent(new Event("change"));
}

/** @param {Language} wanted remember it for the next visit */
export function remember(wanted) {
  try {
    localStorage.setItem(KEPT, wanted);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {string} key of the page's own words, or a whole one that the page shares */
const said = (key) => catalogue[`page.${key}`] ?? catalogue[key];

/**
 * The words for a key, their `{values}` filled in; the key itself when there are none.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  return (said(key) ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

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

/**
 * @param {number} value
 * @param {number} [digits] after the point
 */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * A share in percent, cut and not rounded up: only a whole share is 100 %.
 * @param {number} share 0-1
 * @param {number} [digits]
 */
export function percent(share, digits = 1) {
  const step = 10 ** (digits + 2);
  const cut = Math.floor(share * step + 1e-7) / step;
  const format = { style: /** @type {const} */ ("percent"), minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, format).format(cut);
}

/** @param {string} time ISO, UTC */
export function when(time) {
  const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}
