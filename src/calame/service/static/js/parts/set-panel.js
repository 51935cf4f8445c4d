/** <set-panel>: one data set at a time: is it as sure as it should be, what is wrong when it answers less, what is taken for what. */

import { figure, plot } from "../charts/figure.js";
import { lines } from "../charts/lines.js";
import { linear, logarithmic, surety } from "../charts/scales.js";
import { h, Part } from "../dom.js";
import { number, percent, t } from "../words.js";
import "./confusion-matrix.js";

/** @typedef {import("../records.js").Set} Set */

const [LEAST, MOST] = [0.0002, 0.3]; // shares of wrong answers at the two ends of their axis
const MANY = 1000; // pictures of the set that is shown first
const ALLOWED = 1 / 200; // the share of wrong answers that the dashed line marks

export class SetPanel extends Part {
  /** @type {Set[]} */
  #sets = [];
  #at = -1;

  build() {
    this.select = h("select", { id: "set", on: { change: () => this.#choose(this.select?.selectedIndex ?? 0) } });
    this.back = h("button", { type: "button", class: "tool", tLabel: "perf.set.before", on: { click: () => this.#choose(this.#at - 1) } }, "‹");
    this.forth = h("button", { type: "button", class: "tool", tLabel: "perf.set.after", on: { click: () => this.#choose(this.#at + 1) } }, "›");
    this.facts = h("dl", { class: "totals" });
    this.from = h("p", { class: "source" });
    this.charts = h("div", { class: "charts three" });
    this.append(h("div", { class: "layer-choice" }, h("label", { for: "set", t: "perf.set" }), this.back, this.select, this.forth), this.facts, this.from, this.charts);
  }

  /** @param {Set[]} sets */
  show(sets) {
    this.#sets = sets;
    const options = sets.map((set, index) => h("option", { value: index }, set.name));
    const made = sets.findIndex((set) => set.made);
    const groups = made < 1 ? options : [group("perf.set.papers", options.slice(0, made)), group("perf.set.made", options.slice(made))];
    this.select?.replaceChildren(...groups);
    this.#choose(this.#at < 0 ? Math.max(0, sets.findIndex((set) => set.n >= MANY)) : this.#at);
  }

  /** @param {number} at */
  #choose(at) {
    this.#at = (at + this.#sets.length) % this.#sets.length;
    const set = this.#sets[this.#at];
    if (this.select) this.select.selectedIndex = this.#at;
    this.facts?.replaceChildren(...factsOf(set));
    if (this.from) this.from.textContent = set.source ?? "";
    const charts = [reliability(set), risk(set, this.#sets), confusion(set)];
    this.charts?.replaceChildren(...charts.filter((chart) => chart !== null));
  }
}

/**
 * @param {string} words
 * @param {HTMLOptionElement[]} options
 */
const group = (words, options) => h("optgroup", { label: t(words) }, ...options);

/** @param {Set} set */
function factsOf({ n, accuracy, interval, refused, ece, eceInterval, coverage, tta }) {
  const total = Object.values(refused).reduce((sum, one) => sum + one, 0);
  const reasons = Object.entries(refused).filter(([reason]) => reason).map(([reason, count]) => `${number(count)} ${t(`perf.reason.${reason}`)}`);
  return [
    fact("perf.accuracy", percent(accuracy, 2), t("perf.between", { low: percent(interval[0]), high: percent(interval[1]) })),
    fact("perf.pictures", number(n)),
    fact("perf.refused", number(total), reasons.join(", ")),
    coverage === undefined ? null : fact("perf.coverage", percent(coverage), t("perf.coverage.note")),
    ece === undefined ? null : fact("perf.ece", percent(ece), eceInterval ? t("perf.between", { low: percent(eceInterval[0]), high: percent(eceInterval[1]) }) : ""),
    tta ? fact("perf.tta", t("perf.tta.value", { mended: number(tta.mended), spoiled: number(tta.spoiled) })) : null,
  ].filter((one) => one !== null);
}

/**
 * @param {string} words
 * @param {string} value
 * @param {string} [note]
 */
const fact = (words, value, note = "") => h("div", {}, h("dt", {}, t(words)), h("dd", {}, value, note ? h("span", { class: "small quiet" }, ` ${note}`) : null));

/** @param {Set} set */
function reliability({ reliability: bins, ece, source }) {
  if (!bins?.length) return null;
  const points = bins.map(([count, said, right, low, high]) => ({
    x: said, y: right, interval: /** @type {[number, number]} */ ([low, high]), title: t("perf.bin", { count: number(count), said: percent(said, 2), right: percent(right, 2) }),
  }));
  const count = bins.reduce((sum, [one]) => sum + one, 0);
  const draw = lines([{ points, dotted: false }], { x: surety, y: surety, across: t("perf.said"), up: t("perf.true"), guides: [{ from: [0.4, 0.4], to: [0.9995, 0.9995] }], high: 300 });
  return figure({
    title: t("perf.reliability"), about: t("perf.reliability.about", { bins: number(bins.length), count: number(count), ece: percent(ece ?? 0) }), body: [plot(draw)], source,
    legend: [["dot", t("perf.reliability.dot")], ["guide", t("perf.reliability.guide")]],
    table: { heads: ["perf.said", "perf.true", "perf.interval", "perf.pictures"].map((key) => t(key)), rows: bins.map(([count, said, right, low, high]) => [percent(said, 2), percent(right, 2), between(low, high), number(count)]) },
  });
}

/**
 * @param {Set} set
 * @param {Set[]} all the others are drawn faintly, to compare with
 */
function risk(set, all) {
  if (!set.risk?.length) return null;
  const others = all.filter((other) => other !== set && other.risk).map((other) => ({ points: pointsOf(other), style: "faint" }));
  const x = linear(set.risk[0][0], 1, { say: (value) => percent(value, 0), highest: 1 });
  const y = logarithmic(LEAST, MOST, [0.001, 0.01, 0.1], (value) => percent(value, value < 0.01 ? 1 : 0));
  const guide = { from: /** @type {[number, number]} */ ([set.risk[0][0], ALLOWED]), to: /** @type {[number, number]} */ ([1, ALLOWED]), name: t("perf.risk.allowed") };
  const draw = lines([...others, { points: pointsOf(set, true), dotted: true }], { x, y, across: t("perf.answered"), up: t("perf.wrong"), guides: [guide], high: 300 });
  const [first, last] = [set.risk[0], set.risk[set.risk.length - 1]];
  return figure({
    title: t("perf.risk"), about: t("perf.risk.about", { whole: percent(last[1][0]), part: percent(first[0], 0), less: percent(first[1][0]) }), body: [plot(draw)], source: set.source,
    legend: [["line", set.name], ["line faint", t("perf.risk.others")]],
    table: { heads: ["perf.answered", "perf.wrong", "perf.interval"].map((key) => t(key)), rows: [...set.risk].reverse().map(([share, [wrong, low, high]]) => [percent(share, 0), percent(wrong, 2), between(low, high)]) },
  });
}

/**
 * @param {Set} set
 * @param {boolean} [whole] with intervals
 */
const pointsOf = (set, whole = false) => (set.risk ?? []).map(([share, [wrong, low, high]]) => ({
  x: share, y: wrong, interval: whole ? /** @type {[number, number]} */ ([low, high]) : undefined, title: t("perf.risk.point", { share: percent(share, 0), wrong: percent(wrong, 2) }),
}));

/** @param {Set} set */
function confusion({ confusion: counts, name, source }) {
  if (!counts) return null;
  const matrix = /** @type {import("./confusion-matrix.js").ConfusionMatrix} */ (document.createElement("confusion-matrix"));
  queueMicrotask(() => matrix.show(counts));
  const [worst] = counts.flatMap((row, truth) => row.map((count, digit) => ({ truth, digit, count }))).filter(({ truth, digit }) => truth !== digit && digit < 10).sort((a, b) => b.count - a.count);
  const about = worst.count ? t("perf.confusion.about", { truth: worst.truth, digit: worst.digit, count: number(worst.count) }) : t("perf.confusion.none", { name });
  return figure({ title: t("matrix.title"), about, body: [matrix], source });
}

/**
 * @param {number} low
 * @param {number} high
 */
const between = (low, high) => `${percent(low, 2)} – ${percent(high, 2)}`;

customElements.define("set-panel", SetPanel);
