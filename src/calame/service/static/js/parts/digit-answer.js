/** <digit-answer>: the digit, how sure, the ten probabilities, the runners-up, the reason, the quality. */

import { Problem } from "../api.js";
import { h, Part } from "../dom.js";
import { studio } from "../studio.js";
import { known, number, percent, spoken, t } from "../words.js";

const DIGITS = [...Array(10).keys()];
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const ARRIVING = [{ opacity: 0.2, translate: "0 0.03em" }, { opacity: 1, translate: "0 0" }];
const NUMBERED = /^\S+ \d+\s?: /; // "picture 3: ", which the place of the words says better
const SURE = 0.9; // below this confidence, a person is asked to look again, as `calame read` does
const LIKELY = 0.01; // what is named then: each of the three most probable that has more than this
const SPOKEN = 600; // milliseconds of rest before a screen reader is told

export class DigitAnswer extends Part {
  #speak = 0;
  /** @type {Error | null} why there is no answer to what is on the paper now */
  #trouble = null;

  build() {
    this.digit = h("p", { class: "answer-digit", "aria-hidden": "true" });
    this.sure = h("p", { class: "answer-sure" });
    this.check = h("p", { class: "answer-check" });
    this.reason = h("p", { class: "answer-reason" });
    this.top = h("ol", { class: "answer-top", tLabel: "answer.top" });
    this.bars = h("ol", { class: "bars", tLabel: "answer.bars" }, ...DIGITS.map(bar));
    this.quality = h("div", { class: "quality" });
    this.meta = h("p", { class: "small quiet answer-meta" });
    this.sample = h("button", { type: "button", class: "quietly answer-sample", t: "answer.sample", on: { click: () => this.dispatchEvent(new Event("sample", { bubbles: true })) } });
    this.echo = document.querySelector("#echo"); // beside the paper, where a phone shows no more
    this.status = h("p", { class: "unseen", role: "status" });
    this.append(
      h("div", { class: "answer-head" }, this.digit, h("div", { class: "answer-words" }, this.sure, this.check, this.reason, this.top, this.sample)),
      this.bars, this.quality, this.meta, this.#correction(), this.status,
    );
    studio.addEventListener("reading", () => this.#answered());
    studio.addEventListener("waiting", () => this.#wait());
    studio.addEventListener("kept", () => this.#mark());
    studio.addEventListener("unkept", () => this.kept && (this.kept.textContent = t("answer.unkept")));
    studio.addEventListener("source", () => this.#mark());
    studio.addEventListener("settled", () => this.#later());
    studio.addEventListener("failed", (event) => this.#fail(/** @type {CustomEvent} */ (event).detail));
  }

  #correction() {
    this.choices = DIGITS.map((digit) =>
      h("button", { type: "button", class: "digit-key", "aria-pressed": "false", on: { click: () => this.#correct(digit) } }, String(digit)),
    );
    this.kept = h("p", { class: "small quiet kept" });
    return h("fieldset", { class: "correct" }, h("legend", { t: "answer.correct" }), h("div", { class: "digit-keys" }, ...this.choices), this.kept);
  }

  /** @param {number} digit */
  #correct(digit) {
    if (!studio.reading) return;
    studio.correct(studio.source?.id && studio.source.truth === digit ? null : digit).catch((error) => this.#fail(error));
  }

  #wait() {
    this.classList.add("waiting");
    if (this.sure && !studio.reading) this.sure.textContent = t("answer.waiting");
    this.sample?.toggleAttribute("hidden", true);
  }

  #answered() {
    this.#trouble = null;
    this.say();
  }

  say() {
    const reading = studio.reading;
    this.classList.toggle("empty", !reading);
    this.classList.toggle("failed", Boolean(this.#trouble));
    this.classList.toggle("refused", Boolean(reading && reading.digit === null));
    this.classList.remove("waiting");
    this.#sayDigit(reading);
    this.#sayBars(reading);
    this.#sayQuality(reading);
    this.#mark();
  }

  /** @param {import("../api.js").Reading | null} reading */
  #sayDigit(reading) {
    const { digit, sure, check, reason, top, meta, sample } = /** @type {Record<string, HTMLElement>} */ (/** @type {unknown} */ (this));
    const none = reading || this.#trouble ? "answer.refused" : "answer.nothing";
    const shown = reading ? String(reading.digit ?? "–") : "";
    if (shown && shown !== digit.textContent && !STILL.matches) digit.animate(ARRIVING, { duration: 140, easing: "ease-out" });
    digit.textContent = shown;
    sure.textContent = reading && reading.digit !== null ? t("answer.sure", { sure: percent(reading.confidence) }) : t(none);
    check.textContent = checkOf(reading);
    check.hidden = !check.textContent;
    reason.textContent = this.#trouble ? `${wordsOf(this.#trouble)}${passes(this.#trouble) ? ` ${t("answer.again")}` : ""}` : reading?.rejected ? reasonOf(reading) : "";
    if (reading?.rejected === SEVERAL && !this.#trouble) reason.append(" ", h("a", { href: "#/codes" }, t("answer.to_codes")));
    reason.hidden = !reason.textContent;
    sample.hidden = Boolean(reading || this.#trouble);
    if (this.echo) this.echo.textContent = reading && reading.digit !== null ? `${reading.digit} · ${percent(reading.confidence)}` : reading ? "–" : "";
    top.replaceChildren(...(reading && !shapeless(reading) ? reading.top.slice(0, 3) : []).map(([one, share]) => h("li", {}, h("b", {}, String(one)), ` ${percent(share)}`)));
    top.hidden = top.childElementCount === 0;
    meta.textContent = reading ? t("answer.meta", { model: reading.model, time: number(spent(reading), 1) }) : "";
  }

  /** @param {import("../api.js").Reading | null} reading */
  #sayBars(reading) {
    const shares = reading && !shapeless(reading) ? reading.probabilities : null;
    const best = shares ? shares.indexOf(Math.max(...shares)) : -1;
    for (const [digit, item] of [.../** @type {HTMLElement} */ (this.bars).children].entries()) {
      const share = shares?.[digit] ?? 0;
      /** @type {HTMLElement} */ (item).style.setProperty("--share", String(share));
      item.classList.toggle("best", digit === best);
      /** @type {Element} */ (item.querySelector(".bar-share")).textContent = shares ? percent(share) : "";
    }
  }

  /** @param {import("../api.js").Reading | null} reading beneath a refusal, what is good about the picture is said without colour */
  #sayQuality(reading) {
    const box = /** @type {HTMLElement} */ (this.quality);
    const quality = reading?.quality ?? null;
    box.hidden = !quality;
    if (!quality) return;
    const parts = /** @type {const} */ (["contrast", "size", "aspect", "sharpness"]);
    const list = parts.map((part) => h("div", {}, h("dt", {}, t(`quality.${part}`)), h("dd", {}, number(quality[part] * 100))));
    box.replaceChildren(
      h("p", {}, h("span", { class: `badge ${quality.level}` }, t(reading?.digit === null ? "answer.quality.refused" : "answer.quality", { level: t(`reading.quality.${quality.level}`) })), ` ${upper(quality.words ?? "")}`),
      h("dl", {}, ...list),
    );
  }

  #mark() {
    const source = studio.source;
    for (const [digit, key] of (this.choices ?? []).entries()) {
      key.setAttribute("aria-pressed", String(source?.truth === digit));
      key.toggleAttribute("disabled", !studio.reading);
      key.setAttribute("aria-label", t("answer.truth", { digit }));
    }
    if (this.kept) this.kept.textContent = source?.id ? t(source.truth == null ? "answer.kept" : "answer.corrected", { id: source.id, digit: source.truth ?? "" }) : "";
  }

  #later() {
    clearTimeout(this.#speak);
    this.#speak = window.setTimeout(() => {
      const reading = studio.reading;
      const status = /** @type {HTMLElement} */ (this.status);
      if (!reading) status.textContent = "";
      else if (reading.digit === null) status.textContent = `${t("answer.refused")} ${upper(reasonOf(reading))}`;
      else status.textContent = `${t("answer.spoken", { digit: reading.digit, sure: percent(reading.confidence) })} ${checkOf(reading)}`.trimEnd();
    }, SPOKEN);
  }

  /** @param {Error} error */
  #fail(error) {
    this.#trouble = error;
    this.say();
    /** @type {HTMLElement} */ (this.status).textContent = wordsOf(error);
  }
}

/** @param {string} words */
export const upper = (words) => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

/** @param {Error} error what to say of it: a sentence */
export function wordsOf(error) {
  if (error instanceof TypeError) return t("offline");
  const told = (error instanceof Problem && error.details[spoken()]) || error.message;
  const said = told.replace(NUMBERED, "").replace(/[^.!?…]$/, "$&.").replace(/\d{5,}/g, (digits) => number(Number(digits)));
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}`;
}

/** @param {Error} error @returns {boolean} whether the studio asks again by itself */
const passes = (error) => error instanceof TypeError || (error instanceof Problem && error.again !== null);

/** @param {number} digit */
function bar(digit) {
  return h("li", {}, h("span", { class: "bar-share" }), h("span", { class: "bar", "aria-hidden": "true" }), h("span", { class: "bar-digit" }, String(digit)));
}

const SEVERAL = "several_digits";

/** @param {import("../api.js").Reading} reading no network was asked, or it saw one digit of several */
const shapeless = (reading) => reading.prepared === null || reading.rejected === SEVERAL;

/** @param {import("../api.js").Reading} reading milliseconds of reading it, without drawing steps and maps */
function spent({ milliseconds: { decode, prepare, network } }) {
  return decode + prepare + network;
}

/** @param {import("../api.js").Reading | null} reading @returns {string} what else an answer may be that is not sure; empty for one that is */
export function checkOf(reading) {
  if (!reading || reading.digit === null || reading.confidence >= SURE) return "";
  const likely = reading.top.slice(0, 3).filter(([, share]) => share > LIKELY);
  return t("answer.check", { digits: likely.map(([digit]) => digit).join(t("answer.or")) });
}

/** @param {{ reason?: string | null, rejected: string | null }} reading @returns {string} in the language of now, whichever it was read in */
export function reasonOf({ reason, rejected }) {
  const key = `reading.rejected.${rejected}`;
  return reason && !known(key) ? reason : t(key);
}

customElements.define("digit-answer", DigitAnswer);
