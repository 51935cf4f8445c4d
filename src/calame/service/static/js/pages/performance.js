/** <performance-page>: how good the model is, from its own records: data sets, seeds, ladder, sizes, curves, confusion. */

import { get } from "../api.js";
import { h, Part } from "../dom.js";
import { curves, dots } from "../charts.js";
import { known, number, percent, t } from "../words.js";
import "../parts/confusion-matrix.js";

/** @typedef {{ name: string, values: number[], interval?: [number, number], more?: string }} Line */

export class PerformancePage extends Part {
  /** @type {any} */
  #records = null;

  build() {
    this.facts = h("dl", { class: "totals" });
    this.charts = h("div", { class: "charts" });
    this.append(h("header", { class: "page-head" }, h("h1", { t: "perf.title" }), h("p", { class: "lede", t: "perf.about" }), h("br"), this.facts), this.charts);
  }

  async open() {
    if (this.#records) return;
    this.#records = await get("/v1/performance");
    this.say();
  }

  say() {
    const records = this.#records;
    if (!records) return;
    const mnist = seek(records, "mnist_test");
    this.facts?.replaceChildren(...(mnist ? facts(mnist) : []));
    const made = [dataSets(records), ladder(records), seeds(records), training(records), confusion(records), sizes(records), speed(records), robustness(records)];
    this.charts?.replaceChildren(...made.filter((chart) => chart !== null));
  }
}

/**
 * The first value of this name, however deep.
 * @param {any} from
 * @param {string} name
 * @returns {any}
 */
function seek(from, name) {
  if (from === null || typeof from !== "object") return undefined;
  if (!Array.isArray(from) && name in from) return from[name];
  for (const inside of Object.values(from)) {
    const found = seek(inside, name);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/**
 * The words for a name in a record; the name itself when there are none.
 * @param {string} kind
 * @param {string} name
 */
function named(kind, name) {
  const key = `perf.${kind}.${name.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim().replaceAll(" ", "_")}`;
  return known(key) ? t(key) : name;
}

/** @param {any} mnist */
function facts(mnist) {
  const pairs = [
    ["perf.mnist", percent(mnist.mean ?? mnist.accuracy, 2), "large"],
    ...(mnist.seeds > 1 ? [["perf.worst", percent(mnist.worst, 2)], ["perf.best", percent(mnist.best, 2)], ["perf.seeds", number(mnist.seeds)]] : []),
    ["perf.pictures", number(mnist.n ?? 10_000)],
  ];
  return pairs.map(([words, value, kind]) => h("div", { class: kind }, h("dt", {}, t(words)), h("dd", {}, value)));
}

/**
 * @param {string} name of the words
 * @param {...(Node | null)} content
 */
function chart(name, ...content) {
  return h("section", { class: "chart" }, h("h2", {}, t(`perf.${name}`)), h("p", {}, t(`perf.${name}.about`)), ...content);
}

/**
 * A dot plot and its table.
 * @param {string} name
 * @param {Line[]} lines
 * @param {string[]} heads
 */
function dotChart(name, lines, heads) {
  const rows = lines.map((line) => h("tr", {}, h("th", { scope: "row" }, line.name), h("td", {}, percent(mean(line.values), 2)), h("td", {}, line.more ?? "")));
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, t(head))))), h("tbody", {}, ...rows));
  return chart(name, dots(lines), table);
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** @param {any} records */
function dataSets(records) {
  const sets = seek(records, "sets");
  if (!sets) return null;
  const lines = Object.entries(sets).map(([name, one]) => ({
    name: named("set", name), values: [one.accuracy], interval: one.interval, more: number(one.n),
  }));
  return dotChart("sets", lines, ["perf.set", "perf.accuracy", "perf.pictures"]);
}

/** @param {any} records */
function ladder(records) {
  const rungs = seek(records, "rungs");
  if (!Array.isArray(rungs)) return null;
  const lines = rungs.map((rung) => ({ name: named("rung", rung.name), values: rung.test ?? [rung.mean], more: number(rung.parameters) }));
  return dotChart("ladder", lines, ["perf.rung", "perf.accuracy", "perf.parameters"]);
}

/** @param {any} records */
function seeds(records) {
  const committee = seek(records, "committee");
  const own = seek(records, "compact") ?? records;
  const each = Array.isArray(own.seeds) ? own.seeds : null;
  if (!each || !committee) return null;
  const lines = [
    { name: t("perf.seed.one"), values: each.map((/** @type {any} */ one) => one.accuracy), more: number(mean(each.map((/** @type {any} */ one) => one.errors)), 1) },
    { name: t("perf.seed.all"), values: [committee.accuracy], more: number(committee.errors, 1) },
  ];
  return dotChart("seed", lines, ["perf.network", "perf.accuracy", "perf.errors"]);
}

/** @param {any} records */
function training(records) {
  const epochs = seek(records, "history") ?? seek(records, "curves");
  if (!Array.isArray(epochs) || epochs.length < 2) return null;
  const series = ["accuracy", "val_accuracy"].map((name) => epochs.map((one) => one[name])).filter((one) => one.every((value) => typeof value === "number"));
  return series.length ? chart("curves", curves(series)) : null;
}

/** @param {any} records */
function confusion(records) {
  const counts = seek(records, "confusion");
  if (!Array.isArray(counts) || counts.length !== 10) return null;
  const matrix = /** @type {import("../parts/confusion-matrix.js").ConfusionMatrix} */ (document.createElement("confusion-matrix"));
  const made = chart("confusion", matrix);
  queueMicrotask(() => matrix.show(counts));
  return made;
}

/** @param {any} records */
function sizes(records) {
  const files = seek(records, "lighter");
  const own = files?.whole ?? files;
  if (!own || !own["model.onnx"]) return null;
  const rows = Object.entries(own).filter(([name]) => name.endsWith(".onnx"));
  const table = h("table", {},
    h("thead", {}, h("tr", {}, ...["perf.file", "perf.kilobytes", "perf.accuracy"].map((head) => h("th", { scope: "col" }, t(head))))),
    h("tbody", {}, ...rows.map(([name, one]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, number(one.bytes / 1000)), h("td", {}, percent(one.accuracy, 2))))));
  return chart("sizes", table);
}

/** @param {any} records */
function speed(records) {
  const runs = seek(records, "runs");
  if (!runs || typeof runs !== "object") return null;
  const rows = Object.entries(runs).filter(([, run]) => run.mean && run.seconds);
  const table = h("table", {},
    h("thead", {}, h("tr", {}, ...["perf.network", "perf.seconds", "perf.accuracy"].map((head) => h("th", { scope: "col" }, t(head))))),
    h("tbody", {}, ...rows.map(([, run]) => h("tr", {}, h("th", { scope: "row" }, t("perf.run", { network: run.plan?.network ?? "", epochs: number(run.plan?.epochs ?? 0) })), h("td", {}, number(run.seconds)), h("td", {}, percent(run.mean, 2))))));
  return rows.length ? chart("speed", table) : null;
}

/** @param {any} records */
function robustness(records) {
  const harms = seek(records, "robustness");
  if (!harms || typeof harms !== "object") return null;
  const lines = Object.entries(harms).filter(([, one]) => typeof one === "number" || typeof one?.accuracy === "number")
    .map(([name, one]) => ({ name: known(`effects.${name}`) ? t(`effects.${name}`) : name, values: [typeof one === "number" ? one : one.accuracy] }));
  return lines.length ? dotChart("harms", lines, ["perf.harm", "perf.accuracy", ""]) : null;
}

customElements.define("performance-page", PerformancePage);
