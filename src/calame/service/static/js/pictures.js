/** Files and pixels as sources for the studio. */

const DOCUMENTS = /\.(pdf|tiff?)$/i;
const DOCUMENT_TYPES = ["application/pdf", "image/tiff"];

/** @param {File} file @returns {boolean} whether it can have several pages, and no browser shows it as a picture */
export const isDocument = (file) => DOCUMENT_TYPES.includes(file.type) || DOCUMENTS.test(file.name);

/** @param {File} file */
export const isPdf = (file) => file.type === "application/pdf" || /\.pdf$/i.test(file.name);

/**
 * @param {Blob} blob
 * @returns {Promise<ImageBitmap | null>} null when the browser cannot show this format; the service may still read it
 */
export async function decoded(blob) {
  try {
    return await createImageBitmap(blob);
  } catch {
    return null;
  }
}

/**
 * As `sourceOf`, at once: it has no picture until the browser has decoded it.
 * @param {"import"} kind
 * @param {Blob} blob
 * @param {string} name
 * @param {(source: import("./studio.js").Source) => void} decodedNow
 * @returns {import("./studio.js").Source}
 */
export function sourceSoon(kind, blob, name, decodedNow) {
  /** @type {ImageBitmap | null} */
  let picture = null;
  const source = { kind, name, truth: null, id: null, picture: () => picture, blob: () => Promise.resolve(blob) };
  decoded(blob).then((found) => ((picture = found), decodedNow(source)));
  return source;
}

/**
 * @param {"import" | "camera" | "data"} kind
 * @param {Blob} blob
 * @param {string} name
 * @param {number | null} [truth]
 * @returns {Promise<import("./studio.js").Source>}
 */
export async function sourceOf(kind, blob, name, truth = null) {
  const picture = await decoded(blob);
  return { kind, name, truth, id: null, picture: () => picture, blob: () => Promise.resolve(blob) };
}
