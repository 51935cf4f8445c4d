/** <step-list>: every preparation step in order, with its name, why, time and picture, and a switch. */

import { h, Part, toggle } from "../dom.js";
import { models } from "../models.js";
import { studio } from "../studio.js";
import { known, number, t } from "../words.js";

const TINY = 40; // pixels: shown as pixels

const CLOSER = "closer"; // the one step that some pictures have and others have not

export class StepList extends Part {
  /** @type {Map<string, { item: HTMLElement, picture: HTMLImageElement, time: HTMLElement, box: HTMLInputElement | null, words: string }>} */
  #steps = new Map();

  build() {
    this.list = h("ol", { class: "steps" });
    this.reset = h("button", { type: "button", class: "quietly", t: "steps.reset", hidden: true, on: { click: () => this.#allOn() } });
    this.append(this.list, this.reset);
    studio.addEventListener("reading", () => this.#show());
    studio.addEventListener("failed", () => this.#show());
    models.addEventListener("change", () => this.#renew());
  }

  /** The steps of the model that reads. */
  #renew() {
    const model = models.current;
    if (model?.steps) this.#arrange([{ step: "decode" }, ...model.steps.map((step) => ({ step, needed: model.needed.includes(step) }))]);
    if (this.reset) this.reset.hidden = studio.off.size === 0;
    this.#show();
  }

  say() {
    for (const [name, step] of this.#steps) {
      const label = known(`step.${name}`) ? t(`step.${name}`) : step.words || name;
      const [title, why] = [".step-name", ".step-why"].map((part) => /** @type {Element} */ (step.item.querySelector(part)));
      title.textContent = label;
      why.textContent = known(`why.${name}`) ? t(`why.${name}`) : "";
      step.box?.setAttribute("aria-label", t("steps.switch", { name: label }));
      step.picture.alt = step.picture.src ? t("steps.after", { name: label }) : "";
    }
  }

  /** @param {(Partial<import("../api.js").Step> & { step: string })[]} steps */
  #arrange(steps) {
    this.#steps.clear();
    const items = steps.map((step) => this.#item(step));
    this.list?.replaceChildren(...items);
    this.say();
  }

  /** @param {Partial<import("../api.js").Step> & { step: string }} step */
  #item({ step, words = "", needed = false }) {
    const picture = h("img", { class: "step-picture", alt: "", hidden: true });
    picture.addEventListener("load", () => picture.classList.toggle("tiny", picture.naturalWidth <= TINY));
    const time = h("span", { class: "step-time small quiet" });
    const box = needed || step === "decode" ? null : toggle("", (on) => this.#turn(step, on)).box;
    if (box) box.checked = !studio.off.has(step);
    const item = h(
      "li",
      { class: "step" },
      h("div", { class: "step-frame" }, picture),
      h("div", { class: "step-head" }, h("span", { class: "step-name" }), box ?? ""),
      time,
      h("p", { class: "step-why small quiet" }),
    );
    this.#steps.set(step, { item, picture, time, box, words });
    return item;
  }

  /**
   * @param {string} step
   * @param {boolean} on
   */
  #turn(step, on) {
    if (on) studio.off.delete(step);
    else studio.off.add(step);
    this.#steps.get(step)?.item.classList.toggle("off", !on);
    if (this.reset) this.reset.hidden = studio.off.size === 0;
    studio.touch();
  }

  #allOn() {
    for (const [name, { box }] of this.#steps) {
      if (box && !box.checked) {
        box.checked = true;
        this.#turn(name, true);
      }
    }
  }

  #show() {
    const trace = studio.reading?.trace;
    if (!trace) {
      if (!studio.reading && this.#steps.has(CLOSER)) return this.#renew();
      if (!studio.reading) for (const { picture, time } of this.#steps.values()) [picture.hidden, time.textContent] = [true, ""];
      return;
    }
    const names = trace.map((step) => step.step);
    const left = this.#steps.has(CLOSER) && !names.includes(CLOSER);
    if (left || names.some((name) => !this.#steps.has(name))) this.#arrange(this.#merge(trace));
    for (const [name, step] of this.#steps) this.#fill(step, trace.find((one) => one.step === name));
  }

  /**
   * A refused picture's trace stops early: the steps after it stay.
   * @param {import("../api.js").Step[]} trace
   */
  #merge(trace) {
    const rest = [...this.#steps.keys()].filter((name) => name !== CLOSER && !trace.some((one) => one.step === name));
    return [...trace, ...rest.map((step) => ({ step }))];
  }

  /**
   * @param {{ item: HTMLElement, picture: HTMLImageElement, time: HTMLElement, box: HTMLInputElement | null }} step
   * @param {import("../api.js").Step | undefined} told
   */
  #fill({ item, picture, time, box }, told) {
    picture.hidden = !told?.image;
    if (told?.image) picture.src = told.image;
    picture.alt = told?.image ? t("steps.after", { name: item.querySelector(".step-name")?.textContent ?? "" }) : "";
    if (told?.needed && box) box.remove();
    item.classList.toggle("off", Boolean(told?.off));
    time.textContent = !told || told.off ? (told?.off ? t("steps.off") : "") : t("steps.time", { time: number(told.milliseconds ?? 0, 2) });
  }
}

customElements.define("step-list", StepList);
