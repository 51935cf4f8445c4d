/** <inside-page>: the network as a picture from left to right, how each value comes about, why this answer, what if. */

import { givePage } from "../api.js";
import { h, Part } from "../dom.js";
import "../inside/all-maps.js";
import "../inside/class-origin.js";
import { desk } from "../inside/desk.js";
import "../inside/map-maker.js";
import "../inside/network-view.js";
import "../inside/what-if.js";
import "../inside/why-answer.js";
import { models } from "../models.js";
import { DrawingPad } from "../parts/drawing-pad.js";
import { reasonOf, wordsOf } from "../parts/digit-answer.js";
import { isDocument, sourceOf } from "../pictures.js";
import { percent, t } from "../words.js";

const SPOKEN = 700; // milliseconds of rest before a screen reader is told
const BEGINNING = 3; // the digit that is there when nobody has drawn one

class InsidePad extends DrawingPad {
  get desk() {
    return /** @type {import("../parts/drawing-pad.js").Desk} */ (desk);
  }

  get keyWords() {
    return "inside.pad.keys";
  }
}
customElements.define("inside-pad", InsidePad);

export class InsidePage extends Part {
  #spoken = 0;
  #taken = 0; // pictures brought in: an older one that comes late is left
  #drawing = ""; // the paper of the first page as it was last taken over

