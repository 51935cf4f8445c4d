/** Which models there are, and which one reads: chosen on this page, remembered, and named in every request. */

import { get } from "./api.js";
import { keep, kept } from "./kept.js";

/** @typedef {{ id: string, name: string, version: string, error?: string, steps: string[], needed: string[], parameters: number }} Brief */

const KEPT = "calame.model";

/** Says "change" when another model reads, and when they are first known. */
class Models extends EventTarget {
  /** @type {Brief[]} */
  all = [];
  #default = "";
  #chosen = kept(KEPT);

  /** Ask which there are; what was chosen before and is no longer there is forgotten. */
  async load() {
    const told = await get("/v1/models?brief=1");
    this.all = told.models;
    this.#default = told.default;
    if (!this.all.some((one) => one.id === this.#chosen)) this.#chosen = null;
    this.dispatchEvent(new Event("change"));
  }

  /** The name@version of the one that reads; empty before they are known. */
  get id() {
    return this.#chosen ?? this.#default;
  }

  /** What is known of the one that reads. */
  get current() {
    return this.all.find((one) => one.id === this.id);
  }

  /** What a request says: nothing for the one that reads anyway. */
  get asked() {
    return this.#chosen ?? undefined;
  }

  /** @param {string} id */
  choose(id) {
    if (id === this.id) return;
    this.#chosen = id === this.#default ? null : id;
    keep(KEPT, this.#chosen);
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} path of the service, which may have a query already
   * @returns {string} the same for the model that reads
   */
  at(path) {
    return this.asked ? `${path}${path.includes("?") ? "&" : "?"}model=${encodeURIComponent(this.asked)}` : path;
  }

  /** @returns {Promise<any>} all about the one that reads, its layers included */
  async card() {
    if (!this.all.length) await this.load();
    return get(`/v1/models/${encodeURIComponent(this.id)}`);
  }
}

export const models = new Models();
