/** The trainings of this machine: what there is, what runs, what happens in the one that is watched. Knows no page. */

import { get, send } from "./api.js";

/**
 * @typedef {{ epoch: number, elapsed: number, loss: number, accuracy: number, val_loss: number, val_accuracy: number }} Point
 * @typedef {import("./parts/map-grid.js").Sprite} Sprite
 * @typedef {{ steps: number, epochs: number, parameters: number, sample: number }} Begin
 * @typedef {{ id: number, state: string, network: string, images: number, epochs: number, rate: number, augment: boolean, seed: number,
 *   parameters: number, began: number, words?: Record<string, string>, learn?: number, judge?: number, epochs_done?: number,
 *   best_epoch?: number, seconds?: number, val_accuracy?: number, test_accuracy?: number, test?: number, model?: string }} Row
 * @typedef {{ name: string, parameters: number, epochs: number, rate: number, augment: boolean }} Offer
 * @typedef {{ trouble: { code: string, title: string, detail: string, command: string | null } | null, networks: Offer[], stack: string,
 *   running: number | null, runs: Row[] }} Overview
 * @typedef {{ network: string, images: number, epochs: number, rate: number, augment: boolean, seed: number }} Wish
 */

/** What is known of the run that is watched. */
class Watched {
  /** @param {number} id */
  constructor(id) {
    this.id = id;
    this.state = "starting";
    /** @type {Begin | null} */
    this.begin = null;
    this.learn = 0;
    this.judge = 0;
    /** @type {Point[]} */
    this.points = [];
    /** @type {(Point & { seconds: number })[]} */
    this.epochs = [];
    /** @type {Sprite | null} */
    this.filters = null;
    /** @type {Row | null} */
    this.row = null;
    this.stopping = false; // it was wished here
    this.last = 0; // number of the event heard last
    this.lost = false; // the line to the service, which is tried again
  }

  get over() {
    return this.row !== null;
  }

  /** @returns {number} epochs done, the one that is begun in part */
  get place() {
    return Math.max(this.points.at(-1)?.epoch ?? 0, this.epochs.at(-1)?.epoch ?? 0);
  }
}

/** Says "overview" when the list is known anew, "event" when something happened in the run that is watched. */
class Training extends EventTarget {
  /** @type {Overview | null} */
  overview = null;
  /** @type {Watched | null} */
  watched = null;
  /** @type {EventSource | null} */
  #line = null;

  /** Ask what there is; a run that goes on is watched, whoever started it, and at first the last: it is not lost by a reload. */
  async load() {
    const first = this.overview === null;
    this.overview = /** @type {Overview} */ (await get("/v1/training"));
    this.#say("overview");
    const { running, runs } = this.overview;
    if (running !== null && (this.watched?.id !== running || !this.#line)) this.watch(running);
    else if (first && runs.length) this.watch(Math.max(...runs.map(({ id }) => id)));
  }

  /** Load what a training needs, before somebody waits for it; when that cannot be, the start says why. */
  warm() {
    return send("/v1/training/warm", "POST").catch(() => null);
  }

  /** @param {Wish} wish */
  async start(wish) {
    const row = /** @type {Row} */ (await send("/v1/training/runs", "POST", wish));
    this.watch(row.id);
    await this.load();
  }

  /** @param {number} id */
  async stop(id) {
    if (this.watched?.id === id) this.watched.stopping = true;
    this.#say("event");
    await send(`/v1/training/runs/${id}/stop`, "POST");
  }

  /** @param {number} id */
  async delete(id) {
    await send(`/v1/training/runs/${id}`, "DELETE");
    if (this.watched?.id === id) this.watched = null;
    await this.load();
    this.#say("event");
  }

  /**
   * Follow a run from its first event; one that has ended is told as quickly as it is read.
   * @param {number} id
   */
  watch(id) {
    this.watched = new Watched(id);
    this.#listen(this.watched);
    this.#say("event");
  }

  /**
   * Hear what came after the event heard last; when the line breaks, the browser asks again by itself.
   * @param {Watched} watched
   */
  #listen(watched) {
    this.#line?.close();
    const line = (this.#line = new EventSource(`/v1/training/runs/${watched.id}/events${watched.last ? `?after=${watched.last}` : ""}`));
    for (const kind of ["state", "begin", "point", "epoch", "end"]) {
      line.addEventListener(kind, (event) => {
        const { data, lastEventId } = /** @type {MessageEvent} */ (event);
        watched.last = Number(lastEventId);
        this.#hear(watched, kind, JSON.parse(data));
      });
    }
    line.addEventListener("open", () => this.#held(watched, true));
    line.addEventListener("error", () => this.#held(watched, false));
  }

  /** A browser has six lines to a service: a page that nobody sees gives its own back. */
  look() {
    if (!this.watched || this.watched.over) return;
    if (!document.hidden) return this.#listen(this.watched);
    this.#line?.close();
    this.#line = null;
  }

  /**
   * @param {Watched} watched
   * @param {string} kind
   * @param {any} told
   */
  #hear(watched, kind, told) {
    if (watched !== this.watched) return;
    if (told.filters) watched.filters = told.filters;
    if (kind === "state") Object.assign(watched, told);
    if (kind === "begin") Object.assign(watched, { begin: told, state: "learning" });
    if (kind === "point") watched.points.push(told);
    if (kind === "epoch") watched.epochs.push(told);
    if (kind === "end") this.#end(watched, told.run);
    this.dispatchEvent(new CustomEvent("event", { detail: kind }));
  }

  /**
   * @param {Watched} watched
   * @param {Row} row
   */
  #end(watched, row) {
    Object.assign(watched, { row, state: row.state });
    this.#line?.close();
    this.#line = null;
    if (this.overview?.runs.find((one) => one.id === row.id)?.state === "running") this.load().catch(() => null);
  }

  /**
   * @param {Watched} watched
   * @param {boolean} held
   */
  #held(watched, held) {
    if (watched !== this.watched || watched.over || watched.lost === !held) return;
    watched.lost = !held;
    this.#say("event");
  }

  /** @param {string} what */
  #say(what) {
    this.dispatchEvent(new CustomEvent(what, { detail: "" }));
  }
}

export const training = new Training();
document.addEventListener("visibilitychange", () => training.look());
