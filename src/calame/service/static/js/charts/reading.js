/** Charts of how well pictures are read: by data set, by promise, what is refused, what changes an answer. */

import { figuresOf, isCurve, named, scoresOf, source, wilson } from "../records.js";
import { known, number, pair, percent, t } from "../words.js";
import { dots } from "./dots.js";
import { figure, plot } from "./figure.js";
import { lines } from "./lines.js";
import { linear, shares } from "./scales.js";
import { stacks } from "./stacks.js";
import { h } from "../dom.js";

const REASONS = ["not_a_digit", "several_digits", "no_ink", "cut_off", "blank", "unsure"]; // in the order of their tones

/**
 * Accuracy by data set, with intervals.
 * @param {any} told the whole answer of the service
 */
export function figures({ records, scores, model }) {
  const own = records.trust?.model === model;
  const sets = own ? figuresOf(records) : scoresOf(scores);
  if (sets.length === 0) return null;
  const rows = sets.map(({ name, accuracy, interval }) => ({ name, values: [accuracy], interval, note: `${percent(accuracy)} (${percent(interval[0])}–${percent(interval[1])})` }));
  const draw = dots(rows, shares(Math.min(...sets.map((set) => set.interval[0])), 1), t("perf.accuracy"));
  return figure({
    title: t("perf.sets"), about: t("perf.sets.about"), body: [plot(draw)], source: own ? source(records.trust) : "",
    table: { heads: ["perf.set", "perf.accuracy", "perf.interval", "perf.pictures"].map((key) => t(key)), rows: sets.map(({ name, accuracy, interval, n }) => [name, percent(accuracy, 2), `${percent(interval[0], 2)} – ${percent(interval[1], 2)}`, number(n)]) },
  });
}

/**
 * What is answered and what is left to people when one answer in so many may be wrong.
 * @param {any} records
 */
export function promises({ reader }) {
  const told = Object.entries(reader?.one_in ?? {});
  const asked = Object.values(reader?.kinds ?? {}).filter((one) => one.accuracy !== undefined).reduce((sum, one) => sum + one.n, 0);
  if (told.length === 0 || asked === 0) return null;
  const bars = told.map(([one, { answered }]) => ({
    name: t("perf.promise.name", { one: number(Number(one)) }), note: percent(answered / asked),
    parts: /** @type {[string, number, string][]} */ ([["answered", answered / asked, t("perf.promise.answered")], ["left", 1 - answered / asked, t("perf.promise.left")]]),
  }));
  return figure({
    title: t("perf.promise"), about: t("perf.promise.about"), body: [plot(stacks(bars))], source: source(reader),
    legend: [["part answered", t("perf.promise.answered")], ["part left", t("perf.promise.left")]],
    table: {
      heads: ["perf.promise.allowed", "perf.promise.answered", "perf.promise.wrong", "perf.promise.found"].map((key) => t(key)),
      rows: told.map(([one, { answered, wrong }]) => [t("perf.one.in", { one: number(Number(one)) }), percent(answered / asked), number(wrong), wrong ? t("perf.one.in", { one: number(answered / wrong) }) : "–"]),
    },
  });
}

/**
 * What is no digit: how much of it is refused, kind by kind, and why.
 * @param {any} records
 */
export function refusals({ trust }) {
  const all = trust?.refuse ?? {};
  const kinds = Object.entries(all).filter(([name, one]) => name !== "all" && one.reasons && one.n > 0).sort(([, a], [, b]) => b.refused / b.n - a.refused / a.n);
  if (kinds.length === 0) return null;
  const reasons = REASONS.filter((reason) => kinds.some(([, one]) => one.reasons[reason]));
  const bars = kinds.map(([name, one]) => ({ name: named("junk", name), note: percent(one.refused / one.n, 0), parts: partsOf(one, reasons) }));
  return figure({
    title: t("perf.refuse"), about: t("perf.refuse.about", { share: all.all ? percent(all.all.refused / all.all.n, 0) : "", count: number(all.all?.n ?? 0) }), body: [plot(stacks(bars))], source: source(trust),
    legend: [...reasons.map((reason) => /** @type {[string, string]} */ ([`part ${reason}`, t(`perf.reason.${reason}`)])), ["part wrongly", t("perf.refuse.answered")]],
    table: {
      heads: ["perf.junk", "perf.pictures", "perf.refused", "perf.interval"].map((key) => t(key)).concat(reasons.map((reason) => t(`perf.reason.${reason}`))),
      rows: kinds.map(([name, one]) => [named("junk", name), number(one.n), percent(one.refused / one.n), wilson(one.refused / one.n, one.n).map((end) => percent(end)).join(" – "), ...reasons.map((reason) => number(one.reasons[reason] ?? 0))]),
    },
  });
}

