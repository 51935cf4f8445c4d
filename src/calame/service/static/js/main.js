/** The page: words first, then its elements; which page is shown, by the address; the language's buttons. */

import "./parts/theme-choice.js";
import "./parts/tab-set.js";
import "./parts/model-choice.js";
import "./parts/drawing-pad.js";
import "./parts/digit-answer.js";
import "./parts/seen-image.js";
import "./parts/step-list.js";
import { wordsOf } from "./parts/digit-answer.js";
import { closeBehindFocus } from "./dom.js";
import { models } from "./models.js";
import { LANGUAGES, preferred, remember, speak, speakOfPages, spoken, t, translate, words } from "./words.js";
import { studio } from "./studio.js";

/** Pages that are fetched when they are first asked for; the studio is always there, so that no drawing is lost. */
const PAGES = /** @type {Record<string, () => Promise<unknown>>} */ ({
  codes: () => import("./pages/codes.js"),
  inside: () => import("./pages/inside.js"),
  pictures: () => import("./pages/pictures.js"),
  sheet: () => import("./pages/sheet.js"),
  train: () => Promise.all([import("./pages/train.js"), styled("train")]),
  architecture: () => import("./pages/architecture.js"),
  performance: () => import("./pages/performance.js"),
  api: () => import("./pages/api.js"),
  help: () => import("./pages/help.js"),
});

/** Pages that take pictures which are dropped or pasted anywhere; they bring their own style. */
const TAKING = new Set(["codes", "inside", "pictures"]);

/** Ways in, with what they need; drawing is there from the start. */
const WAYS = /** @type {Record<string, [string, () => Promise<unknown>]>} */ ({
  draw: ["drawing-pad", () => Promise.resolve()],
  import: ["import-list", () => import("./parts/import-list.js")],
  camera: ["camera-view", () => import("./parts/camera-view.js")],
  data: ["data-browser", () => import("./parts/data-browser.js")],
});

/** What lies below the first view is fetched when one comes near it, has had an answer, or walks by keyboard. */
const BELOW = /** @type {Record<string, () => Promise<unknown>>} */ ({
  "effect-panel": () => import("./parts/effect-panel.js"),
  "feature-grid": () => import("./parts/feature-grid.js"),
});
const NEAR = "60% 0px"; // of the window's height

/** @param {string} selector */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));

/** @returns {string} the page that the address names; empty for the main view */
function pageNow() {
  const name = location.hash.replace(/^#\/?/, "");
  return Object.hasOwn(PAGES, name) ? name : "";
}

async function go() {
  const page = pageNow();
  find("#nav").hidePopover?.(); // it was opened to come here
  for (const link of document.querySelectorAll("nav a")) link.toggleAttribute("aria-current", link.getAttribute("href") === `#/${page}`);
  for (const link of document.querySelectorAll("nav a[aria-current]")) {
    link.setAttribute("aria-current", "page");
    link.scrollIntoView({ block: "nearest", inline: "center" });
  }
  find("#studio").hidden = page !== "";
  for (const other of find("#pages").children) other.hidden = other.localName !== `${page}-page`;
  sayTitle();
  find("#trouble").hidden = true;
  if (page) await open(page).catch(trouble);
}

/** @param {Error} error something of the page does not come */
function trouble(error) {
  find("#trouble").hidden = false;
  find("#trouble-words").textContent = wordsOf(error);
}

/** @param {string} page */
async function open(page) {
  await Promise.all([PAGES[page](), speakOfPages(), styled("pages"), TAKING.has(page) && styled(page)]);
  let element = find(`${page}-page`);
  if (!element) {
    element = document.createElement(`${page}-page`);
    find("#pages").append(element);
  }
  element.hidden = pageNow() !== page;
  await element.open?.();
}

/**
 * Fetch a style sheet of the page, once.
 * @param {string} name
 */
function styled(name) {
  const href = `/static/css/${name}.css`;
  if (find(`link[href="${href}"]`)) return null;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => (link.remove(), reject(new TypeError(href))));
  });
}

function sayTitle() {
  const page = pageNow();
  document.title = page ? `${t(`nav.${page}`)} · Calame` : t("title");
}

/** A page whose code did not come cannot be asked for twice: the whole is loaded anew. */
function again() {
  if (customElements.get(`${pageNow()}-page`)) go();
  else location.reload();
}

/** @param {string} way */
async function enter(way) {
  const [name, load] = WAYS[way];
  if (way !== "draw") find("drawing-pad").leave();
  await load();
  await find(name).open();
}

/**
 * Files dropped or pasted are read, whichever way in and whichever page is open: as digits, but for the pages that take them.
 * @param {DataTransfer | null} data
 */
async function take(data) {
  const files = [...(data?.files ?? [])]; // the list is empty once the event is over
  if (files.length === 0) return;
  if (TAKING.has(pageNow())) return find(`${pageNow()}-page`)?.take(files);
  location.hash = "#/";
  if (find("#tab-import").getAttribute("aria-selected") !== "true") find("tab-set").choose(find("#tab-import"));
  await WAYS.import[1]();
  await find("import-list").take(files);
}

/** A picture for those who have none at hand. */
async function sample() {
  find("tab-set").choose(find("#tab-data"));
  await WAYS.data[1]();
  await find("data-browser").any();
}

/** Learn which models there are; when the service cannot say now, once it answers again. */
async function meet() {
  try {
    await models.load();
  } catch {
    studio.addEventListener("reading", meet, { once: true });
  }
}

function watch() {
  const all = () => Object.values(BELOW).forEach((load) => load().catch(trouble));
  studio.addEventListener("settled", all, { once: true });
  document.addEventListener("keydown", (event) => event.key === "Tab" && all());
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) BELOW[target.localName]().then(() => near.unobserve(target), trouble);
  }, { rootMargin: NEAR });
  for (const name of Object.keys(BELOW)) near.observe(find(name));
}

function listen() {
  find("tab-set").addEventListener("choose", (/** @type {CustomEvent} */ event) => enter(event.detail).catch(trouble));
  for (const language of LANGUAGES) find(`#speak-${language}`).addEventListener("click", () => choose(language).catch(trouble));
  document.addEventListener("paste", (event) => take(event.clipboardData));
  document.addEventListener("drop", (event) => (event.preventDefault(), take(event.dataTransfer)));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("sample", sample);
  models.addEventListener("change", () => ["architecture", "performance"].includes(pageNow()) && go());
  find("#trouble-again").addEventListener("click", again);
  find("#tta").addEventListener("change", (/** @type {Event} */ event) => {
    studio.tta = /** @type {HTMLInputElement} */ (event.target).checked;
    studio.touch();
  });
  closeBehindFocus(find("#nav"));
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
await meet();
watch();
