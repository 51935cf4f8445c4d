/** <map-maker>: how a map comes about. The window slides over what comes in, and the sum of one place is written out. */

import { bring, h, Part } from "../dom.js";
import { upper, wordsOf } from "../parts/digit-answer.js";
import { given, inRow, number, pair, t } from "../words.js";
import { desk } from "./desk.js";
import { FilterTaste } from "./filter-taste.js";
import { bothOf } from "../layer-names.js";
import { nameOf, stageOf, titleOf, wordsFor } from "./names.js";
import { NumberGrid, plus, say, times } from "./number-grid.js";
import { paintInk, paintMap, paintScale, shades } from "./paint.js";
import { cornerOf, largest, made, sharesOf, sidesOf, sizeOf, under, weightsOf } from "./sums.js";
import { mapOf, reach } from "./values.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const ROWS = 3; // maps that come in that are written out
const PASS = 12_000; // milliseconds that the window takes to slide over a whole map
const SPOKEN = 350; // milliseconds of rest before a screen reader is told
const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] });

/** @typedef {{ element: HTMLElement, source: HTMLCanvasElement, box: HTMLElement, name: HTMLElement, inputs: NumberGrid, weights: NumberGrid | null, sum: HTMLElement }} Row */

export class MapMaker extends Part {
  /** @type {import("./sums.js").Made | null} */
  #made = null;
  #asked = "";
  #at = [0, 0];
  #playing = 0;
  #spoken = 0;
  /** @type {Row[]} */
  #rows = [];

