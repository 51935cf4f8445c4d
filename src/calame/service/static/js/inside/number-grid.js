/** A small table of numbers on their colours: a window's inputs, a kernel's weights. For the eye; words say the rest. */

import { h } from "../dom.js";
import { number } from "../words.js";
import { readable, shade } from "./paint.js";

/**
 * A value with as many digits as one can take in.
 * @param {number} value
 * @param {number} [more] digits after the point: a factor has one more, so that its product comes out on a calculator
 */
export function say(value, more = 0) {
  const size = Math.abs(value);
  if (size < 0.0005) return "0";
  return number(value, more + (size >= 100 ? 0 : size >= 10 ? 1 : size < 0.01 ? 3 : 2));
}

/**
 * A value with its sign written out, as a term of a sum.
 * @param {number} value
 * @param {number} [more]
 */
export const plus = (value, more = 0) => `${value <= -0.0005 ? "−" : "+"} ${say(Math.abs(value), more)}`;

/** @param {number} one @param {number} other that it is multiplied by */
export const times = (one, other) => `${say(one, 1)} × ${say(other, 1)}`;

/** @param {number} share 0-1 of white @returns {[string, boolean]} as `shade` */
function inked(share) {
  const grey = Math.round(255 * share);
  return [`rgb(${grey} ${grey} ${grey})`, readable(grey, grey, grey)];
}

export class NumberGrid {
  /**
   * @param {number} rows
   * @param {number} columns
   */
  constructor(rows, columns) {
    this.cells = Array.from({ length: rows * columns }, () => h("span", { class: "cell" }));
    this.element = h("div", { class: columns > 5 ? "cells many" : columns < 3 ? "cells few" : "cells", "aria-hidden": "true" }, ...this.cells);
    this.element.style.setProperty("--columns", String(columns));
  }

  /**
   * @param {ArrayLike<number | null>} values null where there is nothing
   * @param {number} most with the strongest colour
   * @param {{ best?: number, grey?: boolean, signed?: boolean }} [how] which of them is marked; whether they are pixels, or can be negative
   */
  show(values, most, { best = -1, grey = false, signed = true } = {}) {
    for (const [at, cell] of this.cells.entries()) {
      const value = values[at];
      cell.classList.toggle("outside", value === null);
      cell.classList.toggle("chosen", at === best);
      const [colour, light] = grey ? inked((value ?? 0) / most) : shade((value ?? 0) / most, signed);
      cell.style.background = value === null ? "" : colour;
      cell.style.color = value === null ? "" : light ? "#fff" : "#000";
      cell.textContent = value === null ? "0" : say(value, this.cells.length === 1 ? 1 : 0); // alone it is a factor
    }
  }
}
