/** <architecture-page>: the loaded network, drawn from its own layers: shapes, parameters, why each is there. */

import { h, Part, svg } from "../dom.js";
import { bothOf, titlesOf } from "../layer-names.js";
import { models } from "../models.js";
import { known, number, t } from "../words.js";

/** @typedef {{ name: string, kind: string, shape: number[], parameters: number }} Layer */

const HIGH = 200; // of the figure, in its own units

export class ArchitecturePage extends Part {
  /** @type {any} */
  #model = null;

  build() {
    this.lede = h("p", { class: "lede" });
    this.figure = h("div", { class: "flow scroller", tabindex: 0, role: "region", tLabel: "arch.figure" });
    this.named = h("dl");
    this.blocks = h("details", { class: "blocks small" }, h("summary", { t: "arch.blocks" }), this.named);
    this.body = h("tbody");
    this.facts = h("dl", { class: "totals" });
    const heads = ["layer", "shape", "parameters", "why"].map((name) => h("th", { scope: "col", t: `arch.${name}` }));
    this.append(
      h("header", { class: "page-head" }, h("div", { class: "page-title" }, h("h1", { t: "arch.title" }), document.createElement("model-choice")), this.lede),
      this.facts, this.figure, h("p", { class: "small quiet prose", t: "arch.caption" }), this.blocks,
      h("div", { class: "scroller", tabindex: 0, role: "region", tLabel: "arch.table" }, h("table", { class: "layers" }, h("thead", {}, h("tr", {}, ...heads)), this.body)),
    );
  }

