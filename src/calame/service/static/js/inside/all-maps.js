/** <all-maps>: every map of one column, to look at and to choose from. */

import { h, Part } from "../dom.js";
import { number, t } from "../words.js";
import { desk } from "./desk.js";
import { bothNamesOf } from "./names.js";
import { paintMap, shades } from "./paint.js";
import { mapOf, reach } from "./values.js";

export class AllMaps extends Part {
  #stage = "";

  build() {
    this.heading = h("h3");
    this.closing = h("button", { type: "button", class: "quietly", t: "inside.all.close", on: { click: () => this.close() } });
    this.grid = h("div", { class: "all-grid", role: "group" });
    this.append(h("div", { class: "row all-head" }, this.heading, this.closing), this.grid);
    this.grid.addEventListener("keydown", (event) => this.#walk(event));
    for (const type of ["look", "choice"]) desk.addEventListener(type, () => this.#paint());
    desk.addEventListener("network", () => this.close());
    shades.addEventListener("change", () => this.#paint());
    this.hidden = true;
  }

  say() {
    if (!this.hidden) this.open(this.#stage);
  }

  /** @param {string} name of a column */
  open(name) {
    const stage = desk.stage(name);
    if (!stage) return;
    this.#stage = name;
    this.hidden = false;
    /** @type {HTMLElement} */ (this.heading).textContent = t("inside.all.title", { count: number(stage.shape[2]), name: bothNamesOf(stage) });
    this.grid?.setAttribute("aria-label", /** @type {HTMLElement} */ (this.heading).textContent ?? "");
    this.grid?.replaceChildren(...Array.from({ length: stage.shape[2] }, (_, map) => this.#one(name, map)));
    this.#paint();
    this.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (this.grid?.firstElementChild)?.focus({ preventScroll: true });
  }

  close() {
    this.hidden = true;
  }

  /**
   * @param {string} stage
   * @param {number} map
   */
  #one(stage, map) {
    const choose = (/** @type {MouseEvent} */ event) => desk.choose({ stage, map }, event.detail ? "pointer" : "keys");
    return h("button", { type: "button", class: "net-map", "data-map": map, tabindex: map ? -1 : 0, "aria-label": t("inside.map.short", { index: map }), on: { click: choose } }, h("canvas", { "aria-hidden": "true" }));
  }

  #paint() {
    const layer = desk.look?.layers.get(this.#stage);
    if (this.hidden || !layer) return;
    for (const [map, button] of [...(this.grid?.children ?? [])].entries()) {
      paintMap(/** @type {HTMLCanvasElement} */ (button.firstElementChild), mapOf(layer, map), reach([layer.low, layer.high]), { signed: layer.low < 0 });
      button.setAttribute("aria-pressed", String(desk.choice?.stage === this.#stage && desk.choice.map === map));
    }
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const cells = /** @type {HTMLElement[]} */ ([...(this.grid?.children ?? [])]);
    const across = Math.max(1, cells.findIndex((cell) => cell.offsetTop > cells[0].offsetTop));
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    const now = cells.indexOf(/** @type {any} */ (event.target));
    if (event.key === "Escape") this.close();
    if (!move || now < 0 || !cells[now + move]) return;
    event.preventDefault();
    cells[now].tabIndex = -1;
    cells[now + move].tabIndex = 0;
    cells[now + move].focus();
  }
}

customElements.define("all-maps", AllMaps);
