/** Transformations of a picture on a canvas: what paper, cameras and hands do to a digit. */

/** @typedef {{ rotate: number, x: number, y: number, thicken: number, blur: number, noise: number, invert: boolean }} Effects */

/** @type {Readonly<Effects>} */
export const NEUTRAL = Object.freeze({ rotate: 0, x: 0, y: 0, thicken: 0, blur: 0, noise: 0, invert: false });

/** Lowest, highest and step of each slider; degrees, percent of the side, pixels, pixels, grey levels. */
export const RANGES = Object.freeze({
  rotate: [-60, 60, 1],
  x: [-40, 40, 1],
  y: [-40, 40, 1],
  thicken: [-6, 8, 1],
  blur: [0, 8, 0.5],
  noise: [0, 90, 5],
});

const LONGER = 560; // pixels: a larger picture is shrunk first, so that sliders stay fluid

/** @param {Effects} effects */
export const isNeutral = (effects) => Object.entries(NEUTRAL).every(([name, value]) => effects[/** @type {keyof Effects} */ (name)] === value);

/**
 * @param {CanvasImageSource} picture
 * @param {Effects} effects
 * @returns {HTMLCanvasElement} a new one, at most 560 pixels long
 */
export function transformed(picture, effects) {
  const { width, height } = sizeOf(picture);
  const ratio = Math.min(1, LONGER / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  move(context, picture, effects);
  if (effects.thicken || effects.noise || effects.invert) {
    const data = context.getImageData(0, 0, canvas.width, canvas.height);
    if (effects.thicken) thicken(data, effects.thicken);
    if (effects.noise) noise(data, effects.noise);
    if (effects.invert) for (let at = 0; at < data.data.length; at += 1) if (at % 4 !== 3) data.data[at] = 255 - data.data[at];
    context.putImageData(data, 0, 0);
  }
  return canvas;
}

/** @param {CanvasImageSource} picture */
function sizeOf(picture) {
  const one = /** @type {any} */ (picture);
  return { width: one.naturalWidth || one.videoWidth || one.width, height: one.naturalHeight || one.videoHeight || one.height };
}

/**
 * Turn, shift and blur; what comes in from outside has the colour of the edge.
 * @param {CanvasRenderingContext2D} context
 * @param {CanvasImageSource} picture
 * @param {Effects} effects
 */
function move(context, picture, effects) {
  const { width, height } = context.canvas;
  context.drawImage(picture, 0, 0, width, height);
  context.fillStyle = edge(context);
  context.fillRect(0, 0, width, height);
  context.filter = effects.blur ? `blur(${effects.blur}px)` : "none";
  context.translate(width / 2 + (effects.x / 100) * width, height / 2 + (effects.y / 100) * height);
  context.rotate((effects.rotate * Math.PI) / 180);
  context.drawImage(picture, -width / 2, -height / 2, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.filter = "none";
}

/** @param {CanvasRenderingContext2D} context */
function edge(context) {
  const { width, height } = context.canvas;
  const sum = [0, 0, 0, 0];
  for (const row of [0, height - 1]) {
    const line = context.getImageData(0, row, width, 1).data;
    line.forEach((value, at) => (sum[at % 4] += value));
  }
  const [red, green, blue, alpha] = sum.map((value) => Math.round(value / (2 * width)));
  return alpha < 255 ? paper(context) : `rgb(${red} ${green} ${blue})`;
}

/**
 * What the reader lays a transparent picture on: white, or black when all that it shows is white itself.
 * @param {CanvasRenderingContext2D} context
 */
function paper(context) {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  let shown = false;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 0) continue;
    if (Math.min(data[at], data[at + 1], data[at + 2]) < 255) return "#fff";
    shown = true;
  }
  return shown ? "#000" : "#fff";
}

/**
 * Spread what is dark by so many pixels, or what is bright when negative; in place.
 * @param {ImageData} image
 * @param {number} pixels
 */
function thicken({ data, width, height }, pixels) {
  const pick = pixels > 0 ? Math.min : Math.max;
  const reach = Math.abs(pixels);
  spread(data, width, height, 4, width * 4, reach, pick);
  spread(data, height, width, width * 4, 4, reach, pick);
}

/**
 * @param {Uint8ClampedArray} data
 * @param {number} length of a line
 * @param {number} lines
 * @param {number} along from one pixel of a line to the next
 * @param {number} across from one line to the next
 * @param {number} reach
 * @param {(a: number, b: number) => number} pick
 */
function spread(data, length, lines, along, across, reach, pick) {
  const line = new Uint8ClampedArray(length);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let row = 0; row < lines; row += 1) {
      const start = row * across + channel;
      for (let at = 0; at < length; at += 1) line[at] = data[start + at * along];
      for (let at = 0; at < length; at += 1) {
        let best = line[at];
        const last = Math.min(length - 1, at + reach);
        for (let near = Math.max(0, at - reach); near <= last; near += 1) best = pick(best, line[near]);
        data[start + at * along] = best;
      }
    }
  }
}

/**
 * Grain, the same each time, so that a picture at rest stands still; in place.
 * @param {ImageData} image
 * @param {number} amount standard deviation in grey levels
 */
function noise({ data }, amount) {
  let seed = 7;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let at = 0; at < data.length; at += 4) {
    const grain = (next() + next() + next() - 1.5) * 2 * amount;
    for (let channel = 0; channel < 3; channel += 1) data[at + channel] += grain;
  }
}
