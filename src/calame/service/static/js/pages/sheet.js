/** <sheet-page>: the history, which is the test sheet: what was read, what it was, remarks, totals, exports. */

import { fileName, get, send } from "../api.js";
import { h, icon, Part, toggle } from "../dom.js";
import { ICONS } from "../icons.js";
import { studio } from "../studio.js";
import { number, percent, t, when } from "../words.js";
import "../parts/confusion-matrix.js";
import { wordsOf } from "../parts/digit-answer.js";
import "../parts/sheet-totals.js";

/** @typedef {import("../api.js").Item} Item */

const PAGE = 50; // rows at a time
const TYPING = 250; // milliseconds after a key of the search

export class SheetPage extends Part {
  /** @type {Item[]} */
  #items = [];
  #more = false;
  #timer = 0;
  #asked = 0;

  build() {
    this.search = h("input", { type: "search", tLabel: "sheet.search", tHint: "sheet.search.hint", on: { input: () => this.#type() } });
    this.keep = toggle("sheet.keep", (on) => this.#try(() => send("/v1/history/settings", "PUT", { keep: on })));
    this.clear = h("button", { type: "button", class: "quietly danger", t: "sheet.clear", on: { click: () => this.dialog?.showModal() } });
    this.body = h("tbody");
    this.table = this.#table();
    this.empty = h("p", { class: "quiet sheet-empty", t: "sheet.empty", hidden: true });
    this.keys = h("p", { class: "small quiet sheet-keys", t: "sheet.keys" });
    this.further = h("button", { type: "button", class: "quietly", t: "sheet.more", hidden: true, on: { click: () => this.#load(true) } });
    this.status = h("p", { class: "small", role: "status" });
    this.totals = /** @type {import("../parts/sheet-totals.js").SheetTotals} */ (document.createElement("sheet-totals"));
    this.matrix = /** @type {import("../parts/confusion-matrix.js").ConfusionMatrix} */ (document.createElement("confusion-matrix"));
    this.untested = h("p", { class: "quiet", t: "sheet.untested" });
    this.tested = h("div", { hidden: true }, this.totals, h("h2", { t: "matrix.title" }), this.matrix);
    this.exports = this.#exports();
    this.dialog = this.#dialog();
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "sheet.title" }), h("p", { class: "lede", t: "sheet.about" })),
      h("div", { class: "sheet-columns" },
        h("section", { tLabel: "sheet.list" },
          h("div", { class: "sheet-tools" }, this.search, this.keep.label, this.clear),
          this.status, this.keys, this.table, this.empty, this.further),
        h("aside", { tLabel: "sheet.results" }, h("h2", { t: "sheet.results" }), this.untested, this.tested, this.exports)),
      this.dialog,
    );
    studio.addEventListener("kept", () => this.isConnected && !this.hidden && this.open());
  }

  /** Come into view: what the history says now. */
  async open() {
    await this.#try(async () => {
      const { keep } = await get("/v1/history/settings");
      if (this.keep) this.keep.box.checked = keep;
      await Promise.all([this.#load(false), this.#count()]);
    });
  }

  say() {
    this.body?.replaceChildren(...this.#items.map((item) => this.#row(item)));
  }

  #table() {
    const heads = ["picture", "read", "sure", "truth", "right", "remark", "when"].map((name) => h("th", { scope: "col", t: `sheet.${name}` }));
    return h("table", { class: "sheet" }, h("thead", {}, h("tr", {}, ...heads, h("th", { scope: "col" }, h("span", { class: "unseen", t: "sheet.delete" })))), this.body ?? "");
  }

  #exports() {
    const links = ["csv", "xlsx", "md", "html"].map((kind) => h("a", { href: `/v1/sheet.${kind}`, download: kind === "html" ? false : `calame.${kind}`, class: "button light", target: kind === "html" ? "_blank" : false, t: `sheet.${kind}`, on: { click: inOurLanguage } }));
    return h("div", { class: "exports" }, h("h2", { t: "sheet.export" }), h("div", { class: "row" }, ...links));
  }

  #dialog() {
    const close = () => this.dialog?.close();
    const all = async () => {
      close();
      await this.#try(() => send("/v1/history", "DELETE"));
      await this.open();
    };
    return h("dialog", { "aria-labelledby": "clear-title" },
      h("h2", { id: "clear-title", t: "sheet.clear.title" }), h("p", { t: "sheet.clear.about" }),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button danger", t: "sheet.clear.yes", on: { click: all } }),
        h("button", { type: "button", class: "quietly", t: "sheet.clear.no", on: { click: close } })));
  }

