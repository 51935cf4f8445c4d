/** Charts of how networks learned: epoch by epoch, idea by idea, by time and by size. */

import { h } from "../dom.js";
import { isCurve, named, source } from "../records.js";
import { number, percent, t } from "../words.js";
import { dots } from "./dots.js";
import { figure, plot, scroller, tableOf } from "./figure.js";
import { lines } from "./lines.js";
import { linear, logarithmic, shares } from "./scales.js";

const CURVES = ["loss", "accuracy", "rate", "epoch seconds"];

/**
 * One number an epoch: loss, accuracy, rate, seconds; those that there are.
 * @param {Record<string, unknown> | undefined} curves
 * @param {string} from
 */
export function learned(curves, from) {
  const told = CURVES.flatMap((name) => {
    const values = curves?.[name];
    return isCurve(values) ? [{ name, values }] : [];
  });
  if (told.length === 0) return null;
  const epochs = Math.max(...told.map(({ values }) => values.length));
  const panels = told.map(({ name, values }) => h("div", { class: "panel" }, h("h4", {}, named("curve", name)), plot(epochCurve(name, values))));
  const rows = Array.from({ length: epochs }, (_, index) => [number(index + 1), ...told.map(({ name, values }) => (index < values.length ? sayOf(name)(values[index]) : "–"))]);
  return figure({
    title: t("perf.curves"), about: t("perf.curves.about", { epochs: number(epochs) }), body: [h("div", { class: "panels" }, ...panels)], source: from, wide: true,
    table: { heads: [t("perf.epoch"), ...told.map(({ name }) => named("curve", name))], rows },
  });
}

/** @param {string} name @returns {(value: number) => string} */
const sayOf = (name) => (name === "accuracy" ? (value) => percent(value, 2) : name === "epoch seconds" ? (value) => number(value) : (value) => number(value, 4));

/**
 * @param {string} name
 * @param {number[]} values
 */
function epochCurve(name, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const y = name === "accuracy" ? shares(least, most) : linear(name === "loss" ? least : 0, most, { steps: 3 });
  const points = values.map((value, index) => ({ x: index + 1, y: value, title: `${index + 1} · ${sayOf(name)(value)}` }));
  return lines([{ points, dotted: values.length > 20 ? undefined : true }], { x: epochAxis(values.length), y, across: t("perf.epoch"), up: named("unit", name), high: 190 });
}

