/** <pictures-page>: what is on a photo: a pile of them, the one that is looked at, its five classes, and why. */

import { call, get, Problem } from "../api.js";
import { h, Part, toggle } from "../dom.js";
import "../parts/photo-camera.js";
import "../parts/photo-view.js";
import { wordsOf } from "../parts/digit-answer.js";
import { number, percent, spoken, t } from "../words.js";

/**
 * @typedef {import("../parts/photo-view.js").Why} Why
 * @typedef {{ label: string, name: string, probability: number }} Guess the name is in the language asked for; one's own classes have any
 * @typedef {{ predictions: Guess[], rejected: string | null, reason: string | null, model: string, why?: Why }} Seen
 * @typedef {{ file: File, url: string, name: string, seen: Seen | null, error: (() => string) | null, language: string, whys: Map<string, Why>, item: HTMLElement }} Entry
 */

const MISSING = "no_weights";

export class PicturesPage extends Part {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Entry | null} */
  #chosen = null;
  /** @type {string | null} the class whose places are shown, "" for the best */
  #why = null;
  #model = "";
  #waiting = Promise.resolve();
  #asked = 0; // of the maps asked for, the last alone is shown

  build() {
    this.missing = h("section", { class: "pics-missing", role: "alert", hidden: true },
      h("h2", { t: "pics.missing" }), h("p", { t: "pics.missing.about" }), this.command = h("pre"),
      h("div", { class: "row" }, h("button", { type: "button", class: "button light", t: "again", on: { click: () => this.#again() } })));
    this.select = h("select", { on: { change: () => this.#choose(this.select?.value ?? "") } });
    this.models = h("label", { class: "pics-model", hidden: true }, h("span", { t: "pics.model" }), this.select);
    this.view = /** @type {import("../parts/photo-view.js").PhotoView} */ (document.createElement("photo-view"));
    const why = toggle("pics.why", (on) => this.#explain(on ? "" : null));
    this.whyBox = why.box;
    this.whyLabel = why.label;
    this.append(
      h("header", { class: "page-head" }, h("h1", { t: "pics.title" }), h("p", { class: "lede", t: "pics.about" })),
      this.missing,
      h("div", { class: "pics" }, this.#pile(), section("pics.photo.title", this.view), this.#answer()),
    );
  }

  #pile() {
    this.input = h("input", { type: "file", multiple: true, accept: "image/*,.tif,.tiff", id: "photos", class: "unseen", on: { change: () => this.take([...(this.input?.files ?? [])]) } });
    this.zone = h("div", { class: "drop" }, this.input, h("label", { for: "photos", class: "button", t: "pics.choose" }), h("p", { class: "small quiet", t: "pics.drop" }));
    this.camera = document.createElement("photo-camera");
    this.camera.addEventListener("photo", (event) => this.take([/** @type {CustomEvent} */ (event).detail]));
    this.status = h("p", { class: "small quiet", role: "status" });
    this.bar = h("progress", { max: 1, value: 0, hidden: true, tLabel: "pics.progress" });
    this.clear = h("button", { type: "button", class: "quietly", t: "import.clear", hidden: true, on: { click: () => this.#clear() } });
    this.list = h("ol", { class: "pics-list" });
    for (const event of ["dragenter", "dragover"]) document.addEventListener(event, () => this.zone?.classList.add("over"));
    for (const event of ["dragleave", "drop"]) document.addEventListener(event, () => this.zone?.classList.remove("over"));
    const pile = section("pics.pile", this.zone, this.camera, this.bar, h("div", { class: "import-head" }, this.status, this.clear), this.list);
    pile.classList.add("pics-pile");
    return pile;
  }

  #answer() {
    this.best = h("p", { class: "pics-best none" }, "–");
    this.sure = h("p", { class: "pics-sure" });
    this.reason = h("p", { class: "pics-reason", hidden: true });
    this.bars = h("ol", { class: "pics-bars", tLabel: "pics.bars" });
    this.note = h("p", { class: "small quiet", t: "pics.note" });
    const made = section("pics.answer", h("div", { "aria-live": "polite" }, this.best, this.sure, this.reason), this.bars, this.whyLabel ?? null, this.note);
    made.querySelector(".plate")?.append(this.models ?? "");
    return made;
  }

  async open() {
    const { models, command } = await get("/v1/images/models");
    /** @type {HTMLElement} */ (this.command).textContent = command ?? "";
    /** @type {HTMLElement} */ (this.missing).hidden = models.length > 0;
    /** @type {HTMLElement} */ (this.models).hidden = models.length < 2;
    this.select?.replaceChildren(...models.map((/** @type {string} */ name) => h("option", { value: name, ...(name === this.#model && { selected: true }) }, name)));
    this.#model ||= models[0] ?? "";
    this.say();
  }

  say() {
    for (const entry of this.#entries) this.#label(entry);
    this.#count();
    this.#tell();
    this.#translate();
  }

  /** Ask again for what was told in another language; what failed is told anew by the page. */
  #translate() {
    const others = this.#entries.filter((entry) => entry.language !== spoken() && (entry.seen || !entry.error));
    for (const entry of others) {
      entry.language = spoken();
      entry.whys.clear();
    }
    if (others.length) this.#read(others);
  }

  /** @param {File[]} files chosen, dropped, pasted or taken */
  take(files) {
    if (this.input) this.input.value = "";
    const entries = files.map((file) => this.#enter(file));
    this.#count();
    if (entries.length) this.#open(entries[0]);
    return this.#read(entries);
  }

  /** @param {Entry[]} entries are read one after another, so that each answer comes as soon as it can */
  #read(entries) {
    this.#waiting = this.#waiting.then(async () => {
      for (const entry of entries) if (this.#entries.includes(entry)) await this.#one(entry);
    });
    return this.#waiting;
  }

  /** @param {Entry} entry */
  async #one(entry) {
    entry.language = spoken();
    try {
      entry.seen = await this.#ask(entry, null);
      entry.error = null;
      /** @type {HTMLElement} */ (this.missing).hidden = true;
    } catch (error) {
      entry.error = () => wordsOf(/** @type {Error} */ (error));
      if (error instanceof Problem && error.code === MISSING) {
        entry.error = () => t("pics.missing"); // the rest stands above, once
        /** @type {HTMLElement} */ (this.missing).hidden = false;
        /** @type {HTMLElement} */ (this.command).textContent = error.command;
      }
    }
    this.#label(entry);
    this.#count();
    if (entry !== this.#chosen) return;
    this.#tell();
    const still = entry.seen?.predictions.some(({ label }) => label === this.#why);
    this.#explain(still ? this.#why : this.#why && "");
  }

  /**
   * @param {Entry} entry
   * @param {string | null} why
   * @returns {Promise<Seen>}
   */
  async #ask(entry, why) {
    const query = new URLSearchParams(this.#model ? { model: this.#model } : {});
    if (why !== null) query.set("why", why);
    const body = new FormData();
    body.append("image", entry.file, entry.name);
    return (await call(`/v1/images?${query}`, { method: "POST", body })).json();
  }

  /** @param {File} file */
  #enter(file) {
    const url = URL.createObjectURL(file);
    const picture = h("img", { src: url, alt: "" });
    picture.addEventListener("error", () => picture.classList.add("unshown"));
    /** @type {Entry} */
    const entry = { file, url, name: file.name, seen: null, error: null, language: spoken(), whys: new Map(), item: h("li") };
    entry.item.append(h("button", { type: "button", class: "pics-one", on: { click: () => this.#pick(entry) } }, picture, h("span", { class: "pics-label" }), h("span", { class: "pics-name" }, file.name)));
    this.#entries.push(entry);
    this.list?.append(entry.item);
    this.#label(entry);
    return entry;
  }

  /** @param {Entry} entry */
  #label({ item, seen, error }) {
    const label = /** @type {HTMLElement} */ (item.querySelector(".pics-label"));
    item.classList.toggle("failed", Boolean(error));
    const best = seen?.predictions[0];
    label.textContent = error?.() || (seen?.rejected ? seen.reason : best ? `${best.name} · ${percent(best.probability, 0)}` : t("pics.looking"));
  }

  #count() {
    const { status, bar, clear } = this;
    if (!status || !bar || !clear) return;
    const done = this.#entries.filter((entry) => entry.seen || entry.error).length;
    const [count, failed] = [this.#entries.length, this.#entries.filter((entry) => entry.error && !entry.seen).length];
    const said = [t("pics.done", { done: number(done), count: number(count) }), failed ? t("pics.failed", { failed: number(failed) }) : ""];
    status.textContent = count ? said.filter(Boolean).join(" · ") : "";
    [bar.hidden, bar.value, bar.max] = [done === count, done, Math.max(count, 1)];
    clear.hidden = count === 0;
  }

  /** @param {Entry} entry chosen by hand: where the photo lies below the pile, go there */
  #pick(entry) {
    this.#open(entry);
    if (matchMedia("(max-width: 45.99rem)").matches) this.view?.parentElement?.scrollIntoView({ block: "start" });
  }

  /** @param {Entry} entry */
  #open(entry) {
    this.#chosen = entry;
    for (const one of this.#entries) one.item.firstElementChild?.setAttribute("aria-current", String(one === entry));
    this.#tell();
    this.#explain(this.#why === null ? null : "");
  }

  /** Say the answer of the chosen photo. */
  #tell() {
    const { best, sure, reason, bars, whyLabel } = this;
    if (!best || !sure || !reason || !bars || !whyLabel) return;
    const seen = this.#chosen?.seen;
    const first = seen?.predictions[0];
    best.classList.toggle("none", !first || Boolean(seen?.rejected));
    best.textContent = first ? (seen.rejected ? seen.reason : first.name) : this.#chosen && !this.#chosen.error ? "…" : "–";
    sure.textContent = first ? seen.rejected ? t("pics.nearest", { label: first.name }) : t("pics.sure", { share: percent(first.probability) }) : this.#chosen ? "" : t("pics.nothing");
    [reason.hidden, reason.textContent] = [!this.#chosen?.error, this.#chosen?.error?.() ?? ""];
    whyLabel.hidden = !first;
    if (this.note) this.note.hidden = !first;
    bars.replaceChildren(...(seen?.predictions ?? []).map((one) => this.#bar(one)));
    if (!this.#chosen) this.view?.show(null);
  }

  /** @param {Guess} one */
  #bar({ label, name, probability }) {
    const line = h("span", { class: "pics-line", "aria-hidden": "true" });
    line.style.setProperty("--share", String(probability));
    const pressed = this.#why !== null && (this.#why || this.#chosen?.seen?.predictions[0].label) === label;
    const button = h("button", { type: "button", class: "pics-bar", "aria-pressed": String(pressed), on: { click: () => this.#explain(label) } },
      h("span", { class: "pics-bar-label" }, name), h("span", { class: "pics-bar-share" }, percent(probability)), line);
    button.title = t("pics.show", { label: name });
    return h("li", {}, button);
  }

  /** @param {string | null} label the class whose places are shown; "" for the best, null for none */
  async #explain(label) {
    this.#why = label;
    const [entry, asked] = [this.#chosen, ++this.#asked];
    if (this.whyBox) this.whyBox.checked = label !== null;
    if (!entry) return;
    const wanted = label || entry.seen?.predictions[0].label || "";
    for (const [place, bar] of [...(this.bars?.querySelectorAll("button") ?? [])].entries()) {
      bar.setAttribute("aria-pressed", String(label !== null && entry.seen?.predictions[place].label === wanted));
    }
    if (label === null || !entry.seen) return this.view?.show(entry);
    try {
      const language = spoken();
      const why = entry.whys.get(wanted) ?? (await this.#ask(entry, wanted)).why;
      if (why && language === spoken()) entry.whys.set(wanted, why);
      if (asked === this.#asked && why) this.view?.show(entry, why);
    } catch (error) {
      entry.error = () => wordsOf(/** @type {Error} */ (error));
      this.#tell();
    }
  }

  /** @param {string} model */
  async #choose(model) {
    this.#model = model;
    for (const entry of this.#entries) {
      [entry.seen, entry.error] = [null, null];
      entry.whys.clear();
      this.#label(entry);
    }
    this.#tell();
    await this.#read(this.#entries);
  }

  async #again() {
    await this.open();
    await this.#read(this.#entries.filter((entry) => entry.error));
  }

  #clear() {
    for (const entry of this.#entries) URL.revokeObjectURL(entry.url);
    this.#entries = [];
    this.#chosen = null;
    this.list?.replaceChildren();
    this.say();
    this.input?.focus();
  }
}

/**
 * @param {string} title
 * @param {...(Node | null)} children
 */
function section(title, ...children) {
  const id = title.replaceAll(".", "-");
  return h("section", { "aria-labelledby": id }, h("div", { class: "plate" }, h("h2", { id, t: title })), ...children);
}

customElements.define("pictures-page", PicturesPage);
