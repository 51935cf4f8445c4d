/** <drawing-pad>: the paper. Mouse, touch, pen with pressure, or keys; what is drawn is read as it is drawn. */

import { h, icon, Part } from "../dom.js";
import { ICONS } from "../icons.js";
import { Ink, paintFrom, PEN, SIDE } from "../ink.js";
import { studio } from "../studio.js";
import { number, t } from "../words.js";

const FINE = 2; // canvas pixels for one of the paper's, on screen
const FINISHED = 1500; // milliseconds after the last stroke: the drawing is kept
const PALM = 1000; // milliseconds after a pen was near in which a touch is the palm of its hand
const STEP = 8; // of the cursor, in the paper's units
const SMALL_STEP = 2; // with Shift
const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
});

/**
 * @typedef {EventTarget & { source: import("../studio.js").Source | null, show: (source: import("../studio.js").Source | null) => void,
 *   touch: () => void, keep: () => Promise<unknown>, correct: (digit: number | null) => Promise<void> }} Desk
 */

export class DrawingPad extends Part {
  #ink = new Ink();
  /** @type {import("../ink.js").Stroke | null} */
  #stroke = null;
  #erase = false;
  #width = PEN;
  #finished = 0;
  #unkept = false;
  /** @type {number | null} the pointer that draws: a second finger does not */
  #pointer = null;
  #touching = false; // that pointer is a finger
  #penSeen = -Infinity; // when a pen was last near, in milliseconds
  #cursor = { x: this.width / 2, y: this.height / 4 };
  #held = { pen: false, moved: false, tapped: false }; // by the space bar: moved while it was held, or let go at once
  /** @type {Set<string>} arrows held down */
  #arrows = new Set();

  /** @returns {Desk} who reads what is drawn */
  get desk() {
    return studio;
  }

  /** The words that name its keys. */
  get keyWords() {
    return "pad.keys";
  }

  /** What is drawn. */
  get strokes() {
    return this.#ink.strokes;
  }

  /** @param {import("../ink.js").Stroke[]} strokes to be drawn in the place of what is there */
  put(strokes) {
    this.#step(() => this.#ink.put(strokes));
  }

  /** The paper's width, in its own units. */
  get width() {
    return SIDE;
  }

  /** Its height. */
  get height() {
    return SIDE;
  }

  /** Keys of the words: what the paper is, what is written on it while it is empty, and how keys draw. */
  get words() {
    return { label: "pad.label", hint: "pad.hint", keys: this.keyWords, id: `${this.localName}-keys` };
  }

