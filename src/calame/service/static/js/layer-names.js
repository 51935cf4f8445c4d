/** What the layers of a network are called: for a person "Convolution 2", and in the model's file "stage2_1_conv". */

import { known, t } from "./words.js";

/** @typedef {{ name: string, kind: string }} Layer */

/** @param {string} kind of a layer */
export const kindOf = (kind) => (known(`kind.${kind}`) ? t(`kind.${kind}`) : kind);

/** @param {string} kind */
const familyOf = (kind) => (kind === "AveragePooling2D" ? "MaxPooling2D" : kind);

/**
 * Words for the layers of a network, counted within each kind where there are several. Of all layers or of the columns that
 * the page Inside has for them, they are the same.
 * @param {Layer[]} layers in order
 * @returns {Map<string, string>} by the name in the file; a layer whose kind has no word (a normalisation, a ReLU) has none
 */
export function titlesOf(layers) {
  const told = layers.filter(({ kind }) => known(`kind.${kind}`));
  const last = told.at(-1); // the classes
  const titles = new Map();
  for (const layer of told) {
    const alike = told.filter((one) => one !== last && familyOf(one.kind) === familyOf(layer.kind));
    const title = layer === last ? t("kind.classes") : kindOf(layer.kind);
    titles.set(layer.name, alike.length > 1 && layer !== last ? `${title} ${alike.indexOf(layer) + 1}` : title);
  }
  return titles;
}

/**
 * Both names, so that one is found by the other.
 * @param {string | undefined} title
 * @param {string} name in the file
 */
export const bothOf = (title, name) => (title && title.toLowerCase() !== name ? `${title} · ${name}` : name);
