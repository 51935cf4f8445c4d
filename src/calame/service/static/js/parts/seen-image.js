/** <seen-image>: the 28×28 that the network saw, pixel by pixel, with the value under the pointer. */

import { h, Part } from "../dom.js";
import { studio } from "../studio.js";
import { number, t } from "../words.js";

const SIDE = 28;

export class SeenImage extends Part {
  /** @type {Uint8ClampedArray | null} */
  #pixels = null;
  #shown = "";

  build() {
    this.canvas = h("canvas", { width: SIDE, height: SIDE, class: "seen-pixels", role: "img" });
    this.value = h("p", { class: "small quiet seen-value" });
    this.append(h("div", { class: "seen-frame" }, this.canvas), this.value);
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerleave", () => this.say());
    studio.addEventListener("reading", () => this.#draw());
    studio.addEventListener("failed", () => this.#draw());
  }

  say() {
    const filled = Boolean(this.#pixels);
    this.classList.toggle("unseen-yet", !filled);
    this.canvas?.setAttribute("aria-label", t(filled ? "seen.label" : "seen.empty"));
    if (this.value) this.value.textContent = t(filled ? "seen.caption" : "seen.empty");
  }

  async #draw() {
    const url = studio.reading?.prepared ?? "";
    if (url === this.#shown) return;
    this.#shown = url;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas?.getContext("2d", { willReadFrequently: true }));
    if (!url) {
      context.clearRect(0, 0, SIDE, SIDE);
      this.#pixels = null;
      return this.say();
    }
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    if (url !== this.#shown) return;
    context.drawImage(picture, 0, 0);
    const first = !this.#pixels;
    this.#pixels = context.getImageData(0, 0, SIDE, SIDE).data;
    if (first) this.say();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (!this.#pixels || !this.canvas || !this.value) return;
    const box = this.canvas.getBoundingClientRect();
    const column = Math.min(SIDE - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * SIDE)));
    const row = Math.min(SIDE - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * SIDE)));
    const value = this.#pixels[(row * SIDE + column) * 4];
    this.value.textContent = t("seen.pixel", { row, column, value, share: number(value / 255, 2) });
  }
}

customElements.define("seen-image", SeenImage);