/**
 * @param {{ n: number, refused: number, reasons: Record<string, number> }} one
 * @param {string[]} reasons
 * @returns {[string, number, string][]}
 */
function partsOf({ n, refused, reasons: counts }, reasons) {
  const told = /** @type {[string, number, string][]} */ (reasons.map((reason) => [reason, (counts[reason] ?? 0) / n, pair(t(`perf.reason.${reason}`), number(counts[reason] ?? 0))]));
  return [...told, ["wrongly", (n - refused) / n, pair(t("perf.refuse.answered"), number(n - refused))]];
}

/**
 * How many answers change when the same drawing is harmed a little.
 * @param {any} records
 */
export function steadiness({ trust }) {
  const told = Object.entries(trust?.steady ?? {}).filter(([, share]) => Number.isFinite(share));
  if (told.length === 0) return null;
  const rows = told.map(([name, share]) => ({ name: harmed(name), values: [share], note: percent(share) }));
  const draw = dots(rows, linear(0, Math.max(0.02, ...told.map(([, share]) => share)), { say: (value) => percent(value) }), t("perf.changed"));
  return figure({ title: t("perf.steady"), about: t("perf.steady.about"), body: [plot(draw)], source: source(trust), table: { heads: [t("perf.harm"), t("perf.changed")], rows: rows.map(({ name, note }) => [name, note]) } });
}

/**
 * The words for a harm with its amount, such as "turned -12°".
 * @param {string} name
 */
function harmed(name) {
  const [, kind, amount] = /^([a-z]+)\s*(-?[\d.]+)?/.exec(name) ?? [];
  return known(`perf.harm.${kind}`) ? t(`perf.harm.${kind}`, { amount: amount ? plain(Number(amount)) : "" }) : name;
}

/**
 * The same, as the harm grows: a curve for each.
 * @param {any} records
 */
export function steadyCurves({ trust }) {
  const told = Object.entries(trust?.steady_curves ?? {}).filter(([, one]) => isCurve(one?.at) && isCurve(one?.changed) && one.at.length === one.changed.length);
  if (told.length === 0) return [];
  const most = Math.max(0.02, ...told.flatMap(([, one]) => one.changed));
  const panels = told.map(([name, one]) => h("div", { class: "panel" }, h("h4", {}, named("curve", name)), plot(steadyCurve(one, most, named("unit", name)))));
  const table = { heads: [t("perf.harm"), t("perf.amount"), t("perf.changed")], rows: told.flatMap(([name, one]) => one.at.map((/** @type {number} */ at, /** @type {number} */ index) => [named("curve", name), plain(at), percent(one.changed[index])])) };
  return [figure({ title: t("perf.steadier"), about: t("perf.steadier.about"), body: [h("div", { class: "panels" }, ...panels)], source: source(trust), table, wide: true })];
}

/**
 * @param {{ at: number[], changed: number[] }} one
 * @param {number} most on every panel the same, so that they can be compared
 * @param {string} unit
 */
function steadyCurve({ at, changed }, most, unit) {
  const points = at.map((x, index) => ({ x, y: changed[index], title: `${plain(x)} · ${percent(changed[index])}` }));
  return lines([{ points, dotted: true }], { x: linear(Math.min(...at), Math.max(...at), { say: plain }), y: linear(0, most, { steps: 3, say: (value) => percent(value, most < 0.1 ? 1 : 0) }), across: unit, up: t("perf.changed"), high: 190 });
}

/** @param {number} value with as many digits as it has */
const plain = (value) => number(value, [0, 1, 2].find((digits) => Math.abs(value - Number(value.toFixed(digits))) < 1e-9) ?? 3);