  build() {
    this.pad = new InsidePad();
    this.samples = h("div", { class: "digits-to-try", role: "group", tLabel: "inside.samples" });
    this.credit = h("p", { class: "small quiet" });
    this.input = h("input", { type: "file", accept: "image/*,.pdf,.tif,.tiff,.heic", id: "inside-file", class: "unseen", on: { change: () => this.take([...(this.input?.files ?? [])]) } });
    this.file = h("p", { class: "small quiet inside-file" });
    this.answer = h("p", { class: "inside-answer", "aria-hidden": "true" });
    this.reader = h("p", { class: "small quiet inside-reader" });
    this.word = h("p", { class: "small danger" });
    this.status = h("p", { class: "unseen", role: "status" });
    this.legend = h("div", { class: "inside-legend" }, h("canvas", { class: "net-scale" }));
    this.all = /** @type {import("../inside/all-maps.js").AllMaps} */ (document.createElement("all-maps"));
    const view = document.createElement("network-view");
    view.addEventListener("all", (event) => this.all?.open(/** @type {CustomEvent} */ (event).detail));
    const paper = h("section", { class: "inside-paper", "aria-labelledby": "inside-paper" }, h("h2", { id: "inside-paper", t: "inside.paper" }), this.pad, h("div", { class: "inside-bring" }, this.input, h("label", { for: "inside-file", class: "button light", t: "inside.choose" }), this.file), h("p", { class: "small quiet", t: "inside.try" }), this.samples, this.credit);
    const network = h("section", { class: "inside-network", "aria-labelledby": "inside-network" }, h("div", { class: "inside-head" }, h("h2", { id: "inside-network", t: "inside.network" }), this.answer), this.reader, this.word, view, h("p", { class: "small quiet inside-key", t: "inside.legend" }), h("p", { class: "small quiet", id: "net-keys", t: "inside.network.keys" }));
    this.append(
      h("header", { class: "page-head" }, h("div", { class: "page-title" }, h("h1", { t: "inside.title" }), document.createElement("model-choice")), h("p", { class: "lede", t: "inside.lede" })),
      h("div", { class: "inside-stage" }, paper, network), this.all,
      h("section", { class: "inside-how", tLabel: "inside.how" }, h("h2", { t: "inside.how" }), h("p", { class: "quiet", t: "inside.how.empty" }), document.createElement("map-maker"), document.createElement("class-origin")),
      h("section", { class: "inside-why", "aria-labelledby": "inside-why" }, h("h2", { id: "inside-why", t: "inside.why" }), h("p", { class: "about", t: "inside.why.about" }), document.createElement("why-answer")),
      h("section", { class: "inside-if", "aria-labelledby": "inside-if" }, h("h2", { id: "inside-if", t: "inside.if" }), h("p", { class: "about", t: "inside.if.about" }), document.createElement("what-if")),
      this.status,
    );
    desk.paper = () => /** @type {import("../studio.js").Source} */ (this.pad?.source);
    desk.addEventListener("network", () => this.#sayNetwork());
    desk.addEventListener("source", () => this.#mark());
    desk.addEventListener("look", () => this.#answered());
    desk.addEventListener("failed", (event) => this.#trouble(/** @type {CustomEvent} */ (event).detail));
    models.addEventListener("change", () => !this.hidden && this.open().catch((error) => this.#trouble(error)));
  }

  async open() {
    if (!models.all.length) await models.load();
    await desk.meet();
    if (this.word) this.word.textContent = "";
    this.#takeOver();
    if (!desk.source) this.#sample(BEGINNING);
    if (!desk.choice && desk.network) {
      const [first] = desk.network.stages;
      desk.choose({ stage: first.name, map: first.telling[0] ?? 0 }, "self");
    }
  }

  /**
   * Look into a picture, or the first page of a document; of several files, into the first.
   * @param {File[]} files chosen, dropped or pasted
   */
  async take([file]) {
    if (this.input) this.input.value = "";
    if (!file) return;
    const asked = ++this.#taken;
    try {
      const picture = isDocument(file) ? (await givePage(file, 1)).picture : file;
      const source = await sourceOf("import", picture, file.name);
      if (asked !== this.#taken) return;
      if (this.pad?.strokes.length) this.pad.clear();
      desk.show(source);
    } catch (error) {
      this.#trouble(/** @type {Error} */ (error));
    }
  }

  /** What was drawn on the first page is looked into here. */
  #takeOver() {
    const pad = /** @type {DrawingPad | null} */ (document.querySelector("drawing-pad"));
    const drawn = JSON.stringify(pad?.strokes ?? []);
    if (!pad || drawn === "[]" || drawn === this.#drawing) return;
    this.#drawing = drawn;
    this.pad?.put(pad.strokes);
  }

  /** @param {number} digit */
  #sample(digit) {
    const prepared = desk.network?.samples[digit];
    if (!prepared) return;
    if (this.pad?.strokes.length) this.pad.clear();
    desk.show({ kind: "data", name: String(digit), truth: digit, picture: () => null, blob: () => Promise.resolve(null), prepared });
  }

  say() {
    this.#sayNetwork();
    this.#answered();
  }

  #sayNetwork() {
    const network = desk.network;
    if (!network) return;
    this.samples?.replaceChildren(...network.samples.map((image, digit) => h("button", { type: "button", class: "sample-digit", "aria-label": t("inside.sample", { digit }), on: { click: () => this.#sample(digit) } }, h("img", { src: image, alt: "", width: 28, height: 28 }))));
    /** @type {HTMLElement} */ (this.credit).textContent = network.credit.join(", ");
    this.#mark();
  }

  #mark() {
    const source = desk.source;
    if (this.file) this.file.textContent = source?.kind === "import" ? source.name : "";
    for (const [digit, button] of [...(this.samples?.children ?? [])].entries()) button.setAttribute("aria-pressed", String(Boolean(source?.prepared) && source?.truth === digit));
  }

  #answered() {
    const [look, refused] = [desk.look, desk.refused];
    if (this.word && look) this.word.textContent = "";
    const words = look ? t("inside.reads", { digit: desk.answer, share: percent(look.probabilities[desk.answer]) }) : refused ? reasonOf(refused) : t("inside.nothing");
    const refusing = look?.reading?.rejected ? look.reading : look?.reader.rejected ? look.reader : null;
    const doubt = refusing ? ` ${t("inside.doubt", { reason: reasonOf(refusing) })}` : "";
    if (this.answer) this.answer.textContent = words + doubt;
    if (this.reader) this.reader.textContent = look ? sharesOf(look.reader, Boolean(refusing)) : "";
    this.querySelector(".inside-how")?.classList.toggle("empty", !look);
    clearTimeout(this.#spoken);
    this.#spoken = window.setTimeout(() => (/** @type {HTMLElement} */ (this.status).textContent = words + doubt), SPOKEN);
  }

  /** @param {Error} error */
  #trouble(error) {
    if (this.word) this.word.textContent = wordsOf(error);
  }
}

/**
 * What the shares beside the classes are, and what the page Read makes of them.
 * @param {import("../inside/desk.js").Reader} reader
 * @param {boolean} refused the page Read has no answer
 */
function sharesOf({ digit, confidence, looks, calibrated }, refused) {
  const how = looks > 1 ? "again" : calibrated ? "calibrated" : "plain";
  return refused ? t("inside.shares") : `${t("inside.shares")} ${t(`inside.shares.${how}`, { digit, share: percent(confidence) })}`;
}

customElements.define("inside-page", InsidePage);
