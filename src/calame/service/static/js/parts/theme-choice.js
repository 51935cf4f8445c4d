/** <theme-choice>: the system's theme, light, or dark, remembered. */

import { keep } from "../kept.js";
import { h, Part } from "../dom.js";
import { t } from "../words.js";

const THEMES = ["auto", "light", "dark"];

export class ThemeChoice extends Part {
  build() {
    this.select = h("select", { tLabel: "theme.label", on: { change: () => this.#choose() } }, ...THEMES.map((name) => h("option", { value: name, t: `theme.${name}` })));
    this.select.value = document.documentElement.dataset.theme ?? "auto";
    this.append(this.select);
  }

  say() {
    if (this.select) this.select.title = t("theme.label");
  }

  #choose() {
    const theme = this.select?.value ?? "auto";
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    keep("calame.theme", theme);
    document.dispatchEvent(new Event("calame:theme"));
  }
}

customElements.define("theme-choice", ThemeChoice);
