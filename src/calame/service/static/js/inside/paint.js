/**
 * Numbers as colours, by one rule for the whole page, that of `drawing/colours.py`. What can be negative: nothing is
 * paper, orange above it, blue below; both grow away from paper in lightness, so that they are told apart without
 * colour. What cannot: viridis, from violet, nothing, to yellow, the most. Pictures are ink: white on black.
 */

import { reach } from "./values.js";

const STEPS = 255; // on either side of nothing
const LIGHT = [[[255, 254, 250], [196, 214, 236], [62, 124, 187], [12, 44, 92]], [[255, 254, 250], [250, 208, 160], [222, 126, 52], [112, 40, 4]]];
const DARK = [[[22, 25, 31], [30, 56, 94], [72, 138, 208], [196, 224, 255]], [[22, 25, 31], [92, 46, 14], [226, 128, 52], [255, 224, 178]]];
// Viridis: red, green and blue as polynomials of 0-1, coefficients from the constant on (a fit by Matt Zucker).
const VIRIDIS = [[0.2777273, 0.105093, -0.3308618, -4.6342305, 6.2282699, 4.776385, -5.4354559], [0.0054073, 1.4046135, 0.2148476, -5.799101, 14.1799334, -13.7451454, 4.6458526], [0.3340998, 1.3845902, 0.0950952, -19.332441, 56.6905526, -65.3530326, 26.3124352]];
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
  return (colours ??= tableOf(isDark() ? DARK : LIGHT));
}

/** @param {number[][][]} stops below nothing, and above */
function tableOf([below, above]) {
  const made = new Uint8ClampedArray(3 * (2 * STEPS + 1));
  for (let step = -STEPS; step <= STEPS; step += 1) made.set(between(step < 0 ? below : above, Math.abs(step) / STEPS), 3 * (step + STEPS));
  return made;
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

const AMOUNTS = new Uint8ClampedArray(3 * (2 * STEPS + 1)); // as the table, with nothing below 0
for (let step = 0; step <= STEPS; step += 1) AMOUNTS.set(VIRIDIS.map((factors) => 255 * factors.reduceRight((sum, factor) => sum * (step / STEPS) + factor, 0)), 3 * (step + STEPS));

/** @param {number} value −1 to 1 @returns {number} where its colour begins in the table */
const placeOf = (value) => 3 * (Math.round(Math.max(-1, Math.min(1, value)) * STEPS) + STEPS);

/**
 * @param {number} value −1 to 1; 0 to 1 of what is not signed
 * @param {boolean} [signed] whether it is of values that can be negative
 * @returns {[string, boolean]} its colour, and whether light words are read on it
 */
export function shade(value, signed = true) {
  const known = signed ? table() : AMOUNTS;
  const at = placeOf(signed ? value : Math.max(0, value));
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
 * @param {{ ink?: Uint8Array | null, until?: number, grey?: boolean, signed?: boolean }} [how] ink: a digit over it; until: how many values are known yet
 */
export function paintMap(canvas, { values, height, width }, most, { ink = null, until = Infinity, grey = false, signed = true } = {}) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const pixels = context.createImageData(width, height);
  const [known, written] = [signed ? table() : AMOUNTS, isDark() ? 236 : 28];
  for (let at = 0; at < values.length; at += 1) {
    const from = placeOf(signed ? values[at] / most : Math.max(0, values[at] / most));
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
  paintMap(canvas, { values: Array.from({ length: 64 }, (_, at) => low + (at / 63) * (high - low)), height: 1, width: 64 }, most, { signed: low < 0 });
}

/**
 * Put the colours of a dark page in the place of those for paper, in which the service draws what can be negative.
 * @param {HTMLImageElement} picture
 * @returns {CanvasImageSource}
 */
export function dimmed(picture) {
  if (!isDark()) return picture;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext("2d");
  if (!context) return picture;
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const [paper, dark, known] = [tableOf(LIGHT), table(), /** @type {Map<number, number>} */ (new Map())];
  for (let at = 0; at < pixels.data.length; at += 4) {
    const [red, green, blue] = pixels.data.subarray(at, at + 3);
    const name = (red << 16) + (green << 8) + blue;
    const place = known.get(name) ?? nearest(paper, red, green, blue);
    known.set(name, place);
    pixels.data.set(dark.subarray(place, place + 3), at);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/**
 * @param {Uint8ClampedArray} colours
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 * @returns {number} where the colour that is most like it begins
 */
function nearest(colours, red, green, blue) {
  let [best, least] = [0, Infinity];
  for (let at = 0; at < colours.length; at += 3) {
    const far = (colours[at] - red) ** 2 + (colours[at + 1] - green) ** 2 + (colours[at + 2] - blue) ** 2;
    if (far < least) [best, least] = [at, far];
  }
  return best;
}
