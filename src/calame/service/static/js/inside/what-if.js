/** <what-if>: the digit changed a little more at each step, and what is read then; and the smallest change that flips it. */

import { lines } from "../charts/lines.js";
import { scroller, tableOf } from "../charts/figure.js";
import { linear, shares } from "../charts/scales.js";
import { h, Part } from "../dom.js";
import { reasonOf, upper, wordsOf } from "../parts/digit-answer.js";
import { inRow, number, percent, t } from "../words.js";
import { desk } from "./desk.js";
import { paintMap, paintScale, shades } from "./paint.js";
import { floats } from "./values.js";

const KINDS = ["noise", "blur", "rotation", "occlusion"];
const SEEN = 0.08; // probability that a digit has to reach somewhere to be named
const TOLD = 4; // changes of the answer that are named
const NAMED = 5; // curves at most

/** @typedef {{ kind: string, values: number[], probabilities: number[][], pictures: string[] }} Sweep */

export class WhatIf extends Part {
  #near = false;
  #asked = "";
  /** @type {any} */
  #flip = null;
  #flipped = ""; // the picture that it is of

  build() {
    this.word = h("p", { class: "small danger", role: "status" });
    this.panels = KINDS.map((kind) => new SweepPanel(kind));
    this.button = h("button", { type: "button", class: "button", t: "inside.flip.button", on: { click: () => this.#breakIt() } });
    this.flipWords = h("p", { class: "about", role: "status" });
    this.flipFigures = h("div", { class: "flip-figures" });
    this.append(this.word, h("div", { class: "sweeps" }, ...this.panels.map((panel) => panel.element)), h("section", { class: "flip" }, h("h3", { t: "inside.flip.title" }), h("p", { class: "about", t: "inside.flip.about" }), this.button, this.flipWords, this.flipFigures));
    desk.addEventListener("rest", () => this.#ask());
    desk.addEventListener("look", () => this.#stale());
    desk.addEventListener("network", () => this.#forget());
    shades.addEventListener("change", () => this.#sayFlip());
    new IntersectionObserver((seen) => this.#seen(seen.some((one) => one.isIntersecting)), { rootMargin: "300px" }).observe(this);
  }

  say() {
    for (const panel of this.panels ?? []) panel.say();
    this.#sayFlip();
  }

  /** @param {boolean} near */
  #seen(near) {
    this.#near = near;
    if (near) this.#ask();
  }

  /** Another network: nothing of what is shown is of it. */
  #forget() {
    [this.#asked, this.#flip, this.#flipped] = ["", null, ""];
    for (const panel of this.panels ?? []) panel.element.classList.add("stale");
    this.#sayFlip();
  }

  async #ask() {
    const look = desk.look;
    if (!this.#near || !look) return;
    const asked = `${desk.network?.model} ${look.prepared}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      const found = await Promise.all(KINDS.map((kind) => desk.post(`sweep?kind=${kind}`)));
      if (asked !== this.#asked) return;
      /** @type {HTMLElement} */ (this.word).textContent = "";
      for (const [place, sweep] of found.entries()) this.panels?.[place].show(sweep);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#asked = "";
      /** @type {HTMLElement} */ (this.word).textContent = wordsOf(/** @type {Error} */ (error));
    }
  }

  /** What was found for another picture is taken away. */
  #stale() {
    this.button?.toggleAttribute("disabled", !desk.look);
    for (const panel of this.panels ?? []) panel.element.classList.toggle("stale", !desk.look || !this.#asked.endsWith(desk.look.prepared));
    if (!this.#flipped || this.#flipped === desk.look?.prepared) return;
    [this.#flip, this.#flipped] = [null, ""];
    this.#sayFlip();
  }

  async #breakIt() {
    const picture = desk.look?.prepared;
    if (!picture) return;
    [this.#flip, this.#flipped] = [null, picture];
    this.button?.toggleAttribute("disabled", true);
    /** @type {HTMLElement} */ (this.flipWords).textContent = t("inside.flip.wait");
    const found = await desk.post("flip?").catch((error) => error);
    this.button?.toggleAttribute("disabled", false);
    if (this.#flipped !== picture) return;
    if (found instanceof Error) /** @type {HTMLElement} */ (this.flipWords).textContent = wordsOf(found);
    else {
      this.#flip = { ...found, original: picture };
      this.#sayFlip();
    }
  }

  #sayFlip() {
    const found = this.#flip;
    this.flipFigures?.replaceChildren(...(found?.found ? flipFigures(found) : []));
    if (!this.flipWords) return;
    if (!found) this.flipWords.textContent = "";
    else if (!found.found) this.flipWords.textContent = t("inside.flip.none", { budget: found.budget, percent: percent(found.budget / 255, 0) });
    else this.flipWords.textContent = t("inside.flip.found", { before: found.before, after: found.after, share: percent(found.probabilities[1][found.after]), reader: readerOf(found), level: found.level, percent: percent(found.level / 255, 0), pixels: number(found.pixels) });
  }
}

/** @param {any} found @returns {string} what the reader, which does more than look once, says of the changed picture */
function readerOf({ before, after, reader }) {
  const { digit, confidence } = reader;
  if (digit === null) return t("inside.flip.reader.refuses", { reason: reasonOf(reader) });
  return t(`inside.flip.reader.${digit === after ? "too" : digit === before ? "still" : "other"}`, { digit, share: percent(confidence) });
}

/** @param {any} found */
function flipFigures(found) {
  const { before, after, probabilities, level } = found;
  const { values } = floats(found.change);
  const change = h("canvas", { role: "img", "aria-label": t("inside.flip.change.label", { level }) });
  paintMap(change, { values, height: 28, width: 28 }, level);
  const scale = h("canvas", { class: "net-scale" });
  paintScale(scale, -1, 1);
  const [low, high] = [`−${level}`, `+${level}`];
  const read = (/** @type {number} */ digit, /** @type {number[]} */ row) => t("inside.flip.read", { digit, share: percent(row[digit]) });
  const picture = (/** @type {string} */ src, /** @type {string} */ words) => h("figure", {}, h("img", { src, width: 28, height: 28, alt: words }), h("figcaption", { class: "small" }, words));
  return [
    picture(found.original, read(before, probabilities[0])), h("span", { class: "flip-sign", "aria-hidden": "true" }, "+"),
    h("figure", {}, change, h("figcaption", { class: "small" }, h("span", { class: "net-range" }, h("span", {}, low), scale, h("span", {}, high)), t("inside.flip.change"))),
    h("span", { class: "flip-sign", "aria-hidden": "true" }, "="), picture(found.picture, read(after, probabilities[1])),
  ];
}

/** One kind of change: its curves, its slider, and what the network sees there. */
class SweepPanel {
  /** @type {Sweep | null} */
  #sweep = null;

  /** @param {string} kind */
  constructor(kind) {
    this.kind = kind;
    this.title = h("h3");
    this.plot = h("div", { class: "plot" });
    this.slider = h("input", { type: "range", id: `what-${kind}`, min: 0, max: 1, step: 1, value: 0, disabled: true, hidden: true, on: { input: () => this.#move() } });
    this.label = h("label", { class: "unseen", for: `what-${kind}` });
    this.picture = h("img", { width: 28, height: 28, alt: "", hidden: true });
    this.words = h("p", { class: "small" });
    this.turns = h("p", { class: "small quiet" });
    this.table = h("details", { class: "figures", hidden: true });
    this.element = h("section", { class: "sweep-panel" }, this.title, this.plot, this.label, this.slider, h("div", { class: "sweep-now" }, this.picture, h("div", {}, this.words, this.turns)), this.table);
    new ResizeObserver(() => this.#draw()).observe(this.plot);
  }

  /** @param {Sweep} sweep of a new picture: the slider stays where it was, or begins where nothing is changed */
  show(sweep) {
    const first = !this.#sweep;
    this.#sweep = sweep;
    this.element.classList.remove("stale");
    this.slider.max = String(sweep.values.length - 1);
    if (first) this.slider.value = String(sweep.values.indexOf(0));
    this.slider.disabled = this.slider.hidden = this.table.hidden = false;
    this.say();
  }

  say() {
    this.title.textContent = t(`inside.if.${this.kind}`);
    this.label.textContent = t(`inside.if.${this.kind}.label`);
    this.#move();
    const sweep = this.#sweep;
    if (!sweep) return;
    const turns = turnsOf(sweep).map((at) => t("inside.if.turn", { amount: this.#amount(sweep.values[at]), digit: best(sweep, at) }));
    this.turns.textContent = turns.length ? upper(inRow(turns.slice(0, TOLD)) + (turns.length > TOLD ? " …" : "")) : t("inside.if.steady");
    const rows = sweep.values.map((value, at) => [this.#amount(value), ...sweep.probabilities[at].map((share) => percent(share, 0))]);
    const heads = [t(`inside.if.${this.kind}.label`), ...sweep.probabilities[0].map((_, digit) => String(digit))];
    this.table.replaceChildren(h("summary", {}, t("inside.if.figures"), h("span", { class: "unseen" }, ` · ${this.title.textContent}`)), scroller(tableOf({ heads, rows }), this.title.textContent ?? ""));
  }

  #move() {
    const sweep = this.#sweep;
    if (!sweep) return;
    const at = Number(this.slider.value);
    const digit = best(sweep, at);
    this.picture.src = sweep.pictures[at];
    this.picture.hidden = false;
    const words = t("inside.if.now", { amount: this.#amount(sweep.values[at]), digit, share: percent(sweep.probabilities[at][digit], 0) });
    this.picture.alt = t("inside.if.alt");
    this.words.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.#draw();
  }

  /** @param {number} value */
  #amount(value) {
    return t(`inside.if.${this.kind}.amount`, { value: number(value, this.kind === "noise" || this.kind === "blur" ? 2 : 0) });
  }

  #draw() {
    const [sweep, width] = [this.#sweep, Math.floor(this.plot.clientWidth)];
    if (!sweep || !width) return;
    const { values, probabilities } = sweep;
    const most = probabilities[0].map((_, digit) => ({ digit, high: Math.max(...probabilities.map((row) => row[digit])) })).sort((a, b) => b.high - a.high);
    const named = most.filter(({ high }, rank) => high >= SEEN && rank < NAMED).map(({ digit }) => digit);
    const curves = most.map(({ digit }) => ({ points: values.map((x, at) => ({ x, y: probabilities[at][digit] })), ...(named.includes(digit) ? { style: `digit-${digit}`, mark: String(digit) } : { style: "faint" }) }));
    const now = values[Number(this.slider.value)];
    const x = { at: (/** @type {number} */ value) => (value - values[0]) / (values[values.length - 1] - values[0]), ticks: ticks(values), say: (/** @type {number} */ value) => number(value, Number.isInteger(value) ? 0 : 1) };
    const frame = { x, y: shares(0, 1), across: t(`inside.if.${this.kind}.label`), up: t("inside.if.up"), high: 190, guides: [{ from: /** @type {[number, number]} */ ([now, 0]), to: /** @type {[number, number]} */ ([now, 1]) }] };
    this.plot.replaceChildren(lines(curves.reverse(), frame)(width), h("ul", { class: "legend" }, ...named.sort().map((digit) => h("li", {}, h("span", { class: `key line digit-${digit}`, "aria-hidden": "true" }), String(digit)))));
  }
}

/** @param {Sweep} sweep @param {number} at @returns {number} the digit that is read there */
const best = ({ probabilities }, at) => probabilities[at].indexOf(Math.max(...probabilities[at]));

/** @param {Sweep} sweep @returns {number[]} where another digit is read than a step nearer to 0, from there outwards */
function turnsOf(sweep) {
  const { values } = sweep;
  const turned = [...values.keys()].filter((at) => values[at] && best(sweep, at) !== best(sweep, at - Math.sign(values[at])));
  return turned.sort((a, b) => Math.abs(values[a]) - Math.abs(values[b]));
}

/** @param {number[]} values */
const ticks = (values) => linear(values[0], values[values.length - 1]).ticks.filter((tick) => tick >= values[0] && tick <= values[values.length - 1]);

customElements.define("what-if", WhatIf);
