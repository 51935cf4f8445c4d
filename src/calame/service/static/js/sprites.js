/** Sprites: one picture that holds many maps in rows, a pixel apart. */

/**
 * @param {string} url of a picture, usually a data URL
 * @returns {Promise<HTMLImageElement>} decoded
 */
export async function loaded(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return picture;
}

/** @typedef {{ left: number, top: number, width: number, height: number }} Place */

/**
 * Where each map lies; what has no height and width, a vector, is one picture.
 * @param {{ shape: number[], columns: number }} sprite shape: height, width, maps; or, for filters, height, width, depth, maps
 * @param {HTMLImageElement} picture
 * @returns {Place[]}
 */
export function places({ shape, columns }, picture) {
  if (shape.length < 3 || (shape[0] === 1 && shape[1] === 1)) return [{ left: 0, top: 0, width: picture.naturalWidth, height: picture.naturalHeight }];
  const [height, width] = shape;
  return Array.from({ length: /** @type {number} */ (shape.at(-1)) }, (_, index) => ({
    left: (index % columns) * (width + 1), top: Math.floor(index / columns) * (height + 1), width, height,
  }));
}

/**
 * @param {HTMLCanvasElement} target takes the size of the map
 * @param {CanvasImageSource} sprite
 * @param {Place} place
 */
export function cut(target, sprite, { left, top, width, height }) {
  if (target.width !== width) target.width = width;
  if (target.height !== height) target.height = height;
  target.getContext("2d")?.drawImage(sprite, left, top, width, height, 0, 0, width, height);
}
