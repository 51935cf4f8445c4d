/** <run-table>: every run that is kept, to be compared: what it was given, what came out; drawn with, looked at, deleted. */

import { h, icon, Part } from "../dom.js";
import { ICONS } from "../icons.js";
import { training } from "../training.js";
import { number, percent, spoken, t } from "../words.js";
import { wordsOf } from "./digit-answer.js";

/** @typedef {import("../training.js").Row} Row */

const COLUMNS = ["run", "network", "parameters", "images", "epochs", "seconds", "validation", "test", "seed"];

/** Says "draw" with a model's name, "look" with a run's number. */
export class RunTable extends Part {
  /** @type {Row | null} */
  #doomed = null;

  build() {
    this.body = h("tbody");
    const heads = COLUMNS.map((name) => h("th", { scope: "col", class: `run-${name}`, t: `train.col.${name}` }));
    this.table = h("table", { class: "runs" }, h("thead", {}, h("tr", {}, ...heads, h("th", { scope: "col" }, h("span", { class: "unseen", t: "train.col.act" })))), this.body);
    this.empty = h("p", { class: "quiet", t: "train.none" });
    this.word = h("p", { class: "small", role: "status" });
    this.sentence = h("p", {});
    const close = () => this.dialog?.close();
    this.dialog = h("dialog", { "aria-labelledby": "doom-title" },
      h("h2", { id: "doom-title", t: "train.delete.title" }), this.sentence,
      h("div", { class: "row" },
        h("button", { type: "button", class: "button danger", t: "train.delete.yes", on: { click: () => (close(), this.#delete()) } }),
        h("button", { type: "button", class: "quietly", t: "train.delete.no", on: { click: close } })));
    this.about = h("p", { class: "small quiet", t: "train.runs.about" });
    this.append(this.word, this.empty, this.table, this.about, this.dialog);
    training.addEventListener("overview", () => this.say());
    training.addEventListener("event", (event) => /** @type {CustomEvent} */ (event).detail === "" && this.#mark());
  }

  say() {
    const runs = training.overview?.runs ?? [];
    this.empty?.toggleAttribute("hidden", runs.length > 0);
    for (const part of [this.table, this.about]) part?.toggleAttribute("hidden", runs.length === 0);
    const best = (/** @type {"val_accuracy" | "test_accuracy"} */ name) => Math.max(...runs.map((one) => one[name] ?? 0));
    const most = { val_accuracy: best("val_accuracy"), test_accuracy: best("test_accuracy") };
    this.body?.replaceChildren(...runs.map((run) => this.#row(run, most)));
    this.#mark();
  }

  /**
   * @param {Row} run
   * @param {{ val_accuracy: number, test_accuracy: number }} most
   */
  #row(run, most) {
    const name = t("train.run", { id: number(run.id) });
    const share = (/** @type {number | undefined} */ value, /** @type {number} */ top) => (value === undefined ? "–" : value === top && (training.overview?.runs.length ?? 0) > 1 ? h("b", { title: t("train.best") }, percent(value, 2), h("span", { class: "unseen" }, ` ${t("train.best")}`)) : percent(value, 2));
    const row = h("tr", { "data-id": run.id },
      h("th", { scope: "row", class: "run-run" }, number(run.id)),
      cell("network", h("span", { class: "run-name" }, networkName(run.network)), h("span", { class: "small quiet run-how" }, how(run))),
      cell("parameters", number(run.parameters)),
      cell("images", number(run.learn ?? run.images)),
      cell("epochs", run.epochs_done === undefined ? number(run.epochs) : t("train.epochs.done", { done: number(run.epochs_done), epochs: number(run.epochs) })),
      cell("seconds", run.seconds === undefined ? "–" : number(run.seconds)),
      cell("validation", share(run.val_accuracy, most.val_accuracy)),
      cell("test", share(run.test_accuracy, most.test_accuracy)),
      cell("seed", String(run.seed)),
      h("td", { class: "run-act" }, ...this.#acts(run, name)));
    return row;
  }

  /**
   * @param {Row} run
   * @param {string} name
   */
  #acts(run, name) {
    const say = (/** @type {string} */ what, /** @type {unknown} */ detail) => () => this.dispatchEvent(new CustomEvent(what, { detail }));
    const named = (/** @type {string} */ key) => `${t(key)} · ${name}`;
    return [
      run.model ? h("button", { type: "button", class: "quietly", "aria-label": named("train.draw"), on: { click: say("draw", run.model) } }, t("train.draw")) : null,
      h("button", { type: "button", class: "quietly run-look", "aria-label": named("train.look"), "aria-pressed": "false", on: { click: say("look", run.id) } }, t("train.look")),
      run.state === "running" ? null : h("button", { type: "button", class: "tool", "aria-label": named("train.delete"), title: t("train.delete"), on: { click: () => this.#ask(run) } }, icon(ICONS.trash)),
    ].filter((one) => one !== null);
  }

  /** Say which run's curves are shown above. */
  #mark() {
    for (const row of this.body?.children ?? []) {
      const on = Number(/** @type {HTMLElement} */ (row).dataset.id) === training.watched?.id;
      row.toggleAttribute("data-on", on);
      row.querySelector(".run-look")?.setAttribute("aria-pressed", String(on));
    }
  }

  /** @param {Row} run */
  #ask(run) {
    this.#doomed = run;
    if (this.sentence) this.sentence.textContent = t(run.model ? "train.delete.about" : "train.delete.bare", { id: number(run.id), model: run.model ?? "" });
    this.dialog?.showModal();
  }

  async #delete() {
    const run = this.#doomed;
    if (!run || !this.word) return;
    try {
      await training.delete(run.id);
      this.word.textContent = t("train.deleted", { id: number(run.id) });
      this.dispatchEvent(new Event("deleted"));
    } catch (error) {
      this.word.textContent = wordsOf(/** @type {Error} */ (error));
    }
    /** @type {HTMLElement | null} */ (this.querySelector(".run-act button"))?.focus();
  }
}

/**
 * @param {string} name
 * @param {...(Node | string)} content
 */
function cell(name, ...content) {
  return h("td", { class: `run-${name}`, "data-label": t(`train.col.${name}`) }, ...content);
}

/** @param {string} network @returns {string} */
const networkName = (network) => (/^[a-z-]+$/.test(network) ? network : t("train.network.own"));

/** @param {Row} run what else was asked, and how it ended when not as planned */
function how(run) {
  const own = networkName(run.network) === run.network ? "" : run.network || t("train.stack.bare");
  const augmented = run.augment ? t("train.augmented") : "";
  const rate = t("train.rate.short", { rate: String(run.rate).replace(".", spoken() === "fr" ? "," : ".") });
  const state = run.state === "done" ? "" : t(`train.ended.${run.state}`);
  return [own, rate, augmented, state].filter(Boolean).join(" · ");
}

customElements.define("run-table", RunTable);
