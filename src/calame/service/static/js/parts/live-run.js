/** <live-run>: the run that is watched: where it is, its curves point by point, its first filters, and what came out. */

import { lines } from "../charts/lines.js";
import { scroller, tableOf } from "../charts/figure.js";
import { logarithmic } from "../charts/scales.js";
import { h, Part } from "../dom.js";
import { training } from "../training.js";
import { number, percent, spoken, t } from "../words.js";
import { wordsOf } from "./digit-answer.js";
import "./map-grid.js";

const HIGH = 230; // pixels of a chart
const LEAST_DOUBT = 0.002; // share of errors at the top of the accuracies
const LOSSES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const BEFORE = /** @type {const} */ (["starting", "building"]);

/** @typedef {import("../training.js").Point} Point */

/** Says "draw" with a model's name when it is to read at once. */
export class LiveRun extends Part {
  #waiting = false;
  #told = "";

  build() {
    this.heading = h("h2", {});
    this.where = h("p", { class: "live-where", role: "status" });
    this.bar = h("progress", { max: 1, value: 0, tLabel: "train.progress" });
    this.times = h("p", { class: "small quiet live-times" });
    this.halt = h("button", { type: "button", class: "button light", t: "train.stop", on: { click: () => this.#stop() } });
    this.use = h("button", { type: "button", class: "button", t: "train.draw", on: { click: () => this.dispatchEvent(new CustomEvent("draw", { detail: training.watched?.row?.model })) } });
    this.came = h("dl", { class: "totals" });
    this.loss = h("div", { class: "plot" });
    this.accuracy = h("div", { class: "plot" });
    this.legend = h("ul", { class: "legend" }, ...["training", "sample", "held"].map((name) => h("li", {}, h("span", { class: `key live-${name}`, "aria-hidden": "true" }), h("span", { "data-key": name }))));
    this.figures = h("div", {});
    this.table = h("details", { class: "figures" }, h("summary", { t: "train.figures" }), this.figures);
    this.grid = /** @type {import("./map-grid.js").MapGrid} */ (document.createElement("map-grid"));
    this.filters = h("section", { class: "live-filters" }, h("h3", { t: "train.filters" }), h("p", { class: "chart-about", t: "train.filters.about" }), this.grid);
    this.charts = h("div", { class: "live-charts chart" },
      h("div", { class: "panels" },
        h("div", { class: "panel" }, h("h3", { t: "train.accuracy" }), this.accuracy),
        h("div", { class: "panel" }, h("h3", { t: "train.loss" }), this.loss)),
      this.legend, h("p", { class: "small quiet", t: "train.curves.about" }), this.table);
    this.append(h("div", { class: "live-head" }, this.heading, this.halt, this.use), this.where, this.bar, this.times, this.came, this.charts, this.filters);
    training.addEventListener("event", (event) => this.#soon(/** @type {CustomEvent} */ (event).detail));
    new ResizeObserver(() => this.#soon("")).observe(this.charts);
  }

  say() {
    this.#told = "";
    this.#show();
  }

  /** @param {string} kind of the event; many may come between two frames */
  #soon(kind) {
    if (kind === "end") this.dispatchEvent(new Event("end"));
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#show();
    });
  }

  async #stop() {
    const id = training.watched?.id;
    if (id === undefined || !this.halt) return;
    await training.stop(id).catch((error) => this.where && (this.where.textContent = wordsOf(error)));
  }

  #show() {
    const run = training.watched;
    this.hidden = run === null;
    if (!run || !this.where || !this.halt || !this.use || !this.bar || !this.heading) return;
    this.heading.textContent = t("train.run", { id: number(run.id) });
    this.halt.hidden = run.over || ["keeping", "testing"].includes(run.state);
    this.halt.disabled = run.stopping;
    this.use.hidden = !run.row?.model;
    this.bar.hidden = this.times && (this.times.hidden = run.over) ? true : run.over;
    this.#where(run);
    this.charts?.toggleAttribute("hidden", run.points.length === 0);
    if (run.points.length) this.#draw(run);
    this.filters?.toggleAttribute("hidden", !run.filters);
    if (run.filters && this.grid) this.grid.show(run.filters, "filters").catch(() => null); // an older picture than the next
    this.#cameOut(run.row);
  }

  /** @param {NonNullable<typeof training.watched>} run */
  #where(run) {
    const { begin, epochs } = run;
    const at = run.place;
    const total = begin?.epochs ?? 1;
    const now = Math.min(total, Math.floor(at + 1e-9) + 1);
    const last = epochs.at(-1);
    let words = t(`train.state.${run.state}`, { epoch: number(now), epochs: number(total), learn: number(run.learn), judge: number(run.judge) });
    if (run.state === "learning" && last) words += ` · ${t("train.judged", { epoch: number(epochs.length), accuracy: percent(last.val_accuracy, 2) })}`;
    if (run.row) words = run.row.words?.[spoken()] ?? words;
    if (run.stopping && !run.over) words = t("train.stopping");
    if (run.lost) words = t("train.lost");
    // A screen reader hears what changed: the state, and each epoch's end.
    if (words !== this.#told && this.where) this.where.textContent = this.#told = words;
    const done = BEFORE.some((state) => state === run.state) ? undefined : Math.min(1, at / total);
    if (done === undefined) this.bar?.removeAttribute("value");
    else if (this.bar) this.bar.value = done;
    const elapsed = Math.max(run.points.at(-1)?.elapsed ?? 0, last?.elapsed ?? 0);
    // Until the first point the network is also being compiled: what is left is told by the pace since.
    const [first] = run.points;
    const pace = first && at > first.epoch ? (elapsed - first.elapsed) / (at - first.epoch) : 0;
    const told = { elapsed: duration(elapsed), left: duration(pace * (total - at)) };
    const key = !at ? "train.times.before" : pace && at < total ? "train.times" : "train.times.begun";
    if (this.times) this.times.textContent = t(key, told);
  }

