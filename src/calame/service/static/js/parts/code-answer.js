/** <code-answer>: the number, how sure, why it is for a person, what a check would have otherwise, what each reader said. */

import { reasonOf, severalOf } from "../code-rows.js";
import { codes } from "../codes.js";
import { h, Part } from "../dom.js";
import { inRow, known, number, pair, percent, t } from "../words.js";
import { upper, wordsOf } from "./digit-answer.js";

const SPOKEN = 600; // milliseconds of rest before a screen reader is told
const LIKELY = 0.001; // least probable of the other readings that are named
const OTHERS = 4;
const AROUND = 0.5; // of a number's height: what of the page is shown around it
const CROPPED = 1200; // pixels at most that its picture is wide

export class CodeAnswer extends Part {
  #speak = 0;
  /** @type {Error | null} */
  #trouble = null;

  build() {
    this.numbers = h("ol", { class: "code-numbers", tLabel: "codes.numbers" });
    this.crop = h("canvas", { class: "code-crop", "aria-hidden": "true", hidden: true });
    this.field = h("p", { class: "code-of", hidden: true });
    this.text = h("p", { class: "code-text" });
    this.written = h("p", { class: "code-written" });
    this.state = h("p", { class: "code-state" });
    this.reason = h("p", { class: "code-reason" });
    this.perhaps = h("span");
    this.propose = h("p", { class: "code-propose" }, this.perhaps, h("button", { type: "button", class: "button light", t: "codes.propose", on: { click: () => codes.propose() } }));
    this.changes = h("ul", { class: "code-changes" });
    this.others = h("div", { class: "code-others" });
    this.readers = h("div", { class: "code-readers" });
    this.budget = h("p", { class: "small quiet" });
    this.meta = h("p", { class: "small quiet" });
    this.status = h("p", { class: "unseen", role: "status" });
    this.append(this.numbers, this.crop, this.field, this.text, this.written, this.state, this.reason, this.propose, this.changes, this.others, this.readers, this.budget, this.meta, this.status);
    for (const event of ["reading", "look"]) codes.addEventListener(event, () => this.#answered());
    codes.addEventListener("picture", () => this.#sayCrop(codes.number));
    codes.addEventListener("sought", () => this.#sayPropose());
    codes.addEventListener("waiting", () => this.classList.add("waiting"));
    codes.addEventListener("settled", () => this.#later());
    codes.addEventListener("failed", (event) => this.#fail(/** @type {CustomEvent} */ (event).detail));
  }

  #answered() {
    this.#trouble = null;
    this.say();
  }

  /** @param {Error} error */
  #fail(error) {
    this.#trouble = error;
    this.say();
    if (this.status) this.status.textContent = wordsOf(error);
  }

  say() {
    const one = codes.number;
    this.classList.remove("waiting");
    this.classList.toggle("empty", !one);
    this.classList.toggle("refused", one !== null && one.state !== "accepted");
    this.#sayNumbers();
    this.#sayCrop(one);
    this.#sayField();
    this.#sayText(one);
    this.#sayPropose();
    this.#sayChanges(one);
    this.#sayOthers(one);
    this.#sayReaders(one);
    this.#sayPrice();
  }

  /** Of a form the name of the field; a drawing is none. */
  #sayField() {
    const name = codes.source?.kind === "import" ? codes.field.name : "";
    this.field?.toggleAttribute("hidden", !name);
    if (this.field) this.field.textContent = name;
  }

  #sayNumbers() {
    const all = codes.told?.numbers ?? [];
    this.numbers?.toggleAttribute("hidden", all.length < 2);
    this.numbers?.replaceChildren(...all.map((one, place) => h("li", {}, h("button", {
      type: "button", class: `code-choice ${one.state}`, title: t(`codes.state.${one.state}`), "aria-pressed": String(one === codes.number), on: { click: () => codes.look(place) },
    }, one.text ?? one.guess ?? "–"))));
  }

  /**
   * Of several numbers the one that is looked at, large: on the page below it is a few pixels high. Of one that a person adds all of the page.
   * @param {import("../api.js").Code | null} one
   */
  #sayCrop(one) {
    const [canvas, source, size] = [this.crop, codes.source?.picture(), codes.told?.size];
    if (!canvas) return;
    const box = codes.adds && size ? [0, 0, ...size] : codes.numbers.length > 1 && one?.box;
    canvas.hidden = !(source && size && box);
    canvas.classList.toggle("whole", codes.adds);
    if (!source || !size || !box) return;
    const margin = AROUND * (box[3] - box[1]);
    const [left, top] = [Math.max(0, box[0] - margin), Math.max(0, box[1] - margin)];
    const [width, height] = [Math.min(size[0], box[2] + margin) - left, Math.min(size[1], box[3] + margin) - top];
    const scale = Math.min(1, CROPPED / width);
    [canvas.width, canvas.height] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
    canvas.getContext("2d")?.drawImage(source, -left * scale, -top * scale, size[0] * scale, size[1] * scale);
  }

