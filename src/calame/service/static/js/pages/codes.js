/** <codes-page>: numbers of several digits, drawn, imported or held before the camera; a table of them all. */

import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import "../parts/code-answer.js";
import "../parts/code-checks.js";
import "../parts/code-digits.js";
import "../parts/code-table.js";
import "../parts/line-pad.js";

const WAYS = /** @type {const} */ (["draw", "import", "camera"]);

export class CodesPage extends Part {
  build() {
    this.pad = /** @type {import("../parts/line-pad.js").LinePad} */ (document.createElement("line-pad"));
    this.camera = /** @type {import("../parts/line-pad.js").LineCamera} */ (document.createElement("line-camera"));
    this.table = /** @type {import("../parts/code-table.js").CodeTable} */ (document.createElement("code-table"));
    this.tabs = this.#tabs();
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "codes.title" }), h("p", { class: "lede", t: "codes.about" })),
      h("div", { class: "codes-grid" },
        h("section", { class: "codes-paper", "aria-labelledby": "codes-paper" }, plate("codes-paper", "codes.paper"), this.tabs),
        h("section", { class: "codes-answer", "aria-labelledby": "codes-answer" }, plate("codes-answer", "codes.answer"), document.createElement("code-answer")),
        h("section", { class: "codes-checks", "aria-labelledby": "codes-checks" }, plate("codes-checks", "codes.checks"), document.createElement("code-checks")),
        h("section", { class: "codes-pile", "aria-labelledby": "codes-pile" }, plate("codes-pile", "codes.pile"), this.table),
        h("section", { class: "codes-line", "aria-labelledby": "codes-line" }, plate("codes-line", "codes.line"), h("p", { class: "about", t: "codes.line.about" }), document.createElement("code-digits"))),
    );
    this.table.addEventListener("cleared", () => this.input?.focus());
    this.pile = /** @type {HTMLElement} */ (this.querySelector(".codes-pile"));
    new MutationObserver(() => this.pile?.toggleAttribute("hidden", Boolean(this.table?.hidden))).observe(this.table, { attributeFilter: ["hidden"] });
    this.pile.hidden = true;
  }

  open() {
    if (!codes.source) this.#enter("draw");
  }

  #tabs() {
    this.input = h("input", { type: "file", multiple: true, accept: "image/*,.tif,.tiff,.heic,.pdf,application/pdf", id: "code-files", class: "unseen" });
    this.input.addEventListener("change", () => this.take([...(this.input?.files ?? [])]));
    const drop = h("div", { class: "drop" }, this.input, h("label", { for: "code-files", class: "button", t: "codes.choose" }), h("p", { class: "small quiet", t: "codes.drop" }));
    const panels = { draw: this.pad ?? "", import: drop, camera: this.camera ?? "" };
    const tabs = WAYS.map((way, place) => h("button", {
      type: "button", role: "tab", id: `code-tab-${way}`, "aria-controls": `code-way-${way}`, "aria-selected": String(place === 0), tabindex: place === 0 ? false : -1, "data-way": way, t: `ways.${way}`,
    }));
    const set = document.createElement("tab-set");
    set.append(
      h("div", { role: "tablist", tLabel: "ways.label" }, ...tabs),
      ...WAYS.map((way, place) => h("div", { role: "tabpanel", id: `code-way-${way}`, "aria-labelledby": `code-tab-${way}`, hidden: place > 0 }, panels[way])),
    );
    set.addEventListener("choose", (event) => this.#enter(/** @type {CustomEvent} */ (event).detail));
    return /** @type {import("../parts/tab-set.js").TabSet} */ (set);
  }

  /** @param {string} way */
  #enter(way) {
    if (way === "draw") this.pad?.open();
    else this.pad?.leave();
    if (way === "camera") this.camera?.open();
    if (way === "import") this.table?.open();
  }

  /** @param {File[]} files chosen, dropped or pasted */
  async take(files) {
    const tab = /** @type {HTMLElement} */ (this.querySelector("#code-tab-import"));
    if (tab.getAttribute("aria-selected") !== "true") this.tabs?.choose(tab);
    const read = this.table?.take(files);
    if (files.length > 1) requestAnimationFrame(() => this.pile?.scrollIntoView({ block: "start" })); // once it is shown
    await read;
    if (this.input) this.input.value = "";
  }
}

/**
 * @param {string} id
 * @param {string} words
 */
function plate(id, words) {
  return h("div", { class: "plate" }, h("h2", { id, t: words }));
}

customElements.define("codes-page", CodesPage);