  /** @param {NonNullable<typeof training.watched>} run */
  #draw(run) {
    const width = Math.floor(this.loss?.clientWidth ?? 0);
    if (!width || !this.loss || !this.accuracy) return;
    const total = run.begin?.epochs ?? 1;
    const x = epochAxis(total);
    const all = [...run.points, ...run.epochs];
    const losses = all.flatMap((one) => [one.loss, one.val_loss]).filter((one) => one > 0);
    const high = Math.max(...losses) * 1.15;
    const low = Math.min(Math.min(...losses) / 1.15, high / 10); // room for what it is to learn
    const frame = { x, across: t("train.epoch"), high: HIGH };
    const y = logarithmic(low, high, thinned(LOSSES.filter((one) => one >= low && one <= high)), (value) => number(value, value >= 1 ? 0 : value >= 0.1 ? 1 : value >= 0.01 ? 2 : 3));
    this.loss.replaceChildren(lines(curves(run, "loss", "val_loss"), { ...frame, y, up: "" })(width));
    this.accuracy.replaceChildren(lines(curves(run, "accuracy", "val_accuracy"), { ...frame, y: doubt, up: "" })(width));
    const sample = number(run.begin?.sample ?? 0);
    for (const one of this.legend?.querySelectorAll("[data-key]") ?? []) {
      one.textContent = t(`train.legend.${/** @type {HTMLElement} */ (one).dataset.key}`, { sample, judge: number(run.judge) });
    }
    this.#tabulate(run);
  }

  /** @param {NonNullable<typeof training.watched>} run */
  #tabulate(run) {
    if (!this.figures || !this.table) return;
    this.table.hidden = run.epochs.length === 0;
    if (this.figures.dataset.rows === `${run.id} ${run.epochs.length} ${spoken()}`) return;
    this.figures.dataset.rows = `${run.id} ${run.epochs.length} ${spoken()}`;
    const heads = ["train.epoch", "train.col.loss", "train.col.accuracy", "train.col.val_loss", "train.col.val_accuracy", "train.col.seconds"].map((key) => t(key));
    const rows = run.epochs.map((one) => [number(one.epoch, one.epoch % 1 ? 2 : 0), number(one.loss, 4), percent(one.accuracy, 2), number(one.val_loss, 4), percent(one.val_accuracy, 2), number(one.seconds, 1)]);
    this.figures.replaceChildren(scroller(tableOf({ heads, rows }), t("train.figures")));
  }

  /** @param {import("../training.js").Row | null} row */
  #cameOut(row) {
    const pairs = row?.model
      ? [
          ["train.came.validation", percent(row.val_accuracy ?? 0, 2), t("train.came.of", { count: number(row.judge ?? 0) })],
          ["train.came.test", percent(row.test_accuracy ?? 0, 2), t("train.came.of", { count: number(row.test ?? 0) })],
          ["train.came.seconds", duration(row.seconds ?? 0), ""],
          ["train.came.model", row.model, ""],
        ]
      : [];
    this.came?.replaceChildren(...pairs.map(([key, value, small]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value, small ? h("span", { class: "small quiet" }, ` ${small}`) : null))));
  }
}

/**
 * Training thin and dashed, the sample strong, and all the digits held out as dots, at the end of each epoch.
 * @param {NonNullable<typeof training.watched>} run
 * @param {"loss" | "accuracy"} own
 * @param {"val_loss" | "val_accuracy"} judged
 * @returns {import("../charts/lines.js").Curve[]}
 */
const curves = (run, own, judged) => [
  { points: run.points.map((one) => ({ x: one.epoch, y: one[own] })), style: "second" },
  { points: run.points.map((one) => ({ x: one.epoch, y: one[judged] })) },
  { points: run.epochs.map((one) => ({ x: one.epoch, y: one[judged] })), dotted: false },
];

/**
 * Accuracies by their errors: from 0 to 90 %, and from 90 to 99 %, the errors are ten times fewer.
 * @type {import("../charts/scales.js").Scale}
 */
const doubt = {
  at: (value) => Math.log(Math.max(1 - value, LEAST_DOUBT)) / Math.log(LEAST_DOUBT),
  ticks: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995],
  say: (value) => percent(value, value > 0.99 ? 1 : 0),
};

/**
 * From the start to the last epoch, with whole epochs among the ticks.
 * @param {number} total
 * @returns {import("../charts/scales.js").Scale}
 */
function epochAxis(total) {
  const step = Math.max(1, Math.ceil(total / 8));
  return { at: (value) => Math.min(1, value / total), ticks: Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step), say: (value) => number(value) };
}

/** @param {number[]} ticks at most six of them */
const thinned = (ticks) => ticks.filter((_, index) => index % Math.ceil(ticks.length / 6) === 0);

/** @param {number} seconds */
function duration(seconds) {
  return seconds < 100 ? t("train.seconds", { count: number(seconds) }) : t("train.minutes", { count: number(seconds / 60, seconds < 600 ? 1 : 0) });
}

customElements.define("live-run", LiveRun);
