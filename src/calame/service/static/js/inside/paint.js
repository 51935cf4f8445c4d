/**
 * Numbers as colours: one scale for the whole page. Nothing is paper; what was found is orange, its opposite blue;
 * both grow away from paper in lightness, so that they are told apart without colour. Pictures are ink: white on black.
 */

import { reach } from "./values.js";

const STEPS = 255; // on either side of nothing
const LIGHT = [[[255, 254, 250], [196, 214, 236], [62, 124, 187], [12, 44, 92]], [[255, 254, 250], [250, 208, 160], [222, 126, 52], [112, 40, 4]]];
const DARK = [[[22, 25, 31], [30, 56, 94], [72, 138, 208], [196, 224, 255]], [[22, 25, 31], [92, 46, 14], [226, 128, 52], [255, 224, 178]]];
const COVER = 0.78; // of a map that lies below ink

const dim = matchMedia("(prefers-color-scheme: dark)");

/** Says "change" when the page turns light or dark: what is painted is painted again. */
export const shades = new EventTarget();
/** @type {Uint8ClampedArray | null} */
let colours = null;

function renew() {
  colours = null;
  shades.dispatchEvent(new Event("change"));
}
dim.addEventListener("change", renew);
new MutationObserver(renew).observe(document.documentElement, { attributeFilter: ["data-theme"] });

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && dim.matches);
}

/** @returns {Uint8ClampedArray} red, green, blue for −STEPS to STEPS */
function table() {
  if (colours) return colours;
  const [below, above] = isDark() ? DARK : LIGHT;
  colours = new Uint8ClampedArray(3 * (2 * STEPS + 1));
  for (let step = -STEPS; step <= STEPS; step += 1) colours.set(between(step < 0 ? below : above, Math.abs(step) / STEPS), 3 * (step + STEPS));
  return colours;
}

/**
 * @param {number[][]} stops
 * @param {number} share 0-1
 */
function between(stops, share) {
  const place = share * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  return stops[low].map((value, channel) => value + (stops[low + 1][channel] - value) * (place - low));
}

/** @param {number} value −1 to 1 @returns {number} where its colour begins in the table */
const placeOf = (value) => 3 * (Math.round(Math.max(-1, Math.min(1, value)) * STEPS) + STEPS);

/** @param {number} value −1 to 1 @returns {[string, boolean]} its colour, and whether light words are read on it */
export function shade(value) {
  const known = table();
  const at = placeOf(value);
  const [red, green, blue] = known.subarray(at, at + 3);
  return [`rgb(${red} ${green} ${blue})`, readable(red, green, blue)];
}

/**
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 * @returns {boolean} whether white is read better than black on it (WCAG 2, relative luminance)
 */
export function readable(red, green, blue) {
  const [r, g, b] = [red, green, blue].map((one) => (one / 255 <= 0.03928 ? one / 3294.6 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.179;
}

/**
 * Paint values, one a pixel, on a canvas that takes their size.
 * @param {HTMLCanvasElement} canvas
 * @param {{ values: ArrayLike<number>, height: number, width: number }} map
 * @param {number} most the value with the strongest colour
 * @param {{ ink?: Uint8Array | null, until?: number, grey?: boolean }} [how] ink: a digit over it; until: how many values are known yet
 */
export function paintMap(canvas, { values, height, width }, most, { ink = null, until = Infinity, grey = false } = {}) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const pixels = context.createImageData(width, height);
  const [known, written] = [table(), isDark() ? 236 : 28];
  for (let at = 0; at < values.length; at += 1) {
    const from = placeOf(values[at] / most);
    const cover = ink ? (ink[at] / 255) * COVER : 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const colour = grey ? (255 * values[at]) / most : known[from + channel];
      pixels.data[4 * at + channel] = colour * (1 - cover) + written * cover;
    }
    pixels.data[4 * at + 3] = at < until ? 255 : 26;
  }
  context.putImageData(pixels, 0, 0);
}

/**
 * Paint a picture as the network sees it: ink white on black.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} pixels of a square
 */
export function paintInk(canvas, pixels) {
  const side = Math.sqrt(pixels.length);
  paintMap(canvas, { values: pixels, height: side, width: side }, 255, { grey: true });
}

/**
 * Paint the scale itself, from the smallest to the largest.
 * @param {HTMLCanvasElement} canvas
 * @param {number} low at most 0
 * @param {number} high at least 0
 */
export function paintScale(canvas, low, high) {
  const most = reach([low, high]);
  paintMap(canvas, { values: Array.from({ length: 64 }, (_, at) => low + (at / 63) * (high - low)), height: 1, width: 64 }, most);
}
