/** The page: words first, then its elements; which page is shown, by the address; the language's buttons. */

import "./parts/theme-choice.js";
import "./parts/tab-set.js";
import "./parts/drawing-pad.js";
import "./parts/digit-answer.js";
import "./parts/seen-image.js";
import "./parts/step-list.js";
import "./parts/effect-panel.js";
import "./parts/feature-grid.js";
import { LANGUAGES, preferred, remember, speak, spoken, t, translate, words } from "./words.js";
import { studio } from "./studio.js";

/** Pages that are fetched when they are first asked for; the studio is always there, so that no drawing is lost. */
const PAGES = /** @type {Record<string, () => Promise<unknown>>} */ ({
  sheet: () => import("./pages/sheet.js"),
  architecture: () => import("./pages/architecture.js"),
  performance: () => import("./pages/performance.js"),
  api: () => import("./pages/api.js"),
  help: () => import("./pages/help.js"),
});

/** Ways in, with what they need; drawing is there from the start. */
const WAYS = /** @type {Record<string, [string, () => Promise<unknown>]>} */ ({
  draw: ["drawing-pad", () => Promise.resolve()],
  import: ["import-list", () => import("./parts/import-list.js")],
  camera: ["camera-view", () => import("./parts/camera-view.js")],
  data: ["data-browser", () => import("./parts/data-browser.js")],
});

/** @param {string} selector */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));

async function go() {
  const name = location.hash.replace(/^#\/?/, "");
  const page = name in PAGES ? name : "";
  for (const link of document.querySelectorAll("nav a")) link.toggleAttribute("aria-current", link.getAttribute("href") === `#/${page}`);
  for (const link of document.querySelectorAll("nav a[aria-current]")) link.setAttribute("aria-current", "page");
  find("#studio").hidden = page !== "";
  for (const other of find("#pages").children) other.hidden = other.localName !== `${page}-page`;
  sayTitle(page);
  if (page) await open(page);
}

/** @param {string} page */
async function open(page) {
  await PAGES[page]();
  let element = find(`${page}-page`);
  if (!element) {
    element = document.createElement(`${page}-page`);
    find("#pages").append(element);
  }
  element.hidden = location.hash !== `#/${page}`;
  await element.open?.();
}

function sayTitle(page = location.hash.replace(/^#\/?/, "")) {
  document.title = page in PAGES ? `${t(`nav.${page}`)} · Calame` : t("title");
}

/** @param {string} way */
async function enter(way) {
  const [name, load] = WAYS[way];
  await load();
  await find(name).open();
}

function listen() {
  find("tab-set").addEventListener("choose", (/** @type {CustomEvent} */ event) => enter(event.detail));
  for (const language of LANGUAGES) find(`#speak-${language}`).addEventListener("click", () => choose(language));
  document.addEventListener("taken", () => find("#tab-import").getAttribute("aria-selected") !== "true" && find("tab-set").choose(find("#tab-import")));
  find("#tta").addEventListener("change", (/** @type {Event} */ event) => {
    studio.tta = /** @type {HTMLInputElement} */ (event.target).checked;
    studio.touch();
  });
  addEventListener("hashchange", async () => {
    await go();
    find("#main").focus({ preventScroll: true });
    scrollTo(0, 0);
  });
}

/** @param {import("./words.js").Language} language */
async function choose(language) {
  remember(language);
  await speak(language);
  if (studio.reading) studio.refresh(); // the service words its reasons and advice
}

words.addEventListener("change", () => {
  translate(document);
  sayTitle();
  for (const language of LANGUAGES) find(`#speak-${language}`).setAttribute("aria-pressed", String(language === spoken()));
});

await speak(preferred());
listen();
await go();
document.documentElement.classList.add("ready");
await enter("draw");
await WAYS.import[1](); // it takes what is dropped or pasted, whichever way is open
