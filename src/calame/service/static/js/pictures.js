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
