/** <tab-set>: tabs and their panels, as the ARIA patterns have them; says "choose" with the panel's name. */

import { Part } from "../dom.js";

export class TabSet extends Part {
  build() {
    const list = /** @type {HTMLElement} */ (this.querySelector("[role=tablist]"));
    list.addEventListener("click", (event) => {
      const tab = /** @type {Element} */ (event.target).closest("[role=tab]");
      if (tab) this.choose(/** @type {HTMLElement} */ (tab));
    });
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  get tabs() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[role=tab]")]);
  }

  /** @param {HTMLElement} chosen */
  choose(chosen) {
    for (const tab of this.tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      /** @type {HTMLElement} */ (document.getElementById(tab.getAttribute("aria-controls") ?? "")).hidden = !on;
    }
    this.dispatchEvent(new CustomEvent("choose", { detail: chosen.dataset.way }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const tabs = this.tabs;
    const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    this.choose(next);
    next.focus();
  }
}

customElements.define("tab-set", TabSet);