  /** @param {import("../api.js").Code | null} one */
  #sayText(one) {
    const { text, written, state, reason } = /** @type {Record<string, HTMLElement>} */ (/** @type {unknown} */ (this));
    const shown = one ? one.text ?? one.guess : null;
    text.replaceChildren(...(one && shown ? marked(one, shown) : []));
    text.classList.toggle("long", (shown?.length ?? 0) > 10);
    text.hidden = !shown && Boolean(one || this.#trouble || codes.adds);
    written.textContent = one?.written ? t("codes.written", { written: one.written }) : "";
    written.hidden = !one?.written;
    const none = this.#trouble ? t("answer.refused") : codes.adds ? t("codes.adds") : codes.told?.numbers ? t("codes.none") : t(codes.source && codes.source.kind !== "draw" ? "answer.waiting" : "codes.nothing");
    state.replaceChildren(...(one ? [h("b", { class: `code-badge ${one.state}` }, t(`codes.state.${one.state}`)), shown ? ` ${t("codes.sure", { sure: percent(one.confidence) })}` : ""] : [none]));
    reason.textContent = this.#trouble ? wordsOf(this.#trouble) : one?.reason ? `${upper(reasonOf(one))}${one.failed.length ? ` (${one.failed.join(", ")})` : ""}` : "";
    reason.hidden = !reason.textContent;
  }

  #sayPropose() {
    const why = codes.several ? "" : severalOf(codes.told);
    this.propose?.toggleAttribute("hidden", !why);
    if (this.perhaps) this.perhaps.textContent = why && t(`codes.propose.${why}`);
  }

  /** @param {import("../api.js").Code | null} one what would have to be otherwise: in plain sight, and no answer */
  #sayChanges(one) {
    const changes = one?.changes ?? [];
    this.changes?.toggleAttribute("hidden", changes.length === 0);
    this.changes?.replaceChildren(...changes.map(({ place, read, instead }) => h("li", {},
      h("span", {}, t("codes.place", { place: place + 1 })), h("del", {}, read || "–"), h("span", { "aria-hidden": "true" }, "→"), h("ins", {}, instead || "–"))));
  }

  /** @param {import("../api.js").Code | null} one */
  #sayOthers(one) {
    const others = (one?.alternatives ?? []).filter(([, share]) => share >= LIKELY).slice(0, OTHERS);
    this.others?.toggleAttribute("hidden", others.length === 0);
    this.others?.replaceChildren(h("h3", {}, t("codes.others")), h("ol", {}, ...others.map(([other, share]) => h("li", {}, h("b", {}, other), ` ${percent(share)}`))));
  }

  /** @param {import("../api.js").Code | null} one */
  #sayReaders(one) {
    const readers = one?.readers ?? [];
    this.readers?.toggleAttribute("hidden", readers.length === 0);
    const verdict = one && readers.length > 1 ? h("p", ...verdictOn(one)) : null;
    this.readers?.replaceChildren(h("h3", {}, t(readers.length > 1 ? "codes.readers" : "codes.reader")),
      h("dl", {}, ...readers.map(({ reader, name, text, confidence }) => h("div", {}, h("dt", {}, upper(calledOf({ reader, name }))), h("dd", {}, h("b", {}, text || "–"), ` ${percent(confidence)}`)))), verdict ?? "");
  }

  #sayPrice() {
    const { told } = codes;
    const { budget, meta } = /** @type {Record<string, HTMLElement>} */ (/** @type {unknown} */ (this));
    budget.hidden = !told?.budget;
    if (told?.budget) {
      const { refused, bound, count, kind } = told.budget;
      budget.textContent = t("codes.budget", { refused: percent(refused, 0), bound: percent(bound, 2), count: number(count), kind: known(`codes.kind.${kind}`) ? t(`codes.kind.${kind}`) : kind });
    }
    meta.textContent = told ? t("answer.meta", { model: told.model, time: number(told.milliseconds.decode + told.milliseconds.read, 0) }) : "";
  }

  #later() {
    clearTimeout(this.#speak);
    this.#speak = window.setTimeout(() => {
      const one = codes.number;
      const shown = one?.text ?? one?.guess ?? "";
      if (this.status) this.status.textContent = one ? `${pair(t(`codes.state.${one.state}`), [...shown].join(" "))}. ${reasonOf(one)}` : "";
    }, SPOKEN);
  }
}

/**
 * The digits, those that a check would have otherwise marked.
 * @param {import("../api.js").Code} one
 * @param {string} shown
 */
function marked(one, shown) {
  const changed = new Set(one.changes.map((change) => change.place));
  return [...shown].map((digit, place) => (changed.has(place) ? h("mark", {}, digit) : h("span", {}, digit)));
}

/** @param {{ reader: string, name: string }} reader @returns {string} what it is called in the language of now */
const calledOf = ({ reader, name }) => (known(`reading.reader.${reader}`) ? t(`reading.reader.${reader}`) : name);

/**
 * What the two readers together mean, which is never other than what the number's state says: a look is asked for only
 * where the number is to be checked.
 * @param {import("../api.js").Code} one
 * @returns {[{ class: string }, string]}
 */
function verdictOn({ readers, state, text, confidence }) {
  if (readers.every((reader) => !reader.text)) return [{ class: "verdict quiet" }, t("codes.agree.nothing")]; // that is no sign of being right
  if (readers.every((reader) => reader.text === readers[0].text)) return [{ class: "verdict right" }, t("codes.agree")];
  if (state !== "accepted") return [{ class: "verdict wrong" }, t("codes.differ")];
  const others = readers.filter((reader) => reader.text !== text).map((reader) =>
    t("codes.differ.one", { name: calledOf(reader), text: reader.text || t("codes.differ.nothing"), share: percent(reader.confidence) }));
  return [{ class: "verdict quiet" }, t("codes.differ.counted", { others: inRow(others), sure: percent(confidence) })];
}

customElements.define("code-answer", CodeAnswer);