  build() {
    this.heading = h("h3");
    this.about = h("p", { class: "about" });
    this.word = h("p", { class: "small danger", role: "status" });
    this.rows = h("div", { class: "maker-rows" });
    this.rest = h("p", { class: "maker-rest" });
    this.chain = h("ol", { class: "maker-chain" });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.cell = h("span", { class: "maker-window", "aria-hidden": "true" });
    this.map = h("div", { class: "maker-map", role: "application", tabindex: 0, "aria-describedby": "maker-keys" }, this.canvas, this.cell);
    this.play = h("button", { type: "button", class: "button light", on: { click: () => (this.#playing ? this.#stop() : this.#start()) } });
    this.scale = { paint: h("canvas", { class: "net-scale" }), low: h("span"), high: h("span") };
    this.caption = h("figcaption", { class: "small" });
    this.status = h("p", { class: "unseen", role: "status" });
    this.field = h("figure", { class: "maker-field" });
    this.taste = new FilterTaste();
    const out = h("figure", { class: "maker-out" }, h("h4", { t: "inside.out" }), this.map, h("p", { class: "net-range small quiet" }, this.scale.low, this.scale.paint, this.scale.high), this.caption, h("div", { class: "row" }, this.play), h("p", { class: "small quiet", id: "maker-keys", t: "inside.keys" }));
    this.body = h("div", { class: "maker", hidden: true }, h("div", { class: "maker-in" }, h("h4", { t: "inside.in" }), this.rows, this.rest, this.chain), out, h("div", { class: "maker-more" }, this.field, this.taste));
    this.append(this.heading, this.about, this.word, this.body, this.status);
    this.#listen();
  }

  #listen() {
    const map = /** @type {HTMLElement} */ (this.map);
    map.addEventListener("pointermove", (event) => this.#point(event));
    map.addEventListener("pointerdown", (event) => this.#point(event));
    map.addEventListener("keydown", (event) => this.#key(event));
    desk.addEventListener("choice", (event) => this.#ask(/** @type {CustomEvent} */ (event).detail));
    desk.addEventListener("rest", () => this.#ask("same"));
    shades.addEventListener("change", () => this.#show());
  }

  say() {
    this.#arrange();
  }

  /** @param {"pointer" | "keys" | "self" | "same"} by */
  async #ask(by) {
    const choice = desk.choice;
    const stage = choice && desk.stage(choice.stage);
    this.hidden = !stage || stage === desk.last || !desk.look;
    if (this.hidden || !choice || !stage) return this.#stop();
    if (by !== "same") this.#stop();
    const asked = `${stage.layers.at(-1)} ${choice.map} ${desk.look?.prepared}`;
    if (asked === this.#asked && this.#made) return this.#shown(by);
    this.#asked = asked;
    try {
      const told = await desk.post(`map?layer=${encodeURIComponent(/** @type {string} */ (stage.layers.at(-1)))}&map=${choice.map}`);
      if (this.#asked === asked) this.#arrived(made(told), by);
    } catch (error) {
      if (this.#asked === asked) this.#without(/** @type {Error} */ (error));
    }
  }

  /** @param {Error} error */
  #without(error) {
    [this.#made, this.#asked] = [null, ""];
    if (this.word) this.word.textContent = wordsOf(error);
    this.body?.toggleAttribute("hidden", true);
  }

  /**
   * @param {import("./sums.js").Made} found
   * @param {string} by
   */
  #arrived(found, by) {
    const first = !this.#made;
    this.#made = found;
    if (this.word) this.word.textContent = "";
    this.body?.toggleAttribute("hidden", false);
    if (by !== "same" || first) this.#at = strongest(found);
    this.#arrange();
    const stage = stageOf(found.layer);
    this.taste?.ask(/** @type {string} */ (stage?.layers.at(-1)), found.map, stage?.shape.length === 3 ? "map" : "unit");
    this.#shown(by);
  }

  /** @param {string} by */
  #shown(by) {
    if (by === "pointer") bring(this.closest("section"));
    if (by === "pointer" && !STILL.matches) this.#start();
    if (by === "keys") this.map?.focus();
  }

  /** Make the rows that this map needs. */
  #arrange() {
    const one = this.#made;
    const stage = one && stageOf(one.layer);
    if (!one || !stage) return;
    /** @type {HTMLElement} */ (this.heading).textContent = bothOf(upper(nameOf(stage.name, one.map)), stage.name);
    /** @type {HTMLElement} */ (this.about).textContent = aboutOf(one, stage);
    /** @type {HTMLElement} */ (this.status).textContent = ""; // it was of another map
    const [rows, columns] = sizeOf(one);
    const dense = one.inputs.shape.length < 3;
    const count = one.operation === "sum" ? Math.min(ROWS * (dense ? 2 : 1), one.inputs.shape[0]) : 1;
    this.#rows = Array.from({ length: count }, () => row(dense ? 1 : rows, dense ? 1 : columns, one.weights !== null, dense));
    this.rows?.replaceChildren(...this.#rows.map(({ element }) => element));
    this.rows?.classList.toggle("dense", dense);
    this.rows?.classList.toggle("single", count === 1);
    const single = sidesOf(one)[0] * sidesOf(one)[1] === 1;
    this.play?.toggleAttribute("hidden", single);
    this.#show();
  }

  #show() {
    const one = this.#made;
    if (!one || this.hidden) return;
    this.#limit(one);
    const [row, column] = this.#at;
    const shares = one.operation === "sum" ? sharesOf(one, row, column) : [];
    const told = one.operation === "sum" ? largest(shares, this.#rows.length) : [0];
    for (const [place, channel] of told.entries()) this.#showRow(this.#rows[place], one, channel, shares[channel]);
    this.#showRest(one, shares, told);
    /** @type {HTMLElement} */ (this.chain).replaceChildren(...chainOf(one, row, column).map(([words, sum, last]) => h("li", { class: last ? "last" : "" }, h("span", { class: "quiet" }, words), h("b", {}, sum))));
    this.#showMap(one);
    this.#thread(one, shares);
    clearTimeout(this.#spoken);
    this.#spoken = window.setTimeout(() => this.#speak(one), SPOKEN);
  }

  /**
   * @param {Row} parts
   * @param {import("./sums.js").Made} one
   * @param {number} channel
   * @param {number} share
   */
  #showRow(parts, one, channel, share) {
    const [row, column] = this.#at;
    const seen = under(one, channel, row, column);
    const most = reach(one.inputs.values);
    const [map, image] = [mapOf(one.inputs, channel), one.source === "image"];
    const signed = (desk.look?.layers.get(stageOf(one.source)?.name ?? "")?.low ?? Math.min(...seen.map(Number))) < 0;
    if (one.inputs.shape.length === 3) paintMap(parts.source, map, image ? 1 : most, { grey: image, signed });
    lay(parts.box, cornerOf(one, row, column), sizeOf(one), one.window?.spread ?? [1, 1], [map.height, map.width]);
    parts.name.textContent = one.inputs.shape.length === 3 ? nameOf(one.source, one.channels[0] + channel) : t("inside.value.of", { index: one.channels[0] + channel });
    const best = one.operation === "max" ? seen.indexOf(Math.max(...seen.map((value) => value ?? -Infinity))) : -1;
    parts.inputs.show(seen, image ? 1 : most, { best, grey: image, signed });
    if (parts.weights && one.weights) parts.weights.show(/** @type {any} */ (weightsOf(one, channel)), reach(one.weights.values));
    parts.sum.textContent = one.operation === "sum" ? say(share) : "";
  }

  /**
   * @param {import("./sums.js").Made} one
   * @param {number[]} shares
   * @param {number[]} told those that are written out
   */
  #showRest(one, shares, told) {
    const others = shares.length - told.length;
    const rest = shares.reduce((sum, share) => sum + share, 0) - told.reduce((sum, at) => sum + shares[at], 0);
    const words = /** @type {HTMLElement} */ (this.rest);
    words.hidden = others <= 0;
    words.textContent = t(one.inputs.shape.length < 3 ? "inside.others.values" : "inside.others", { count: number(others), sum: say(rest) });
  }

  /** @param {import("./sums.js").Made} one */
  #showMap(one) {
    const [[rows, columns], [row, column]] = [sidesOf(one), this.#at];
    const { values } = one.output;
    const until = this.#playing ? row * columns + column + 1 : Infinity;
    const stage = /** @type {import("./desk.js").Stage} */ (stageOf(one.layer));
    const layer = desk.look?.layers.get(stage.name);
    const most = layer ? reach([layer.low, layer.high]) : reach(values);
    paintMap(/** @type {HTMLCanvasElement} */ (this.canvas), { values, height: rows, width: columns }, most, { until, signed: (layer?.low ?? 0) < 0 });
    lay(/** @type {HTMLElement} */ (this.cell), [row, column], [1, 1], [1, 1], [rows, columns]);
    const { paint, low, high } = /** @type {NonNullable<typeof this.scale>} */ (this.scale);
    paintScale(paint, layer?.low ?? 0, layer?.high ?? 1);
    [low.textContent, high.textContent] = [say(layer?.low ?? 0), say(layer?.high ?? 1)];
    /** @type {HTMLElement} */ (this.caption).textContent = rows * columns > 1 ? t("inside.place", { row, column, value: say(values[row * columns + column]) }) : t("inside.place.single", { value: say(values[0]) });
    /** @type {HTMLElement} */ (this.map).setAttribute("aria-label", rows * columns === 1 ? upper(nameOf(stage.name, one.map)) : t("inside.map.alone", { index: one.map, name: titleOf(stage), height: rows, width: columns }));
    /** @type {HTMLElement} */ (this.play).textContent = t(this.#playing ? "inside.stop" : "inside.slide");
    this.#showField(stage);
  }

  /** @param {import("./desk.js").Stage} stage what of the digit this one value can see */
  #showField(stage) {
    const figure = /** @type {HTMLElement} */ (this.field);
    figure.hidden = !stage.grid || !desk.look;
    if (!stage.grid || !desk.look) return;
    if (!figure.firstChild) figure.append(h("h4", { t: "inside.field" }), h("div", { class: "maker-frame" }, h("canvas", { "aria-hidden": "true" }), h("span", { class: "maker-window" })), h("figcaption", { class: "small" }));
    const [heading, frame, caption] = figure.children;
    heading.textContent = t("inside.field");
    paintInk(/** @type {HTMLCanvasElement} */ (frame.firstElementChild), desk.look.pixels);
    const { start, step, field } = stage.grid;
    const middle = this.#at.map((at, axis) => start[axis] + at * step[axis]);
    const first = middle.map((at, axis) => Math.max(0, at - (field[axis] - 1) / 2));
    const size = middle.map((at, axis) => Math.min(28, at + (field[axis] + 1) / 2) - first[axis]);
    lay(/** @type {HTMLElement} */ (frame.lastElementChild), first, size, [1, 1], [28, 28]);
    caption.textContent = field[0] >= 28 ? t("inside.field.all") : t("inside.field.part", { side: field[0] });
  }

  /**
   * @param {import("./sums.js").Made} one
   * @param {number[]} shares
   */
  #thread(one, shares) {
    const stage = one.source === "image" ? "image" : stageOf(one.source)?.name;
    const most = reach(shares);
    const all = shares.length ? shares.map((share, at) => ({ stage, map: one.channels[0] + at, share: share / most })) : [{ stage, map: one.channels[0], share: 1 }];
    desk.dispatchEvent(new CustomEvent("threads", { detail: stage && one.inputs.shape.length === 3 ? all : (stageOf(one.layer)?.sources ?? []).map((name) => ({ stage: name, map: 0, share: 0.6 })) }));
  }

  /** @param {import("./sums.js").Made} one */
  #speak(one) {
    if (this.#playing || !this.contains(document.activeElement)) return;
    const [row, column] = this.#at;
    const words = inRow(chainOf(one, row, column).map(([said, sum]) => pair(String(said), String(sum))));
    /** @type {HTMLElement} */ (this.status).textContent = `${t("inside.spoken", { row, column })} ${words}.`;
  }

  /** @param {import("./sums.js").Made} one */
  #limit(one) {
    this.#at = sidesOf(one).map((side, axis) => Math.min(side - 1, Math.max(0, this.#at[axis])));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const one = this.#made;
    if (!one || (this.#playing && event.type === "pointermove")) return;
    this.#stop();
    const box = /** @type {HTMLElement} */ (this.map).getBoundingClientRect();
    const [rows, columns] = sidesOf(one);
    const at = [Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * columns)];
    if (String(at) === String(this.#at)) return;
    this.#at = at;
    this.#show();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape") {
      this.#stop();
      /** @type {HTMLElement | null} */ (document.querySelector('network-view [aria-pressed="true"]'))?.focus();
      return;
    }
    if (event.key === " ") this.#playing ? this.#stop() : this.#start();
    else if (event.key in ARROWS) {
      this.#stop();
      this.#at = this.#at.map((at, axis) => at + ARROWS[event.key][axis]);
      this.#show();
    } else return;
    event.preventDefault();
  }

  /** Let the window slide over the whole map, row by row; it stops at any touch. Who wants no motion has to ask for it. */
  #start() {
    const one = this.#made;
    if (!one || this.hidden) return;
    const [rows, columns] = sidesOf(one);
    const pause = Math.max(24, PASS / (rows * columns));
    if (rows * columns === 1) return;
    this.#stop();
    const begun = performance.now();
    const step = (/** @type {number} */ now) => {
      const at = Math.floor(Math.max(0, now - begun) / pause);
      if (at >= rows * columns) this.#at = strongest(one);
      if (at >= rows * columns) return this.#stop();
      this.#at = [Math.floor(at / columns), at % columns];
      this.#playing = requestAnimationFrame(step);
      this.#show();
    };
    this.#playing = requestAnimationFrame(step);
  }

  #stop() {
    if (!this.#playing) return;
    cancelAnimationFrame(this.#playing);
    this.#playing = 0;
    if (this.#made) this.#show();
  }
}

/**
 * @param {number} rows
 * @param {number} columns
 * @param {boolean} weighed
 * @param {boolean} dense
 */
function row(rows, columns, weighed, dense) {
  const parts = { source: h("canvas", { "aria-hidden": "true" }), box: h("span", { class: "maker-window", "aria-hidden": "true" }), name: h("figcaption", { class: "small quiet" }), inputs: new NumberGrid(rows, columns), weights: weighed ? new NumberGrid(rows, columns) : null, sum: h("b", { class: "maker-sum" }) };
  const sign = (/** @type {string} */ one) => h("span", { class: "maker-sign", "aria-hidden": "true" }, one);
  const source = h("figure", { class: "maker-source" }, dense ? null : h("div", { class: "maker-frame" }, parts.source, parts.box), parts.name);
  const element = h("div", { class: "maker-row" }, source, parts.inputs.element, ...(parts.weights ? [sign("×"), parts.weights.element, h("span", { class: "maker-result" }, sign("="), parts.sum)] : []));
  return { ...parts, element };
}

/**
 * Lay a frame over cells of a map.
 * @param {HTMLElement} box
 * @param {number[]} corner
 * @param {number[]} size
 * @param {number[]} spread
 * @param {number[]} sides of the map
 */
function lay(box, corner, size, spread, sides) {
  const [height, width] = size.map((count, axis) => (count - 1) * spread[axis] + 1);
  const share = (/** @type {number} */ cells, /** @type {number} */ side) => `${(100 * cells) / side}%`;
  Object.assign(box.style, { top: share(corner[0], sides[0]), left: share(corner[1], sides[1]), height: share(height, sides[0]), width: share(width, sides[1]) });
}

/** @param {import("./sums.js").Made} one @returns {number[]} row and column of its largest value */
function strongest(one) {
  const { values } = one.output;
  const at = values.reduce((best, value, place) => (value > values[best] ? place : best), 0);
  return [Math.floor(at / sidesOf(one)[1]), at % sidesOf(one)[1]];
}

/**
 * @param {import("./sums.js").Made} one
 * @param {import("./desk.js").Stage} stage
 */
function aboutOf(one, stage) {
  const [rows, columns] = sizeOf(one);
  const kind = one.source === "image" && one.kind === "Conv2D" ? "first" : one.kind;
  return wordsFor("about", kind, { from: sides(one.inputs), to: sides(one.output), rows, columns, cells: rows * columns, count: number(one.inputs.shape[0]), maps: number(/** @type {number} */ (stage.shape.at(-1))) });
}

/** @param {import("./values.js").Values} map */
const sides = ({ shape }) => shape.slice(-2).join(" × ");

/**
 * The way of one value, step by step: what is done, and the sum with its result.
 * @param {import("./sums.js").Made} one
 * @param {number} row
 * @param {number} column
 * @returns {[string, string, boolean][]}
 */
function chainOf(one, row, column) {
  const at = row * sidesOf(one)[1] + column;
  const [total, cells] = [one.totals.values[at], sizeOf(one)[0] * sizeOf(one)[1]];
  /** @type {[string, string][]} */
  const steps = [];
  if (one.operation === "sum") {
    const products = one.inputs.shape.length === 3 ? cells * one.inputs.shape[0] : one.inputs.shape[0];
    steps.push([t("inside.step.sum", { count: number(products) }), say(total - one.bias)]);
    if (one.bias) steps.push([t("inside.step.bias"), `${say(total - one.bias)} ${plus(one.bias)} = ${say(total)}`]);
  } else steps.push([t(`inside.step.${one.operation}`, { count: number(cells) }), say(total)]);
  let before = total;
  for (const { kind, scale, shift, values } of one.then) {
    const after = values.values[at];
    if (scale !== null && shift !== null) steps.push([t("inside.step.norm"), `${times(before, scale)} ${plus(shift, 1)} = ${say(after)}`]);
    else if (kind === "ReLU") steps.push([t("inside.step.relu"), `max(${given(["0", say(before)])}) = ${say(after)}`]);
    else steps.push([kind, say(after)]);
    before = after;
  }
  return steps.map(([words, sum], place) => [words, sum, place === steps.length - 1]);
}

customElements.define("map-maker", MapMaker);
