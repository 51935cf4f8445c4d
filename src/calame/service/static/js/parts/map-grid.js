/** <map-grid>: the maps of one sprite as a grid that can be walked by keys; the one looked at is enlarged. */

import { h, Part } from "../dom.js";
import { dimmed, paintScale, shades } from "../inside/paint.js";
import { cut, loaded, places } from "../sprites.js";
import { number, t } from "../words.js";

/** @typedef {{ image: string, columns: number, shape: number[], low: number, high: number }} Sprite */

export class MapGrid extends Part {
  /** @type {Sprite | null} */
  #sprite = null;
  /** @type {HTMLImageElement | null} */
  #sheet = null;
  /** @type {CanvasImageSource | null} the sheet in the colours of the page as it is now */
  #shaded = null;
  #at = 0;
  #words = "maps";
  /** @type {import("../sprites.js").Place[]} */
  #boxes = [];

  build() {
    this.grid = h("div", { class: "maps", role: "group" });
    this.large = h("canvas", { class: "map-large", width: 28, height: 28, role: "img" });
    this.caption = h("figcaption", { class: "small" });
    this.low = h("span");
    this.high = h("span");
    this.scale = h("canvas", { class: "map-scale", "aria-hidden": "true" });
    const range = h("div", { class: "map-range small quiet" }, this.low, this.scale, this.high);
    this.append(this.grid, h("figure", { class: "map-figure" }, this.large, this.caption, range));
    this.grid.addEventListener("keydown", (event) => this.#walk(event));
    shades.addEventListener("change", () => this.#paint());
    for (const event of ["pointerover", "focusin"]) this.grid.addEventListener(event, (one) => this.#look(one));
  }

  say() {
    this.#caption();
  }

  /**
   * @param {Sprite} sprite
   * @param {string} words "maps" or "filters"
   */
  async show(sprite, words = "maps") {
    this.#sprite = sprite;
    const sheet = await loaded(sprite.image);
    if (this.#sprite !== sprite) return;
    this.#sheet = sheet;
    this.#words = words;
    this.#boxes = places(sprite, sheet);
    this.#arrange();
    this.#paint();
  }

  #arrange() {
    const grid = /** @type {HTMLElement} */ (this.grid);
    if (grid.childElementCount === this.#boxes.length) return;
    this.#at = 0;
    const cells = this.#boxes.map((_, index) => h("button", { type: "button", class: "map", tabindex: index ? -1 : 0 }, h("canvas", { "aria-hidden": "true" })));
    grid.replaceChildren(...cells);
    grid.classList.toggle("single", cells.length === 1);
  }

  #paint() {
    if (!this.#sheet || !this.#sprite || !this.grid) return;
    const { low } = this.#sprite;
    this.#shaded = low < 0 ? dimmed(this.#sheet) : this.#sheet;
    if (this.scale) paintScale(this.scale, low < 0 ? -1 : 0, 1);
    for (const [index, cell] of [...this.grid.children].entries()) {
      cut(/** @type {HTMLCanvasElement} */ (cell.firstElementChild), this.#shaded, this.#boxes[index]);
    }
    this.#enlarge();
  }

  #enlarge() {
    if (this.#shaded && this.large) cut(this.large, this.#shaded, this.#boxes[this.#at]);
    this.#caption();
  }

  #caption() {
    if (!this.#sprite || !this.#sheet || !this.caption) return;
    const values = { index: this.#at, count: this.#boxes.length, width: this.#boxes[this.#at].width, height: this.#boxes[this.#at].height };
    this.caption.textContent = t(`${this.#words}.one`, values);
    this.large?.setAttribute("aria-label", this.caption.textContent);
    /** @type {HTMLElement} */ (this.low).textContent = number(this.#sprite.low, 2);
    /** @type {HTMLElement} */ (this.high).textContent = number(this.#sprite.high, 2);
    this.grid?.setAttribute("aria-label", t(`${this.#words}.grid`, values));
    for (const [index, cell] of [...(this.grid?.children ?? [])].entries()) cell.setAttribute("aria-label", t(`${this.#words}.name`, { index }));
  }

  /** @param {Event} event */
  #look(event) {
    const cell = /** @type {Element} */ (event.target).closest(".map");
    if (!cell || !this.grid) return;
    this.#at = [...this.grid.children].indexOf(cell);
    this.#enlarge();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const cells = /** @type {HTMLElement[]} */ ([...(this.grid?.children ?? [])]);
    const across = Math.max(1, cells.findIndex((cell) => cell.offsetTop > cells[0].offsetTop));
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    const next = cells[this.#at + (move ?? 0)];
    if (!move || !next) return;
    event.preventDefault();
    cells[this.#at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

customElements.define("map-grid", MapGrid);
