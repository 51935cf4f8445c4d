/** <network-view>: the network from left to right, a column for each layer, with its maps as they are now. */

import { h, Part, svg } from "../dom.js";
import { number, pair, percent, t } from "../words.js";
import { desk } from "./desk.js";
import { doesOf, titleOf, wordsFor } from "./names.js";
import { paintInk, paintMap, paintScale, shade, shades } from "./paint.js";
import { countOf, hasPlaces, mapOf, reach } from "./values.js";

/** @typedef {import("./desk.js").Stage} Stage */
/** @typedef {{ stage: string, map: number, share: number }} Thread from a map to what is chosen; its share: −1 to 1 */

const DIGITS = [...Array(10).keys()];
const TILES = 8; // maps of a column that are drawn first

export class NetworkView extends Part {
  /** @type {Map<string, HTMLElement[]>} the buttons of each column, in order */
  #buttons = new Map();
  /** @type {Map<string, number[]>} which maps they show */
  #shown = new Map();
  /** @type {Map<string, { paint: HTMLCanvasElement | null, low: HTMLElement, high: HTMLElement }>} */
  #scales = new Map();
  /** @type {Thread[]} */
  #threads = [];
  #frame = 0;

  build() {
    this.inkColumn = h("canvas", { class: "net-ink", role: "img", width: 28, height: 28 });
    this.threads = svg("svg", { class: "net-threads", "aria-hidden": "true", focusable: "false" });
    this.columns = h("div", { class: "net-columns" });
    this.area = h("div", { class: "net-area" }, this.threads, this.columns);
    this.append(h("div", { class: "net-scroll scroller", role: "group", tLabel: "inside.network.label", "aria-describedby": "net-keys" }, this.area));
    this.area.addEventListener("keydown", (event) => this.#walk(event));
    for (const type of ["network", "look"]) desk.addEventListener(type, () => this.#soon());
    desk.addEventListener("network", () => this.say());
    desk.addEventListener("choice", () => this.#mark());
    desk.addEventListener("threads", (event) => this.#thread(/** @type {CustomEvent} */ (event).detail));
    shades.addEventListener("change", () => this.#soon());
    new ResizeObserver(() => this.#draw()).observe(this.columns);
  }

  say() {
    const stages = desk.network?.stages ?? [];
    this.#buttons.clear();
    this.#scales.clear();
    /** @type {Map<number, Stage[]>} */
    const columns = new Map();
    for (const stage of stages) columns.set(stage.depth, [...(columns.get(stage.depth) ?? []), stage]);
    this.columns?.replaceChildren(...(stages.length ? [this.#input()] : []), ...[...columns.values()].map((some) => this.#column(some)));
    this.#soon();
    this.#mark();
  }

  #input() {
    const label = h("p", { class: "net-count small quiet" }, h("span", {}, t("inside.input.one")), h("span", {}, "28 × 28"));
    return h("section", { class: "net-column net-input" }, heading(t("inside.input"), t("inside.input.short")), label, h("div", { class: "net-maps" }, /** @type {Node} */ (this.inkColumn)), h("p", { class: "net-range small quiet" }, t("inside.input.scale")));
  }

  /** @param {Stage[]} some of one depth */
  #column(some) {
    const [stage] = some;
    const last = stage === desk.last;
    const body = last ? this.#classes(stage) : some.every((one) => hasPlaces(places(one))) && some.length === 1 ? this.#maps(stage) : h("div", { class: "net-strips" }, ...some.map((one) => this.#strip(one)));
    const title = some.length > 1 ? heading(t("inside.summaries"), t("inside.summaries.short"), some) : heading(titleOf(stage), stage === desk.last ? wordsFor("short", stage.kind) : doesOf(stage), some);
    const count = some.reduce((sum, one) => sum + /** @type {number} */ (one.shape.at(-1)), 0);
    const size = last ? [t("inside.classes.count")] : stage.shape.length === 3 && some.length === 1 ? [t("inside.size", { count: number(stage.shape[2]) }), `${stage.shape[0]} × ${stage.shape[1]}`] : [t("inside.values", { count: number(count) })];
    return h("section", { class: `net-column${last ? " net-last" : ""}` }, title, h("p", { class: "net-count small quiet" }, ...size.map((words) => h("span", {}, words))), body, last ? null : this.#scale(some));
  }

  /** @param {Stage} stage */
  #maps(stage) {
    const shown = stage.telling.slice(0, TILES);
    this.#shown.set(stage.name, shown);
    const buttons = shown.map((_, place) => this.#button("net-map", stage, () => /** @type {number[]} */ (this.#shown.get(stage.name))[place]));
    this.#buttons.set(stage.name, buttons);
    const rest = stage.shape[2] - shown.length;
    const more = rest > 0 ? h("button", { type: "button", class: "net-more small", tabindex: -1, on: { click: () => this.dispatchEvent(new CustomEvent("all", { bubbles: true, detail: stage.name })) } }, t("inside.more", { count: number(rest) })) : null;
    if (more) {
      more.setAttribute("aria-label", pair(more.textContent ?? "", titleOf(stage)));
      buttons.push(more);
    }
    return h("div", { class: "net-maps" }, ...buttons);
  }

  /** @param {Stage} stage values without places: a cell each, from top to bottom */
  #strip(stage) {
    const button = this.#button("net-strip", stage, () => strongest(stage));
    this.#buttons.set(stage.name, [button]);
    this.#shown.set(stage.name, []);
    button.addEventListener("click", (event) => {
      const box = button.getBoundingClientRect();
      if (event.detail) desk.choose({ stage: stage.name, map: Math.min(stage.shape[stage.shape.length - 1] - 1, Math.floor(((event.clientY - box.top) / box.height) * /** @type {number} */ (stage.shape.at(-1)))) }, "pointer");
    });
    return h("div", { class: "net-one" }, button, h("span", { class: "small quiet", "aria-hidden": "true" }, wordsFor("strip", stage.kind)));
  }

  /** @param {Stage} stage */
  #classes(stage) {
    const buttons = DIGITS.map((digit) => {
      const button = this.#button("net-class", stage, () => digit);
      button.replaceChildren(h("b", {}, String(digit)), h("span", { class: "bar", "aria-hidden": "true" }), h("span", { class: "net-share small" }), h("span", { class: "unseen" }, t("inside.class.label")));
      return button;
    });
    this.#buttons.set(stage.name, buttons);
    this.#shown.set(stage.name, DIGITS);
    return h("div", { class: "net-classes" }, ...buttons);
  }

  /**
   * @param {string} style
   * @param {Stage} stage
   * @param {() => number} which of its maps
   */
  #button(style, stage, which) {
    const choose = (/** @type {MouseEvent} */ event) => {
      if (style !== "net-strip" || !event.detail) desk.choose({ stage: stage.name, map: which() }, event.detail ? "pointer" : "keys");
    };
    return h("button", { type: "button", class: style, tabindex: -1, on: { click: choose } }, h("canvas", { "aria-hidden": "true" }));
  }

  /** @param {Stage[]} some */
  #scale(some) {
    if (some.length > 1) return h("ul", { class: "net-range small quiet net-ranges" }, ...some.map((stage) => this.#range(stage)));
    const scale = { paint: h("canvas", { class: "net-scale" }), low: h("span"), high: h("span") };
    this.#scales.set(some[0].name, scale);
    return h("p", { class: "net-range small quiet" }, scale.low, scale.paint, scale.high);
  }

  /** @param {Stage} stage one of several in a column: its scale in words */
  #range(stage) {
    const scale = { paint: null, low: h("span"), high: h("span") };
    this.#scales.set(stage.name, scale);
    return h("li", {}, wordsFor("strip", stage.kind), " ", scale.low, " – ", scale.high);
  }

  #soon() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#frame = 0;
    const look = desk.look;
    this.classList.toggle("nothing-yet", !look);
    if (this.inkColumn) {
      paintInk(this.inkColumn, look?.pixels ?? new Uint8Array(784));
      this.inkColumn.setAttribute("aria-label", t("inside.input.label"));
    }
    for (const stage of desk.network?.stages ?? []) {
      if (stage === desk.last) this.#paintClasses(look?.probabilities ?? null);
      else this.#paintStage(stage, look?.layers.get(stage.name) ?? null);
    }
  }

  /**
   * @param {Stage} stage
   * @param {import("./desk.js").Layer | null} layer
   */
  #paintStage(stage, layer) {
    const most = layer ? reach([layer.low, layer.high]) : 1;
    const empty = { values: new Float32Array(1), height: 1, width: 1 };
    const [shown, buttons] = [this.#shown.get(stage.name) ?? [], this.#buttons.get(stage.name) ?? []];
    for (const [place, button] of buttons.entries()) {
      const canvas = button.querySelector("canvas");
      if (!canvas) continue;
      const map = layer ? (shown.length ? mapOf(layer, shown[place]) : { values: layer.values, height: layer.values.length, width: 1 }) : empty;
      paintMap(canvas, map, most, { signed: !layer || layer.low < 0 });
      if (shown.length) button.dataset.map = String(shown[place]);
      button.setAttribute("aria-label", shown.length ? t("inside.map.label", { name: titleOf(stage), index: shown[place], high: number(highest(map.values), 1) }) : t("inside.strip.label", { name: titleOf(stage), count: map.values.length }));
    }
    const scale = this.#scales.get(stage.name);
    if (!scale || !layer) return;
    if (scale.paint) paintScale(scale.paint, layer.low, layer.high);
    scale.low.textContent = number(layer.low, layer.low ? 1 : 0);
    scale.high.textContent = number(layer.high, 1);
  }

  /** @param {number[] | null} probabilities */
  #paintClasses(probabilities) {
    const buttons = this.#buttons.get(desk.last?.name ?? "") ?? [];
    const best = desk.answer;
    for (const [digit, button] of buttons.entries()) {
      const share = probabilities?.[digit] ?? 0;
      button.style.setProperty("--share", String(share));
      button.classList.toggle("best", digit === best);
      /** @type {Element} */ (button.querySelector(".net-share")).textContent = probabilities ? percent(share, share >= 0.0995 ? 0 : 1) : "";
    }
  }

  /** Show what is chosen, in the place of the last map of its column when it is not there. */
  #mark() {
    const choice = desk.choice;
    const shown = choice && this.#shown.get(choice.stage);
    if (choice && shown?.length && !shown.includes(choice.map)) {
      shown[shown.length - 1] = choice.map;
      this.#soon();
    }
    for (const [name, buttons] of this.#buttons) {
      const maps = this.#shown.get(name) ?? [];
      for (const [place, button] of buttons.entries()) button.setAttribute("aria-pressed", String(choice?.stage === name && (maps.length ? maps[place] === choice.map : true)));
    }
    this.#thread([]);
    this.#rove(this.querySelector('[aria-pressed="true"]') ?? this.querySelector(".net-map"));
  }

  /** @param {Element | null} to the one that Tab comes to */
  #rove(to) {
    if (!to) return;
    for (const one of this.querySelectorAll('button[tabindex="0"]')) one.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const columns = [...(this.columns?.querySelectorAll(".net-column") ?? [])].map((column) => /** @type {HTMLElement[]} */ ([...column.querySelectorAll("button")])).filter((some) => some.length);
    const now = columns.findIndex((some) => some.includes(/** @type {any} */ (event.target)));
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (now < 0 || !move) return;
    const column = columns[now + move[0]];
    const place = columns[now].indexOf(/** @type {any} */ (event.target)) + move[1];
    const next = column?.[Math.min(place, column.length - 1)];
    event.preventDefault();
    if (!next || place < 0) return;
    this.#rove(next);
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {Thread[]} threads */
  #thread(threads) {
    this.#threads = threads;
    this.#draw();
  }

  /** Draw the threads from what was read to what is chosen. */
  #draw() {
    const [area, lines] = [this.area?.getBoundingClientRect(), /** @type {SVGElement} */ (this.threads)];
    const target = this.querySelector('[aria-pressed="true"]')?.getBoundingClientRect();
    if (!area || !lines) return;
    lines.setAttribute("viewBox", `0 0 ${area.width} ${area.height}`);
    if (!target) return lines.replaceChildren();
    const paths = this.#threads.flatMap(({ stage, map, share }) => {
      const from = this.#boxOf(stage, map);
      if (!from) return [];
      const [x1, y1, x2, y2] = [from.right - area.left, from.top + from.height / 2 - area.top, target.left - area.left, target.top + target.height / 2 - area.top];
      const bend = Math.max(12, (x2 - x1) / 2);
      return [svg("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, stroke: shade(Math.sign(share) * (0.45 + 0.4 * Math.abs(share)))[0], "stroke-width": 1 + 4 * Math.abs(share), opacity: 0.35 + 0.65 * Math.abs(share) })];
    });
    lines.replaceChildren(...paths);
  }

