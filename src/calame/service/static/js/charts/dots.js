/** Dots with intervals, a line each: what was measured, and how well it is known. */

import { svg } from "../dom.js";
import { canvas, written } from "./figure.js";

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number[]} values several are seeds, drawn as circles
 * @property {number} [mean] of several, drawn as a stroke across
 * @property {[number, number]} [interval]
 * @property {string} note the figure in words
 */

const NARROW = 520; // pixels: below, a name stands above its line
const [NAME, NOTE] = [176, 172];
const [ROW, TALL] = [30, 44];

/**
 * @param {Line[]} lines
 * @param {import("./scales.js").Scale} scale
 * @param {string} axis what it measures
 * @returns {(width: number) => Node}
 */
export const dots = (lines, scale, axis) => (width) => {
  const narrow = width < NARROW;
  const [left, right] = narrow ? [20, width - 22] : [NAME, width - NOTE];
  const row = narrow ? TALL : ROW;
  const bottom = lines.length * row + 6;
  const x = (/** @type {number} */ value) => left + scale.at(value) * (right - left);
  return canvas(width, bottom + 40,
    ...scale.ticks.flatMap((tick) => [
      svg("line", { x1: x(tick), x2: x(tick), y1: 0, y2: bottom, class: "axis" }),
      written(scale.say(tick), x(tick), bottom + 16, "tick", "middle"),
    ]),
    written(axis, right, bottom + 34, "axis-name", "end"),
    ...lines.flatMap((line, index) => marks(line, x, index * row + (narrow ? 30 : row / 2), narrow ? width : width - 4, narrow)));
};

/**
 * @param {Line} line
 * @param {(value: number) => number} x
 * @param {number} y
 * @param {number} end where the note ends
 * @param {boolean} narrow
 */
function marks({ name, values, mean, interval, note }, x, y, end, narrow) {
  const words = narrow ? y - 13 : y + 4;
  const many = values.length > 1;
  const parts = [written(name, 0, words, "name"), written(note, end, words, "note", "end")];
  if (interval) parts.push(svg("line", { x1: x(interval[0]), x2: x(interval[1]), y1: y, y2: y, class: "whisker" }));
  if (mean !== undefined) parts.push(svg("line", { x1: x(mean), x2: x(mean), y1: y - 8, y2: y + 8, class: "mean" }));
  for (const value of values) parts.push(svg("circle", { cx: x(value), cy: y, r: many ? 4 : 4.5, class: many ? "dot soft" : "dot" }));
  return parts;
}