  async open() {
    if (this.#model?.id === models.id && models.id) return;
    this.#model = await models.card();
    this.say();
  }

  say() {
    const model = this.#model;
    if (!model) return;
    /** @type {Layer[]} */
    const layers = model.layers;
    const most = Math.max(...layers.map((layer) => layer.parameters ?? 0), 1);
    /** @type {HTMLElement} */ (this.lede).textContent = t("arch.about", { name: model.name, layers: number(layers.length), parameters: number(model.parameters) });
    const [blocks, titles] = [blocksOf(layers), titlesOf(layers)];
    this.figure?.replaceChildren(flow(blocks, titles));
    this.named?.replaceChildren(...blocks.map(({ shape, names }) => h("div", {}, h("dt", {}, shape.join(" × ")), h("dd", {}, names.map((name) => bothOf(titles.get(name), name)).join(", ")))));
    const rest = model.parameters - layers.reduce((sum, layer) => sum + (layer.parameters ?? 0), 0);
    this.body?.replaceChildren(...layers.map((layer, index) => row(layer, titles.get(layer.name), most, layers.findIndex((one) => one.kind === layer.kind) < index)), ...(rest > 0 ? [folded(rest)] : []));
    this.facts?.replaceChildren(...facts(model, titles));
  }
}

/**
 * @param {any} model
 * @param {Map<string, string>} titles
 */
function facts(model, titles) {
  const widest = model.layers.reduce((/** @type {Layer} */ a, /** @type {Layer} */ b) => ((b.parameters ?? 0) > (a.parameters ?? 0) ? b : a));
  const pairs = [
    ["arch.parameters", number(model.parameters)],
    ["arch.input", "28 × 28 × 1"],
    ["arch.heaviest", `${bothOf(titles.get(widest.name), widest.name)} · ${number(widest.parameters ?? 0)}`],
  ];
  return pairs.map(([words, value]) => h("div", {}, h("dt", {}, t(words)), h("dd", {}, value)));
}

/** @typedef {{ shape: number[], names: string[], kinds: string[] }} Block layers in a row that give the same shape */

/** @param {Layer[]} layers @returns {Block[]} the picture first */
function blocksOf(layers) {
  /** @type {Block[]} */
  const blocks = [{ shape: [28, 28, 1], names: [t("arch.input")], kinds: [] }];
  for (const { name, kind, shape } of layers) {
    if (String(shape) !== String(blocks[blocks.length - 1].shape)) blocks.push({ shape, names: [], kinds: [] });
    const last = blocks[blocks.length - 1];
    last.names.push(name);
    last.kinds.push(kind);
  }
  return blocks;
}

/**
 * @param {Block} block
 * @param {Map<string, string>} titles
 * @returns {string} what the page Inside calls its first layer, and those of the same kind after it: "Convolution 4–6"
 */
function titleOf({ names, kinds }, titles) {
  const alike = names.filter((name, place) => kinds[place] === kinds[0] && titles.has(name));
  const [first = "", last = ""] = [titles.get(alike[0] ?? ""), titles.get(alike.at(-1) ?? "")];
  return first === last ? first : `${first}–${last.slice(last.lastIndexOf(" ") + 1)}`;
}

/**
 * @param {Block} block
 * @param {Map<string, string>} titles
 * @returns {string[]} both names, or the one that there is
 */
function namesOf(block, titles) {
  const [title, name] = [titleOf(block, titles), block.names[0]];
  return bothOf(title, name) === name ? [name] : [title, name];
}

/** @param {Block} block how many layers it stands for, where it is more than one */
function countOf({ names, kinds }) {
  const alike = kinds.filter((kind) => kind === kinds[0]).length;
  return names.length < 2 ? "" : t(alike > 1 ? "arch.block.alike" : "arch.block", { count: names.length, alike, kind: kinds[0] });
}

/**
 * The picture as it passes: each block as high as its maps, as deep as they are many.
 * @param {Block[]} blocks
 * @param {Map<string, string>} titles
 */
function flow(blocks, titles) {
  let x = 12;
  const parts = [];
  for (const one of blocks) {
    const { shape, names } = one;
    const maps = shape.length === 3;
    const side = maps ? Math.max(10, shape[0] * 6) : 12;
    const deep = maps ? Math.max(4, shape[2] / 1.7) : 12;
    const tall = maps ? side : Math.max(20, Math.min(HIGH, shape[0] * 1.6));
    const lean = maps ? side * 0.28 : 6;
    const count = countOf(one);
    const wide = Math.max(deep + lean + 36, 124, count.length * 6.5, titleOf(one, titles).length * 8);
    const left = x + (wide - deep - lean) / 2;
    parts.push(svg("g", {}, svg("title", {}, names.join(", ")), block(left, (HIGH - tall) / 2 + 24, deep, tall, lean), label(x + wide / 2, HIGH + 52, namesOf(one, titles), shape.join("×"), count)));
    x += wide;
  }
  const axis = svg("line", { x1: 0, x2: x, y1: HIGH / 2 + 20, y2: HIGH / 2 + 20, class: "flow-axis" });
  const made = svg("svg", { viewBox: `0 0 ${x} ${HIGH + 108}`, width: x, height: HIGH + 108, role: "img", class: "flow-figure" }, axis, ...parts);
  made.setAttribute("aria-label", t("arch.figure"));
  return made;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} deep
 * @param {number} tall
 * @param {number} lean how far the top face leans back
 */
function block(x, y, deep, tall, lean) {
  const up = lean * 0.45;
  return svg("g", { class: "block" },
    svg("path", { d: `M${x} ${y}h${deep}v${tall}h${-deep}z`, class: "front" }),
    svg("path", { d: `M${x} ${y}l${lean} ${-up}h${deep}l${-lean} ${up}z`, class: "top" }),
    svg("path", { d: `M${x + deep} ${y}l${lean} ${-up}v${tall}l${-lean} ${up}z`, class: "side" }));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string[]} names the first one strong
 * @param {string} shape
 * @param {string} count
 */
function label(x, y, [name, ...others], shape, count) {
  const below = [...others, shape, ...(count ? [count] : [])];
  return svg("g", { "text-anchor": "middle" }, svg("text", { x, y, class: "flow-name" }, name), ...below.map((words, line) => svg("text", { x, y: y + 16 * (line + 1), class: words === count ? "flow-shape flow-count" : "flow-shape" }, words)));
}

/**
 * @param {Layer} layer
 * @param {string | undefined} title what the page Inside calls it
 * @param {number} most
 * @param {boolean} again this kind was there before
 */
function row({ name, kind, shape, parameters }, title, most, again) {
  const weight = h("span", { class: "weight", "aria-hidden": "true" });
  weight.style.setProperty("--share", String((parameters ?? 0) / most));
  const why = known(`arch.why.${name}`) ? `arch.why.${name}` : `arch.why.${kind}`;
  return h("tr", {},
    h("th", { scope: "row" }, bothOf(title, name), h("span", { class: "small quiet kind" }, kind)),
    h("td", { class: "number" }, shape.join(" × ")),
    h("td", { class: "number" }, parameters ? number(parameters) : "–", weight),
    h("td", { class: again ? "why again" : "why" }, known(why) ? t(why) : ""));
}

/** @param {number} count parameters that were learned with, and are none of the graph that reads */
function folded(count) {
  return h("tr", {}, h("th", { scope: "row" }, t("arch.folded")), h("td"), h("td", { class: "number" }, number(count)), h("td", { class: "why" }, t("arch.folded.about")));
}

customElements.define("architecture-page", ArchitecturePage);
