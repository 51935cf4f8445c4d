/** <help-page>: how to draw, by hand and by keys; what the words mean; what stays on this machine. */

import { h, Part } from "../dom.js";

const KEYS = ["arrows", "shift", "space", "undo", "redo", "eraser", "clear", "digits"];
const SUBJECTS = ["confidence", "refusal", "seen", "steps", "tta", "maps", "codes", "interval", "private", "access"];

export class HelpPage extends Part {
  build() {
    const rows = KEYS.map((name) => h("tr", {}, h("th", { scope: "row" }, h("kbd", { t: `help.key.${name}` })), h("td", { t: `help.does.${name}` })));
    const subjects = SUBJECTS.map((name) => h("section", {}, h("h2", { t: `help.${name}` }), h("p", { t: `help.${name}.about` })));
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "help.title" }), h("p", { class: "lede", t: "help.about" })),
      h("div", { class: "help-columns" },
        h("section", {}, h("h2", { t: "help.keys" }), h("p", { t: "help.keys.about" }), h("table", { class: "keys" }, h("tbody", {}, ...rows))),
        h("div", { class: "prose" }, ...subjects)),
    );
  }
}

customElements.define("help-page", HelpPage);
