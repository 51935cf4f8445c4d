/** The records of what was measured, as the charts want them. What a record does not hold is left out, never made up. */

import { known, t } from "./words.js";

const NORMAL = 1.96; // of the normal distribution, for 95 %

/**
 * @typedef {object} Set what was measured on one data set
 * @property {string} name in words
 * @property {boolean} made whether the pictures are made ones
 * @property {number} n
 * @property {number} accuracy a refusal counts as an error
 * @property {[number, number]} interval
 * @property {Record<string, number>} refused by reason, or under "" when the reasons are not told
 * @property {[number, number, number, number, number][]} [reliability] of bins: how many, said, true, and its interval
 * @property {[number, [number, number, number]][]} [risk] by coverage: the share of wrong answers, and its interval
 * @property {string} [source] what measured it, and when
 * @property {number} [ece] how far said and true differ, on average
 * @property {[number, number]} [eceInterval]
 * @property {number} [coverage] answered, when one answer in 200 may be wrong
 * @property {number[][]} [confusion] rows: what was written; columns: 0-9 and refused
 * @property {{ n: number, mended: number, spoiled: number }} [tta]
 */

/**
 * The words for a name in a record; the name itself when there are none.
 * @param {string} kind
 * @param {string} name
 */
export function named(kind, name) {
  const key = `perf.${kind}.${name.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim().replaceAll(" ", "_")}`;
  return known(key) ? t(key) : name;
}

/**
 * Wilson's interval at 95 %.
 * @param {number} share
 * @param {number} n
 * @returns {[number, number]}
 */
export function wilson(share, n) {
  const square = NORMAL ** 2;
  const centre = (share + square / (2 * n)) / (1 + square / n);
  const half = (NORMAL / (1 + square / n)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** @param {any} one @returns {one is number[][]} */
const isConfusion = (one) => Array.isArray(one) && one.length === 10 && one.every((row) => Array.isArray(row) && row.length >= 10);

/** @param {any} one @returns {one is number[]} */
export const isCurve = (one) => Array.isArray(one) && one.length > 1 && one.every(Number.isFinite);

/**
 * @param {any} records
 * @returns {Set[]} the papers, and the made pictures of hands that it does not know: of those that both records have, the papers' alone
 */
export function setsOf({ trust, reader }) {
  const kinds = Object.entries(reader?.kinds ?? {}).filter(([key, one]) => one.accuracy !== undefined && !(key === "as_drawn" && trust?.read?.drawn));
  return [...papersOf(trust), ...kinds.map(([key, one]) => ({ ...kind(key, one), source: source(reader) }))];
}

/** @param {any} trust the record of that name @returns {Set[]} */
const papersOf = (trust) => Object.entries(trust?.read ?? {}).map(([key, one]) => paper(key, one, trust));

/**
 * @param {string} key
 * @param {any} read of trust.json
 * @param {any} trust
 * @returns {Set}
 */
function paper(key, read, trust) {
  return {
    name: named("set", key), made: false, source: source(trust), n: read.n, accuracy: read.accuracy, interval: read.interval,
    refused: read.refused ?? {}, reliability: read.reliability, risk: riskOf(read.risk_at_coverage), ece: read.ece, eceInterval: read.ece_interval,
    coverage: read.coverage_at_1_in_200, confusion: isConfusion(read.confusion) ? read.confusion : undefined, tta: trust.tta?.[key],
  };
}

/** @param {Record<string, [number, number, number]> | undefined} risk @returns {Set["risk"]} rising coverage */
const riskOf = (risk) => risk && Object.entries(risk).map(([share, told]) => /** @type {[number, [number, number, number]]} */ ([Number(share), told])).sort(([a], [b]) => a - b);

/**
 * @param {string} key
 * @param {any} one of reader.json
 * @returns {Set}
 */
function kind(key, one) {
  return {
    name: named("kind", key), made: true, n: one.n, accuracy: one.accuracy, interval: wilson(one.accuracy, one.n), refused: one.refused ? { "": one.refused } : {},
    confusion: isConfusion(one.confusion) ? one.confusion : undefined,
  };
}

/**
 * The figures that a model is judged by, best known first: MNIST and the papers, all of one record.
 * @param {any} records
 * @returns {Set[]}
 */
export function figuresOf({ trust }) {
  const mnist = trust?.mnist ? [{ ...kind("", trust.mnist), name: named("set", "mnist_test"), interval: trust.mnist.interval }] : [];
  return [...mnist, ...papersOf(trust)].sort((a, b) => b.accuracy - a.accuracy);
}

/**
 * The scores in a model's own manifest.
 * @param {Record<string, any>} scores
 * @returns {Set[]}
 */
export function scoresOf(scores) {
  const told = Object.entries(scores).filter(([, one]) => Number.isFinite(one?.accuracy) && one.n > 0);
  return told.map(([key, one]) => ({ ...kind(key, one), name: named("set", key) }));
}

/**
 * @param {any} record
 * @returns {string} what measured it, and when
 */
export const source = (record) => (record?.command ? `recipes/${record.command} · ${record.date ?? ""}` : "");
