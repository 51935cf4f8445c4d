/** Bars made of parts that add up to a whole, a line each. */

import { svg } from "../dom.js";
import { canvas, written } from "./figure.js";

/** @typedef {{ name: string, parts: [string, number, string][], note: string }} Stack parts: class, share of the whole, title */

const NARROW = 520; // pixels: below, a name stands above its bar
const [NAME, NOTE] = [176, 72];
const [ROW, TALL, THICK] = [26, 42, 14];

/**
 * @param {Stack[]} stacks
 * @returns {(width: number) => Node}
 */
export const stacks = (stacks) => (width) => {
  const narrow = width < NARROW;
  const [left, right] = narrow ? [0, width] : [NAME, width - NOTE];
  const row = narrow ? TALL : ROW;
  return canvas(width, stacks.length * row, ...stacks.flatMap((stack, index) => bar(stack, index * row, left, right, width, narrow)));
};

/**
 * @param {Stack} stack
 * @param {number} top
 * @param {number} left
 * @param {number} right
 * @param {number} width
 * @param {boolean} narrow
 */
function bar({ name, parts, note }, top, left, right, width, narrow) {
  const words = top + (narrow ? 13 : 17);
  const made = [written(name, 0, words, "name"), written(note, width, words, "note", "end")];
  let x = left;
  for (const [style, share, title] of parts) {
    const wide = share * (right - left);
    made.push(svg("rect", { x, y: top + (narrow ? 20 : 6), width: Math.max(0, wide - 1), height: THICK, class: `part ${style}` }, svg("title", {}, title)));
    x += wide;
  }
  return made;
}