  #type() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#try(() => this.#load(false)), TYPING);
  }

  /** @param {boolean} further rows below, or the first ones again */
  async #load(further) {
    const asked = ++this.#asked;
    const query = new URLSearchParams({ query: this.search?.value ?? "", limit: String(PAGE) });
    if (further) query.set("before", String(this.#items.at(-1)?.id));
    const { items, more } = await get(`/v1/history?${query}`);
    if (asked !== this.#asked) return;
    this.#items = further ? [...this.#items, ...items] : items;
    this.#more = more;
    this.#list();
  }

  #list() {
    this.say();
    if (this.empty) {
      this.empty.hidden = this.#items.length > 0;
      this.empty.dataset.t = this.search?.value ? "sheet.nothing" : "sheet.empty";
      this.empty.textContent = t(this.empty.dataset.t);
    }
    for (const part of [this.keys, this.table]) part?.toggleAttribute("hidden", this.#items.length === 0);
    if (this.further) this.further.hidden = !this.#more;
    this.clear?.toggleAttribute("disabled", this.#items.length === 0);
  }

  async #count() {
    const sheet = await get("/v1/sheet?limit=0");
    this.tested?.toggleAttribute("hidden", sheet.n === 0);
    this.untested?.toggleAttribute("hidden", sheet.n > 0);
    this.exports?.toggleAttribute("hidden", sheet.entries === 0);
    this.totals?.show(sheet);
    this.matrix?.show(sheet.confusion);
  }

  /** @param {Item} item */
  #row(item) {
    const name = t("sheet.row", { id: item.id });
    const row = h("tr", { "data-id": item.id },
      h("td", { class: "sheet-pictures" }, image(item.image, t("sheet.picture.alt")), image(item.prepared, t("sheet.prepared.alt"))),
      labelled("read", h("b", { class: "sheet-digit" }, item.digit === null ? "–" : String(item.digit))),
      labelled("sure", item.digit === null ? t(`reading.rejected.${item.rejected}`) : percent(item.confidence)),
      labelled("truth", this.#truth(item)),
      labelled("right", verdict(item)),
      labelled("remark", h("input", { type: "text", class: "remark", maxlength: 500, placeholder: t("sheet.remark"), value: item.note ?? "", "aria-label": `${t("sheet.remark")} · ${name}`, on: { change: (/** @type {Event} */ event) => this.#note(item, event) } })),
      labelled("when", h("span", { class: "small quiet" }, `${when(item.time)} `, h("span", { class: "file" }, fileName(item.name)), h("span", { class: "model" }, item.model))),
      h("td", { class: "sheet-delete" }, h("button", { type: "button", class: "tool", "aria-label": `${t("sheet.delete")} · ${name}`, on: { click: () => this.#delete(item) } }, icon(ICONS.trash))));
    return row;
  }

  /** One key: a digit says what was drawn and goes on to the next row. */
  #truth(/** @type {Item} */ item) {
    const box = h("input", { type: "text", inputmode: "numeric", autocomplete: "off", placeholder: "?", class: "truth", value: item.truth ?? "", "aria-label": t("sheet.truth.label", { id: item.id }) });
    box.addEventListener("focus", () => box.select());
    box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#beside(box, event.key === "ArrowDown" ? 1 : -1, event);
    });
    box.addEventListener("input", () => {
      const digit = box.value.replace(/\D/g, "").slice(-1);
      box.value = digit;
      this.#correct(item, digit === "" ? null : Number(digit), box);
    });
    return box;
  }

  /**
   * @param {HTMLInputElement} box
   * @param {number} by
   * @param {Event} [event]
   */
  #beside(box, by, event) {
    const all = /** @type {HTMLInputElement[]} */ ([...this.querySelectorAll("input.truth")]);
    event?.preventDefault();
    all[all.indexOf(box) + by]?.focus();
  }

  /**
   * @param {Item} item
   * @param {number | null} truth
   * @param {HTMLInputElement} box
   */
  async #correct(item, truth, box) {
    item.truth = truth;
    box.closest("tr")?.querySelector(".cell-right")?.replaceChildren(verdict(item));
    if (truth !== null) this.#beside(box, 1);
    await this.#try(async () => {
      await send(`/v1/history/${item.id}`, "PATCH", { truth });
      await this.#count();
    });
  }

  /**
   * @param {Item} item
   * @param {Event} event
   */
  async #note(item, event) {
    item.note = /** @type {HTMLInputElement} */ (event.target).value;
    await this.#try(() => send(`/v1/history/${item.id}`, "PATCH", { note: item.note }));
  }

  /** @param {Item} item */
  async #delete(item) {
    const at = this.#items.indexOf(item);
    await this.#try(async () => {
      await send(`/v1/history/${item.id}`, "DELETE");
      this.#items = this.#items.filter((one) => one !== item);
      this.#list();
      const next = this.querySelectorAll(".sheet-delete button")[Math.min(at, this.#items.length - 1)];
      /** @type {HTMLElement | undefined} */ (next ?? this.search)?.focus();
      if (this.status) this.status.textContent = t("sheet.deleted", { id: number(item.id) });
      await this.#count();
    });
  }

  /** @param {() => Promise<unknown>} act */
  async #try(act) {
    try {
      if (this.status) this.status.textContent = "";
      await act();
    } catch (error) {
      if (this.status) this.status.textContent = wordsOf(/** @type {Error} */ (error));
    }
  }
}

/**
 * @param {string} name
 * @param {Node | string} content
 */
function labelled(name, content) {
  return h("td", { class: `cell-${name}`, "data-label": t(`sheet.${name}`) }, content);
}

/**
 * @param {string | null} url
 * @param {string} alt
 */
function image(url, alt) {
  return url ? h("img", { src: url, alt, loading: "lazy", width: 44, height: 44 }) : h("span", { class: "no-image" });
}

/** @param {Item} item */
function verdict(item) {
  if (item.truth === null || item.truth === undefined) return h("span", { class: "quiet" }, "·");
  const right = item.truth === item.digit;
  return h("span", { class: right ? "verdict right" : "verdict wrong" }, h("span", { "aria-hidden": "true" }, right ? "✓" : "✗"), ` ${t(right ? "sheet.is.right" : "sheet.is.wrong")}`);
}

customElements.define("sheet-page", SheetPage);

/**
 * Ask for the page's language, which may not be the browser's.
 * @param {Event} event of a link
 */
function inOurLanguage(event) {
  if (event.currentTarget instanceof HTMLAnchorElement) event.currentTarget.search = `?lang=${document.documentElement.lang}`;
}
