/** <code-digits>: the picture with a box around each digit, the line as the reader saw it, and every digit with its bars. */

import { codes } from "../codes.js";
import { h, Part, svg } from "../dom.js";
import { pair, percent, t } from "../words.js";

const DIGITS = [...Array(10).keys()];
const SURE = 0.9; // a digit below this is marked
const LONGEST = 1600; // pixels of the picture that is shown

export class CodeDigits extends Part {
  #drawn = 0;

  build() {
    this.canvas = h("canvas", { class: "code-picture", role: "img" });
    this.boxes = /** @type {SVGElement} */ (svg("svg", { class: "code-boxes", "aria-hidden": "true" }));
    this.frame = h("div", { class: "code-frame" }, this.canvas, this.boxes);
    this.line = h("img", { class: "code-line", alt: "" });
    this.line.addEventListener("load", () => this.#seen());
    this.seen = h("figure", { class: "code-seen", hidden: true }, h("figcaption", { class: "small quiet", t: "codes.seen" }), this.line);
    this.digits = h("ol", { class: "code-digits", tLabel: "codes.digits" });
    this.append(h("div", { class: "code-figures" }, this.frame, this.seen), this.digits);
    for (const event of ["reading", "look"]) codes.addEventListener(event, () => this.say());
    codes.addEventListener("failed", () => this.say());
    codes.addEventListener("picture", () => this.#picture());
  }

  say() {
    const one = codes.number;
    this.hidden = !codes.told;
    this.#picture();
    this.#outline();
    this.#seen();
    this.digits?.replaceChildren(...(one?.digits ?? []).map((digit, place) => column(digit, place, one?.changes ?? [])));
    this.canvas?.setAttribute("aria-label", t("codes.picture", { text: one?.text ?? one?.guess ?? "–" }));
  }

  /** Draw what was read; of what the browser cannot show, or has not decoded yet, the boxes alone remain. */
  #picture() {
    const [canvas, part, size] = [this.canvas, shown(), codes.told?.size];
    const source = codes.source?.picture();
    if (!canvas || !part || !size) return;
    const [left, top, right, bottom] = part;
    const scale = Math.min(1, LONGEST / Math.max(right - left, bottom - top));
    const own = source instanceof HTMLCanvasElement; // a drawing changes under the same element
    const drawn = own ? ++this.#drawn : 0;
    canvas.width = Math.max(1, Math.round((right - left) * scale));
    canvas.height = Math.max(1, Math.round((bottom - top) * scale));
    const context = canvas.getContext("2d");
    if (context && source && drawn >= 0) context.drawImage(source, -left * scale, -top * scale, size[0] * scale, size[1] * scale);
  }

  #outline() {
    const [boxes, part] = [this.boxes, shown()];
    if (!boxes || !part) return;
    const [left, top, right, bottom] = part;
    boxes.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
    const around = codes.numbers.map((one) => (one.box && codes.numbers.length > 1 ? outline(one.box, one === codes.number ? "number chosen" : "number") : null));
    const digits = (codes.number?.digits ?? []).map(({ box, confidence }) => outline(box, confidence < SURE ? "digit weak" : "digit"));
    boxes.replaceChildren(...[...around, ...digits].filter((one) => one !== null));
  }

  #seen() {
    const { told } = codes;
    const last = told?.trace?.at(-1);
    const [frame, line] = [this.seen, this.line];
    if (!frame || !line) return;
    if (told?.trace) frame.hidden = !last; // until it is known the frame stays, empty
    const same = last?.image === line.getAttribute("src");
    line.classList.toggle("unshown", !same || !line.complete); // it would stay in sight until the next one is decoded
    if (last && !same) line.src = last.image;
  }
}

/** @returns {import("../api.js").Box | null} what of the picture was read: all of it, or one place */
function shown() {
  const { told } = codes;
  return told && (told.region ?? [0, 0, ...told.size]);
}

/**
 * @param {import("../api.js").Box} box
 * @param {string} kind
 */
function outline([left, top, right, bottom], kind) {
  return svg("rect", { class: kind, x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) });
}

/**
 * @param {import("../api.js").Code["digits"][number]} digit
 * @param {number} place
 * @param {import("../api.js").Code["changes"]} changes
 */
function column({ digit, confidence, probabilities }, place, changes) {
  const change = changes.find((one) => one.place === place);
  const bars = probabilities && h("ol", { class: "code-bars", "aria-label": t("codes.bars", { place: place + 1 }) }, ...DIGITS.map((one) => bar(one, probabilities[one], one === digit)));
  return h("li", { class: confidence < SURE ? "weak" : "" },
    h("p", { class: "code-digit" }, String(digit)),
    h("p", { class: "small code-sure" }, percent(confidence)),
    bars,
    change ? h("p", { class: "small code-change" }, t("codes.would", { instead: change.instead || "–" })) : null);
}

/**
 * @param {number} digit
 * @param {number} share
 * @param {boolean} best
 */
function bar(digit, share, best) {
  const one = h("li", { class: best ? "best" : "" }, h("span", { class: "unseen" }, pair(String(digit), percent(share))), h("span", { "aria-hidden": "true" }, String(digit)), h("i", { "aria-hidden": "true" }));
  one.style.setProperty("--share", String(share));
  return one;
}

customElements.define("code-digits", CodeDigits);
