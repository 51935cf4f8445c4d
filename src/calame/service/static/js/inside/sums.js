/** How a value of a map comes about, at one place: the same sum that the network computes. Knows nothing of the page. */

import { floats } from "./values.js";

/**
 * @typedef {import("./values.js").Values} Values
 * @typedef {{ size: number[], stride: number[], spread: number[], before: number[] }} Window
 * @typedef {{ layer: string, kind: string, scale: number | null, shift: number | null, values: Values }} Passed
 * @typedef {{ layer: string, kind: string, source: string, operation: "sum" | "max" | "mean", map: number, channels: number[], bias: number,
 *   window: Window | null, inputs: Values, weights: Values | null, totals: Values, output: Values, then: Passed[] }} Made
 */

/** @param {any} told @returns {Made} */
export const made = (told) => ({
  ...told, inputs: floats(told.inputs), weights: told.weights && floats(told.weights), totals: floats(told.totals), output: floats(told.output),
  then: told.then.map((/** @type {any} */ step) => ({ ...step, values: floats(step.values) })),
});

/** @param {Made} one @returns {[number, number]} rows and columns of the map; 1 and 1 for a single value */
export const sidesOf = ({ output }) => /** @type {[number, number]} */ (output.shape.length === 2 ? output.shape : [1, 1]);

/** @param {Made} one @returns {number[]} rows and columns of what the window sees; of the whole map where none slides */
export const sizeOf = ({ window, inputs }) => window?.size ?? (inputs.shape.length === 3 ? inputs.shape.slice(1) : [inputs.values.length, 1]);

/**
 * @param {Made} one
 * @param {number} row
 * @param {number} column
 * @returns {[number, number]} where the window's first cell lies on what comes in
 */
export function cornerOf({ window }, row, column) {
  if (!window) return [0, 0];
  return [row * window.stride[0] - window.before[0], column * window.stride[1] - window.before[1]];
}

/**
 * What the window sees of one of the maps that come in.
 * @param {Made} one
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 * @returns {(number | null)[]} null where it hangs over the edge
 */
export function under(one, channel, row, column) {
  const { inputs, window } = one;
  if (inputs.shape.length < 3) return [inputs.values[channel]];
  const [, height, width] = inputs.shape;
  const [[rows, columns], [top, left], [down, across]] = [sizeOf(one), cornerOf(one, row, column), window?.spread ?? [1, 1]];
  return Array.from({ length: rows * columns }, (_, at) => {
    const [y, x] = [top + Math.floor(at / columns) * down, left + (at % columns) * across];
    return y < 0 || x < 0 || y >= height || x >= width ? null : inputs.values[(channel * height + y) * width + x];
  });
}

/** @param {Made} one @param {number} channel @returns {ArrayLike<number>} the weights for one of the maps that come in */
export function weightsOf({ weights }, channel) {
  if (!weights) return [];
  const size = weights.shape.length === 3 ? weights.shape[1] * weights.shape[2] : 1;
  return weights.values.subarray(channel * size, (channel + 1) * size);
}

/**
 * What each map that comes in adds to the sum.
 * @param {Made} one
 * @param {number} row
 * @param {number} column
 * @returns {number[]}
 */
export function sharesOf(one, row, column) {
  return Array.from({ length: one.inputs.shape[0] }, (_, channel) => {
    const weights = weightsOf(one, channel);
    return under(one, channel, row, column).reduce((/** @type {number} */ sum, value, at) => sum + (value ?? 0) * weights[at], 0);
  });
}

/** @param {number[]} shares @param {number} count @returns {number[]} which are the largest, for or against */
export const largest = (shares, count) => [...shares.keys()].sort((a, b) => Math.abs(shares[b]) - Math.abs(shares[a])).slice(0, count);
