/** Numbers as they come from the service: base64 of float32, of levels on a scale, of pixels. */

/**
 * @typedef {{ shape: number[], floats: string }} Told
 * @typedef {{ shape: number[], values: Float32Array }} Values
 */

/** @param {string} text base64 */
export function bytes(text) {
  const letters = atob(text);
  const found = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) found[at] = letters.charCodeAt(at);
  return found;
}

/** @param {Told} told @returns {Values} */
export const floats = ({ shape, floats: text }) => ({ shape, values: new Float32Array(bytes(text).buffer) });

/**
 * @param {{ shape: number[], low: number, high: number, levels: string }} told
 * @returns {Values} to within half a level
 */
export function unlevelled({ shape, low, high, levels }) {
  const step = (high - low) / 255;
  return { shape, values: Float32Array.from(bytes(levels), (level) => low + level * step) };
}

/** @param {ArrayLike<number>} values the largest distance from 0; 1 where all is 0 */
export function reach(values) {
  let most = 0;
  for (let at = 0; at < values.length; at += 1) most = Math.max(most, Math.abs(values[at]));
  return most || 1;
}

/**
 * One map of a layer, or a row of values as a column of them.
 * @param {Values} layer
 * @param {number} number
 * @returns {{ values: Float32Array, height: number, width: number }}
 */
export function mapOf({ shape, values }, number) {
  if (shape.length < 3) return { values, height: values.length, width: 1 };
  const [, height, width] = shape;
  return { values: values.subarray(number * height * width, (number + 1) * height * width), height, width };
}

/** @param {number[]} shape how many maps, or values, a layer has */
export const countOf = (shape) => shape[0];

/** @param {number[]} shape whether a layer has places: maps, and not one value each */
export const hasPlaces = (shape) => shape.length === 3 && shape[1] * shape[2] > 1;