/** @param {number} count whole epochs, the first and the last among the ticks */
function epochAxis(count) {
  const step = Math.max(1, Math.ceil((count - 1) / 5));
  const ticks = Array.from({ length: Math.floor((count - 1) / step) + 1 }, (_, index) => 1 + index * step);
  return { at: (/** @type {number} */ value) => (value - 1) / Math.max(1, count - 1), ticks, say: (/** @type {number} */ value) => number(value) };
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/**
 * What each idea is worth: one more a line.
 * @param {any} records
 */
export function ladder({ ladder: told }) {
  if (!Array.isArray(told?.rungs) || told.rungs.length === 0) return null;
  const rows = told.rungs.map((/** @type {any} */ rung) => {
    const values = rung.test ?? [rung.mean];
    return { name: named("rung", rung.name), values, mean: mean(values), note: percent(mean(values), 2), parameters: rung.parameters };
  });
  return figure({
    title: t("perf.ladder"), about: t("perf.ladder.about"), body: [plot(dots(rows, around(rows), t("perf.accuracy.mnist")))], source: source(told), legend: seedMarks(),
    table: { heads: ["perf.rung", "perf.accuracy", "perf.parameters"].map((key) => t(key)), rows: rows.map((/** @type {any} */ row) => [row.name, row.note, number(row.parameters)]) },
  });
}

/** @returns {[string, string][]} */
const seedMarks = () => [["dot soft", t("perf.seed.each")], ["mean", t("perf.mean")]];

/** @param {import("./dots.js").Line[]} rows */
const around = (rows) => shares(Math.min(...rows.flatMap((row) => row.values)), Math.max(...rows.flatMap((row) => row.values)));

/**
 * One network, and the vote of several that differ in their start alone.
 * @param {any} records
 */
export function seeds({ compact }) {
  if (!Array.isArray(compact?.seeds) || !compact.committee) return null;
  const each = compact.seeds.map((/** @type {any} */ one) => one.accuracy);
  const errors = mean(compact.seeds.map((/** @type {any} */ one) => one.errors));
  const rows = [
    { name: t("perf.seed.one"), values: each, mean: mean(each), note: percent(mean(each), 2), errors: number(errors, 1) },
    { name: t("perf.seed.all"), values: [compact.committee.accuracy], note: percent(compact.committee.accuracy, 2), errors: number(compact.committee.errors) },
  ];
  return figure({
    title: t("perf.seed"), about: t("perf.seed.about"), body: [plot(dots(rows, around(rows), t("perf.accuracy.mnist")))], source: source(compact), legend: seedMarks(),
    table: { heads: ["perf.network", "perf.accuracy", "perf.errors"].map((key) => t(key)), rows: rows.map((row) => [row.name, row.note, row.errors]) },
  });
}

/**
 * How soon a network is how good.
 * @param {any} records
 */
export function speed({ speedrun }) {
  const runs = Object.values(speedrun?.runs ?? {}).filter((run) => run.mean && run.seconds);
  if (runs.length === 0) return null;
  const all = runs.flatMap((run) => [run, ...(run.seeds ?? [])]);
  const seconds = all.map((one) => one.seconds);
  const name = (/** @type {any} */ run) => t("perf.run", { network: run.plan?.network ?? "", epochs: number(run.plan?.epochs ?? 0) });
  const solid = runs.map((run) => ({ x: run.seconds, y: run.mean, title: `${name(run)} · ${percent(run.mean, 2)}` }));
  const circles = runs.flatMap((run) => (run.seeds ?? []).map((/** @type {any} */ one) => ({ x: one.seconds, y: one.accuracy })));
  const x = logarithmic(Math.min(...seconds) / 1.15, Math.max(...seconds) * 1.15, [10, 20, 30, 50, 100, 200, 300, 500, 1000].filter((tick) => tick >= Math.min(...seconds) / 1.15 && tick <= Math.max(...seconds) * 1.15), (value) => number(value));
  const y = shares(Math.min(...all.map((one) => one.accuracy ?? one.mean)), Math.max(...all.map((one) => one.accuracy ?? one.mean)));
  const draw = lines([{ points: circles, dotted: false, style: "soft" }, { points: solid, dotted: false }], { x, y, across: t("perf.seconds"), up: t("perf.accuracy.mnist") });
  return figure({
    title: t("perf.speed"), about: t("perf.speed.about", { cores: number(speedrun.cores ?? 0) }), body: [plot(draw)], source: source(speedrun), legend: [["dot", t("perf.mean")], ["dot soft", t("perf.seed.each")]],
    table: { heads: ["perf.network", "perf.seconds", "perf.accuracy"].map((key) => t(key)), rows: runs.map((run) => [name(run), number(run.seconds), percent(run.mean, 2)]) },
  });
}

/**
 * The same network with fewer bits a number.
 * @param {any} records
 */
export function lighter({ lighter: told }) {
  const files = Object.entries(told?.lighter?.whole ?? {}).filter(([name, one]) => name.endsWith(".onnx") && one.bytes);
  if (files.length === 0) return null;
  const heads = ["perf.file", "perf.kilobytes", "perf.accuracy", "perf.answers.changed"].map((key) => t(key));
  const rows = files.map(([name, one]) => [name, number(one.bytes / 1000), percent(one.accuracy, 2), percent(one.changed / one.n, 2)]);
  return figure({ title: t("perf.sizes"), about: t("perf.sizes.about", { model: told.model ?? "" }), body: [scroller(tableOf({ heads, rows }), t("perf.sizes"))], source: source(told) });
}