  /**
   * @param {string} stage or "image"
   * @param {number} map
   */
  #boxOf(stage, map) {
    if (stage === "image") return this.inkColumn?.getBoundingClientRect();
    const place = (this.#shown.get(stage) ?? []).indexOf(map);
    const buttons = this.#buttons.get(stage) ?? [];
    return (place >= 0 ? buttons[place] : this.#shown.get(stage)?.length ? null : buttons[0])?.getBoundingClientRect();
  }
}

/** @param {Stage} stage its shape with the maps first */
const places = ({ shape }) => (shape.length === 3 ? [shape[2], shape[0], shape[1]] : shape);

/** @param {ArrayLike<number>} values */
function highest(values) {
  let most = -Infinity;
  for (let at = 0; at < values.length; at += 1) most = Math.max(most, values[at]);
  return most;
}

/** @param {Stage} stage the value of a layer that is farthest from 0 */
function strongest(stage) {
  const values = desk.look?.layers.get(stage.name)?.values ?? new Float32Array(1);
  return values.reduce((best, value, at) => (Math.abs(value) > Math.abs(values[best]) ? at : best), 0);
}

/**
 * @param {string} title
 * @param {string} short
 * @param {Stage[]} [stages] whose names in the model's file are told
 */
const heading = (title, short, stages = []) =>
  h("h3", { class: "net-title" }, title, stages.length ? h("span", { class: "net-name" }, stages.map(({ name }) => name).join(", ")) : null, h("span", { class: "net-short" }, short));

customElements.define("network-view", NetworkView);
