/** Scales: from a value to its place on an axis, 0 to 1, with the ticks that belong there. Knows nothing of drawing. */

import { number, percent } from "../words.js";

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} at place of a value, 0-1; what lies outside is put at the end
 * @property {number[]} ticks
 * @property {(value: number) => string} say a tick in words
 */

/** @param {number} place */
const within = (place) => Math.min(1, Math.max(0, place));

/**
 * From a round number to a round number, about so many steps between.
 * @param {number} least
 * @param {number} most
 * @param {{ steps?: number, say?: (value: number, digits: number) => string, highest?: number }} [how]
 * @returns {Scale}
 */
export function linear(least, most, { steps = 4, say = number, highest = Infinity } = {}) {
  const step = roundStep(Math.max(most - least, 1e-9) / steps);
  const low = Math.floor(least / step + 1e-9) * step;
  const high = Math.min(highest, Math.ceil(most / step - 1e-9) * step);
  const count = Math.round((high - low) / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    at: (value) => within((value - low) / (high - low)),
    ticks: Array.from({ length: count + 1 }, (_, index) => low + index * step),
    say: (value) => say(value, digits),
  };
}

/** @param {number} rough */
function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough - 1e-12) ?? power;
}

/**
 * Shares from a round share to a round share, in percent, never past 100 %.
 * @param {number} least
 * @param {number} most
 */
export function shares(least, most) {
  const wide = Math.max(most - least, 0.0005);
  return linear(Math.max(0, least), Math.max(0, least) + wide, { say: (value, digits) => percent(value, Math.max(0, digits - 2)), highest: 1 });
}

/**
 * Each step is ten times the one before.
 * @param {number} low
 * @param {number} high
 * @param {number[]} ticks
 * @param {(value: number) => string} say
 * @returns {Scale}
 */
export function logarithmic(low, high, ticks, say) {
  const whole = Math.log(high / low);
  return { at: (value) => within(Math.log(Math.max(value, low) / low) / whole), ticks, say };
}

const [UNSURE, SUREST] = [0.6, 0.0005]; // shares of doubt at the two ends

/**
 * How sure, from 40 % to all but certain: each step has ten times less doubt than the one before.
 * @type {Scale}
 */
export const surety = Object.freeze({
  at: (value) => within(Math.log(UNSURE / Math.max(1 - value, SUREST)) / Math.log(UNSURE / SUREST)),
  ticks: [0.5, 0.9, 0.99, 0.999],
  say: (value) => percent(value, value > 0.99 ? 1 : 0),
});
