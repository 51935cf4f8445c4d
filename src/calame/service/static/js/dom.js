/** Elements in one expression, and the base of the page's own elements. */

import { translate, words } from "./words.js";

/**
 * @typedef {Record<string, unknown>} Properties `on` holds listeners by event; `t`, `tLabel`, `tTitle` and `tHint` name words;
 *   true is an empty attribute; false, null and undefined leave it out.
 */

const WORDS = { t: "data-t", tLabel: "data-t-label", tTitle: "data-t-title", tHint: "data-t-hint" };

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  dress(made, properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * As `h`, for SVG.
 * @param {string} tag
 * @param {Properties} [properties]
 * @param {...(Node | string)} children
 */
export function svg(tag, properties = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  dress(made, properties);
  made.append(...children);
  return made;
}

/**
 * @param {Element} made
 * @param {Properties} properties
 */
function dress(made, { on, ...attributes }) {
  for (const [event, listener] of Object.entries(on ?? {})) made.addEventListener(event, listener);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name in WORDS ? WORDS[/** @type {keyof typeof WORDS} */ (name)] : name, value === true ? "" : String(value));
  }
}

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Bring what was asked for into view, as far as it is not in view already; the focus stays where it is.
 * @param {Element | null} element
 */
export const bring = (element) => element?.scrollIntoView({ block: "nearest", behavior: STILL.matches ? "instant" : "smooth" });

/**
 * An open popover closes when Tab goes past its last element: it would stay open over what has the focus now.
 * @param {HTMLElement | null} popover
 */
export function closeBehindFocus(popover) {
  popover?.addEventListener("focusout", ({ relatedTarget: to }) => {
    if (to instanceof Element && !popover.contains(to) && !to.closest(`[popovertarget="${popover.id}"]`)) popover.hidePopover?.();
  });
}

/** An element of the page: `build` runs once, `say` after that and after each change of language. */
export class Part extends HTMLElement {
  #built = false;
  #speak = () => this.#said();

  connectedCallback() {
    if (!this.#built) {
      this.#built = true;
      this.build();
    }
    words.addEventListener("change", this.#speak);
    this.#said();
  }

  disconnectedCallback() {
    words.removeEventListener("change", this.#speak);
  }

  #said() {
    translate(this);
    this.say();
  }

  /** Make what is inside. */
  build() {}

  /** Word what data-t cannot: sentences with values. */
  say() {}
}

/**
 * A line icon from the sprite of the page.
 * @param {string} path of SVG, in a 20×20 box
 */
export function icon(path) {
  return svg("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true" }, svg("path", { d: path }));
}

/**
 * A checkbox that looks like a switch.
 * @param {string} words key of its label
 * @param {(on: boolean) => void} changed
 * @param {Properties} [more]
 */
export function toggle(words, changed, more = {}) {
  const box = h("input", { type: "checkbox", class: "switch", ...more });
  box.addEventListener("change", () => changed(box.checked));
  return { box, label: h("label", { class: "toggle" }, box, h("span", { t: words })) };
}
