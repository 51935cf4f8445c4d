/** What the columns of a network are called, for a person: "Convolution 2". */

import { bothOf, kindOf, titlesOf } from "../layer-names.js";
import { known, t } from "../words.js";
import { desk } from "./desk.js";

/** @param {import("./desk.js").Stage} stage */
export function titleOf(stage) {
  return titlesOf(desk.network?.stages ?? []).get(stage.name) ?? kindOf(stage.kind);
}

/** @param {import("./desk.js").Stage} stage @returns {string} the same, and what the model's file calls it */
export const bothNamesOf = (stage) => bothOf(titleOf(stage), stage.name);

/** @param {string} layer the name that the model's file has for it @returns {import("./desk.js").Stage | undefined} its column */
export const stageOf = (layer) => desk.network?.stages.find((stage) => stage.layers.includes(layer) || stage.name === layer);

/**
 * @param {string} layer, or "image"
 * @param {number} map from 0 on
 */
export function nameOf(layer, map) {
  const stage = stageOf(layer);
  const words = stage?.kind === "Dense" ? "inside.unit.of" : "inside.map.of";
  return layer === "image" ? t("inside.input") : t(words, { index: map, name: stage ? titleOf(stage) : layer });
}

/**
 * What a column does, and what is done to each of its values before they are shown: "keeps the strongest, normalises, then ReLU".
 * @param {import("./desk.js").Stage} stage
 */
export function doesOf({ kind, kinds }) {
  const then = kinds.slice(1).map((one) => wordsFor("then", one)).filter(Boolean);
  const later = kind === "Conv2D" && !kinds.includes("ReLU") ? [t("inside.then.no_relu")] : [];
  return [wordsFor("short", kind), ...then, ...later].filter(Boolean).join(", ");
}

/**
 * Words for a kind of layer; nothing for one that there are none for.
 * @param {string} key "short", "about" ...
 * @param {string} kind
 * @param {Record<string, unknown>} [values]
 */
export const wordsFor = (key, kind, values) => (known(`inside.${key}.${kind}`) ? t(`inside.${key}.${kind}`, values) : "");
