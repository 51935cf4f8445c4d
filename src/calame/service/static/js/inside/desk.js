/**
 * What is looked into: a picture, what every column of the network makes of it, and what of it is chosen.
 *
 * While the pen moves one request is on its way at a time; what is drawn meanwhile is asked for when it is back, and
 * nothing in between. When the pen rests, those who show more are told ("rest").
 */

import { call, get, Problem } from "../api.js";
import { models } from "../models.js";
import { bytes, unlevelled } from "./values.js";

/**
 * @typedef {{ start: number[], step: number[], field: number[] }} Grid
 * @typedef {{ name: string, kind: string, layers: string[], kinds: string[], shape: number[], sources: string[], depth: number, grid: Grid | null, telling: number[] }} Stage
 * @typedef {{ model: string, stages: Stage[], samples: string[], credit: string[] }} Network
 * @typedef {{ values: Float32Array, shape: number[], low: number, high: number }} Layer
 * @typedef {{ digit: number | null, confidence: number, rejected: string | null, looks: number, calibrated: boolean }} Reader what the page Read says
 * @typedef {{ prepared: string, pixels: Uint8Array, probabilities: number[], layers: Map<string, Layer>, reader: Reader, reading: import("../api.js").Reading | null }} Look
 * @typedef {import("../studio.js").Source & { prepared?: string }} Source with a picture that needs no preparation, or one of the paper
 * @typedef {{ stage: string, map: number }} Choice a map of a column; of the last column, a class
 */

const REST = 260; // milliseconds without a change before those who show more are told
const GONE = 2000; // milliseconds before a service that does not answer is asked again

class Desk extends EventTarget {
  /** @type {Source | null} */
  source = null;
  /** @type {Network | null} */
  network = null;
  /** @type {Look | null} */
  look = null;
  /** @type {Choice | null} */
  choice = null;
  /** @type {import("../api.js").Reading | null} why there is nothing to look into */
  refused = null;
  /** @type {(() => Source | null) | null} what is on the paper */
  paper = null;

  #flying = false;
  #again = false;
  #rest = 0;
  #retry = 0;

  /** @param {string} type @param {unknown} [detail] */
  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Learn the network that reads; a choice that it does not have is forgotten. */
  async meet() {
    if (this.network?.model === models.id && models.id) return;
    this.network = await get(models.at("/v1/inside/network"));
    const stage = this.stage(this.choice?.stage ?? "");
    if (!stage || (this.choice?.map ?? 0) >= stage.shape[stage.shape.length - 1]) this.choice = null;
    this.look = null;
    this.#say("network");
    if (this.source) this.#ask();
  }

  /** @param {string} name @returns {Stage | undefined} */
  stage(name) {
    return this.network?.stages.find((stage) => stage.name === name);
  }

  /** @returns {Stage | undefined} the column of the classes */
  get last() {
    return this.network?.stages.at(-1);
  }

  /** @returns {number} the class that is answered, −1 before there is one */
  get answer() {
    return this.look ? this.look.probabilities.indexOf(Math.max(...this.look.probabilities)) : -1;
  }

  /** @param {Source | null} source */
  show(source) {
    this.source = source;
    this.#say("source");
    this.#ask();
  }

  /** The paper changed. */
  touch() {
    if (this.paper) this.source = this.paper();
    this.#say("source");
    this.#ask();
  }

  /** Nothing drawn here is kept. */
  async keep() {
    return null;
  }

  /** Nothing is corrected here. */
  async correct() {}

  /**
   * @param {Choice} choice
   * @param {"pointer" | "keys" | "self"} by
   */
  choose(choice, by) {
    this.choice = choice;
    this.#say("choice", by);
  }

  #ask() {
    clearTimeout(this.#rest);
    clearTimeout(this.#retry);
    if (this.#flying) this.#again = true;
    else this.#look().catch((error) => this.#failed(error));
  }

  async #look() {
    this.#flying = true;
    this.#again = false;
    try {
      const source = this.source;
      const picture = source?.prepared ?? (await source?.blob()) ?? null;
      const told = picture ? await this.post("", picture, Boolean(source?.prepared)) : null;
      this.#landed(told);
    } finally {
      this.#flying = false;
      if (this.#again) this.#ask();
    }
  }

  /** @param {any} told */
  #landed(told) {
    this.refused = told && !told.stages.length ? told.reading : null;
    this.look = told?.stages.length
      ? {
          prepared: told.prepared, pixels: bytes(told.pixels), probabilities: told.probabilities, reader: told.reader, reading: told.reading,
          layers: new Map(told.stages.map((/** @type {any} */ one) => [one.name, { ...one, ...unlevelled(one) }])),
        }
      : null;
    this.#say("look");
    if (!this.#again) this.#rest = window.setTimeout(() => this.#say("rest"), REST);
  }

  /** @param {Error} error */
  #failed(error) {
    const pause = error instanceof TypeError ? GONE : error instanceof Problem && error.again !== null ? error.again * 1000 : null;
    if (pause !== null) this.#retry = window.setTimeout(() => this.#ask(), pause);
    else this.#landed(null); // what is shown is not of this picture
    this.#say("failed", error);
  }

  /**
   * Ask about a picture; about the one that is looked into, unless another is given.
   * @param {string} question "class?digit=7" ...
   * @param {Blob | string | null} [picture]
   * @param {boolean} [prepared] it is 28×28 as the network sees it
   * @returns {Promise<any>}
   */
  async post(question, picture = this.look?.prepared ?? null, prepared = true) {
    const path = models.at(`/v1/inside${question ? `/${question}` : ""}`);
    const answer = await call(prepared ? `${path}${path.includes("?") ? "&" : "?"}prepared=1` : path, { method: "POST", ...sent(picture) });
    return answer.json();
  }
}

/** @param {Blob | string | null} picture */
function sent(picture) {
  if (!(picture instanceof Blob)) return { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ image: picture }) };
  const body = new FormData();
  body.append("image", picture, "picture.png");
  return { body };
}

export const desk = new Desk();
