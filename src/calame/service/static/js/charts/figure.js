/** A chart with what belongs to it: a title, a sentence, the drawing at the width there is, a legend, its figures as a table. */

import { h, svg } from "../dom.js";
import { t } from "../words.js";

/** @type {WeakMap<Element, { draw: (width: number) => Node, width: number }>} */
const plots = new WeakMap();
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) redraw(target, Math.floor(contentRect.width));
});

/**
 * @param {Element} box
 * @param {number} width 0 when it is hidden
 */
function redraw(box, width) {
  const plot = plots.get(box);
  if (!plot || !width || width === plot.width) return;
  plot.width = width;
  box.replaceChildren(plot.draw(width));
}

/**
 * A box that is drawn again at each width, so that its words keep their size.
 * @param {(width: number) => Node} draw
 */
export function plot(draw) {
  const box = h("div", { class: "plot" });
  plots.set(box, { draw, width: 0 });
  sizes.observe(box);
  return box;
}

/**
 * @typedef {object} Told
 * @property {string} title
 * @property {string} about one sentence: what one sees
 * @property {(Node | null)[]} body plots, or what stands in their place
 * @property {[string, string][]} [legend] class of the mark, and its words
 * @property {Table} [table] the same figures; left out where the body is one
 * @property {string} [source] what measured them
 * @property {boolean} [wide] as wide as the page: it has several panels
 */

/** @typedef {{ heads: string[], rows: (string | number)[][] }} Table */

/** @param {Told} told */
export function figure({ title, about, body, legend = [], table, source, wide = false }) {
  return h("section", { class: wide ? "chart wide" : "chart" },
    h("h3", {}, title), h("p", { class: "chart-about" }, about),
    ...body,
    legend.length ? h("ul", { class: "legend" }, ...legend.map(([mark, words]) => h("li", {}, h("span", { class: `key ${mark}`, "aria-hidden": "true" }), words))) : null,
    table ? h("details", { class: "figures" }, h("summary", {}, t("perf.figures"), h("span", { class: "unseen" }, ` · ${title}`)), scroller(tableOf(table), title)) : null,
    source ? h("p", { class: "source" }, source) : null);
}

/** @param {Table} table the first cell of a row names it */
export function tableOf({ heads, rows }) {
  const head = h("tr", {}, ...heads.map((words) => h("th", { scope: "col" }, words)));
  const lines = rows.map(([name, ...cells]) => h("tr", {}, h("th", { scope: "row" }, String(name)), ...cells.map((cell) => h("td", {}, String(cell)))));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...lines));
}

/**
 * @param {HTMLElement} inside
 * @param {string} name
 */
export function scroller(inside, name) {
  return h("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": name }, inside);
}

/**
 * The drawing itself: pictures are for the eye, the table says the same to a screen reader.
 * @param {number} width
 * @param {number} height
 * @param {...(Node | string)} parts
 */
export function canvas(width, height, ...parts) {
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" }, ...parts);
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} style
 * @param {"start" | "middle" | "end"} [anchor]
 */
export const written = (words, x, y, style, anchor = "start") => svg("text", { x, y, class: style, "text-anchor": anchor }, words);