  build() {
    const { label, hint, keys, id } = this.words;
    this.shown = paper(this.width * FINE, this.height * FINE, { class: "pad-ink", "aria-hidden": "true" });
    this.sent = paper(this.width, this.height);
    this.cursor = h("div", { class: "pad-cursor", hidden: true });
    this.hint = h("p", { class: "pad-hint", t: hint, "aria-hidden": "true" });
    this.paper = h(
      "div",
      { class: "pad-paper", role: "application", tabindex: 0, tLabel: label, "aria-describedby": id },
      this.shown, this.hint, this.cursor,
    );
    this.keys = h("p", { id, class: "small quiet pad-keys", t: keys });
    this.append(this.paper, this.#tools(), this.keys);
    this.#repaint();
    this.#listen();
    this.#renew();
    this.desk.addEventListener("settled", () => this.#unkept && !this.#stroke && this.desk.source === this.source && this.#wait());
  }

  say() {
    this.#sayWidth();
  }

  /** Come back into view: what is on the paper is what is read. */
  open() {
    this.desk.show(this.source);
  }

  /** Another way in is about to be shown: what is on the paper is kept while it is still what is read. */
  leave() {
    clearTimeout(this.#finished);
    this.#penUp();
    this.#keep();
  }

  /** @param {number} digit */
  async correct(digit) {
    clearTimeout(this.#finished);
    this.#unkept = false;
    await this.desk.correct(digit);
  }

  #renew() {
    const canvas = /** @type {HTMLCanvasElement} */ (this.sent);
    const blank = () => this.#ink.isEmpty;
    /** @type {import("../studio.js").Source} */
    this.source = {
      kind: "draw",
      name: "drawing.png",
      picture: () => (blank() ? null : canvas),
      blob: () => (blank() ? Promise.resolve(null) : new Promise((resolve) => canvas.toBlob(resolve))),
    };
  }

  #tools() {
    this.pen = tool("pen", "pad.pen", () => this.#choose(false), true);
    this.eraser = tool("eraser", "pad.eraser", () => this.#choose(true), false);
    this.undoing = tool("undo", "pad.undo", () => this.#step(() => this.#ink.undo()));
    this.redoing = tool("redo", "pad.redo", () => this.#step(() => this.#ink.redo()));
    this.clearing = h("button", { type: "button", class: "quietly", t: "pad.clear", on: { click: () => this.clear() } });
    this.range = h("input", { type: "range", min: 4, max: 40, value: PEN, tLabel: "pad.width", on: { input: () => this.#sayWidth() } });
    this.told = h("output", { class: "small quiet" });
    return h(
      "div",
      { class: "pad-tools", role: "group", tLabel: "pad.tools" },
      this.pen, this.eraser, h("span", { class: "pad-width" }, this.range, this.told), this.undoing, this.redoing, this.clearing,
    );
  }

  #sayWidth() {
    this.#width = Number(this.range?.value ?? PEN);
    if (this.told) this.told.value = t("pad.pixels", { count: number(this.#width) });
  }

  #listen() {
    const paper = /** @type {HTMLElement} */ (this.paper);
    paper.addEventListener("pointerdown", (event) => this.#press(event));
    paper.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) paper.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    paper.addEventListener("keydown", (event) => this.#key(event));
    paper.addEventListener("keyup", (event) => this.#release(event));
    paper.addEventListener("blur", () => this.#leave());
  }

  /** @param {boolean} erase */
  #choose(erase) {
    this.#erase = erase;
    this.pen?.setAttribute("aria-pressed", String(!erase));
    this.eraser?.setAttribute("aria-pressed", String(erase));
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if ((event.button !== 0 && event.button !== 5) || this.#isPalm(event)) return;
    event.preventDefault();
    if (event.pointerType === "pen" && this.#touching) this.#takeBack();
    if (this.#pointer !== null) return;
    this.#pointer = event.pointerId;
    this.#touching = event.pointerType === "touch";
    const paper = /** @type {HTMLElement} */ (this.paper);
    paper.classList.add("by-pointer");
    paper.focus({ preventScroll: true });
    paper.setPointerCapture(event.pointerId);
    this.#showCursor(false);
    this.#begin(this.#erase || event.button === 5);
    this.#add(this.#place(event));
  }

  /** @param {PointerEvent} event whether it is the palm of a hand that holds a pen */
  #isPalm({ pointerType, timeStamp }) {
    if (pointerType === "pen") this.#penSeen = timeStamp;
    return pointerType === "touch" && timeStamp - this.#penSeen < PALM;
  }

  /** The palm came down before its pen: what it has drawn is taken back. */
  #takeBack() {
    this.#step(() => this.#ink.undo());
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (!this.#stroke || event.pointerId !== this.#pointer || this.#held.pen || event.buttons === 0) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) this.#add(this.#place(one));
  }

  /** @param {PointerEvent} event */
  #place(event) {
    const box = /** @type {HTMLElement} */ (this.paper).getBoundingClientRect();
    const pressed = event.pointerType === "pen" ? 0.45 + event.pressure : 1;
    const scale = this.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale, width: this.#width * pressed };
  }

  /** @param {boolean} erase */
  #begin(erase) {
    clearTimeout(this.#finished);
    this.#stroke = this.#ink.begin(erase);
  }

  /** @param {import("../ink.js").Point} point */
  #add(point) {
    if (!this.#stroke) return;
    this.#stroke.points.push(point);
    for (const canvas of [this.shown, this.sent]) paintFrom(pen(canvas), this.#stroke, this.#stroke.points.length - 1, this.width);
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    [this.#pointer, this.#touching] = [null, false];
    this.#lift();
  }

  #lift() {
    if (!this.#stroke || this.#held.pen) return;
    this.#stroke = null;
    this.#wait();
  }

  #wait() {
    clearTimeout(this.#finished);
    this.#finished = window.setTimeout(() => this.#keep(), FINISHED);
  }

  #keep() {
    if (!this.#unkept || this.#ink.isEmpty || this.desk.source !== this.source) return;
    this.#unkept = false;
    this.desk.keep().catch((error) => this.#notKept(error));
  }

  /** @param {Error} error said; it is kept when the service answers again */
  #notKept(error) {
    this.#unkept = true;
    this.desk.dispatchEvent(new CustomEvent("failed", { detail: error }));
  }

  #changed() {
    this.#unkept = true;
    if (this.hint) this.hint.hidden = !this.#ink.isEmpty;
    this.#sayTools();
    this.desk.touch();
  }

  #sayTools() {
    this.undoing?.toggleAttribute("disabled", !this.#ink.canUndo);
    this.redoing?.toggleAttribute("disabled", !this.#ink.canRedo);
    this.clearing?.toggleAttribute("disabled", this.#ink.strokes.length === 0);
  }

  /** @param {() => void} act on the ink; a pen that is down is lifted first: what it drew on would belong to no stroke */
  #step(act) {
    this.#penUp();
    [this.#pointer, this.#touching] = [null, false];
    clearTimeout(this.#finished);
    act();
    this.#repaint();
    this.#changed();
    this.#wait();
  }

  clear() {
    clearTimeout(this.#finished);
    this.#penUp();
    this.#keep();
    this.#ink.clear();
    this.#repaint();
    this.#renew();
    this.#changed();
    this.#unkept = false;
    this.desk.show(/** @type {import("../studio.js").Source} */ (this.source));
  }

  #repaint() {
    for (const canvas of [this.shown, this.sent]) this.#ink.paint(pen(canvas), this.width);
    if (this.hint) this.hint.hidden = !this.#ink.isEmpty;
    this.#sayTools();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    this.paper?.classList.remove("by-pointer");
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") this.#step(() => (event.shiftKey ? this.#ink.redo() : this.#ink.undo()));
    else if (command && event.key.toLowerCase() === "y") this.#step(() => this.#ink.redo());
    else if (command || event.altKey) return;
    else if (event.key in ARROWS) this.#move(event);
    else if (event.key === " ") this.#space(event);
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key === "e") this.#choose(!this.#erase);
    else if (/^[0-9]$/.test(event.key) && !this.#ink.isEmpty) this.correct(Number(event.key));
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    this.#arrows.add(event.key);
    const step = event.shiftKey ? SMALL_STEP : STEP;
    for (const arrow of this.#arrows) {
      this.#cursor.x = Math.min(this.width, Math.max(0, this.#cursor.x + ARROWS[arrow][0] * step));
      this.#cursor.y = Math.min(this.height, Math.max(0, this.#cursor.y + ARROWS[arrow][1] * step));
    }
    this.#showCursor(true);
    if (!this.#held.pen) return;
    this.#held.moved = !this.#held.tapped;
    this.#add({ ...this.#cursor, width: this.#width });
  }

  /** The space bar: tapped, it presses the pen or lifts it; held, it draws as long as it is held. */
  #space(/** @type {KeyboardEvent} */ event) {
    if (event.repeat) return;
    this.#showCursor(true);
    if (this.#held.pen) return this.#penUp();
    this.#begin(this.#erase);
    this.#held = { pen: true, moved: false, tapped: false };
    this.cursor?.classList.add("down");
    this.#add({ ...this.#cursor, width: this.#width });
  }

  /** @param {KeyboardEvent} event */
  #release(event) {
    this.#arrows.delete(event.key);
    if (event.key !== " " || !this.#held.pen) return;
    if (this.#held.moved) this.#penUp();
    else this.#held.tapped = true;
  }

  #penUp() {
    this.#held = { pen: false, moved: false, tapped: false };
    this.cursor?.classList.remove("down");
    this.#lift();
  }

  #leave() {
    this.#arrows.clear();
    if (this.#held.pen) this.#penUp();
    this.#showCursor(false);
  }

  /** @param {boolean} shown */
  #showCursor(shown) {
    const cursor = /** @type {HTMLElement} */ (this.cursor);
    cursor.hidden = !shown;
    cursor.style.setProperty("--x", `${(this.#cursor.x / this.width) * 100}%`);
    cursor.style.setProperty("--y", `${(this.#cursor.y / this.height) * 100}%`);
  }
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Record<string, unknown>} [more]
 */
function paper(width, height, more = {}) {
  return h("canvas", { width, height, ...more });
}

/** @param {HTMLCanvasElement | undefined} canvas */
function pen(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas?.getContext("2d", { willReadFrequently: true }));
}

/**
 * @param {keyof typeof ICONS} shape
 * @param {string} words
 * @param {() => void} click
 * @param {boolean} [pressed] for one that stays pressed
 */
function tool(shape, words, click, pressed) {
  const more = pressed === undefined ? {} : { "aria-pressed": String(pressed) };
  return h("button", { type: "button", class: "tool", tLabel: words, tTitle: words, on: { click }, ...more }, icon(ICONS[shape]));
}

customElements.define("drawing-pad", DrawingPad);
