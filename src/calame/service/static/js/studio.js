/**
 * What is being read now, how, and what came out: the one state that the main view's elements share.
 *
 * Reading has two gaits. While the pen moves, the answer alone is asked for, at most once a frame or so; when it
 * rests, the same picture is read again with every step, and every layer if those are in sight. A request that
 * a newer picture has made stale is aborted, unless the service is so slow that none would ever be answered.
 * A service that is gone or busy is asked again by itself.
 */

import { Problem, read, send } from "./api.js";
import { models } from "./models.js";

/**
 * @typedef {object} Source
 * @property {"draw" | "import" | "camera" | "data"} kind
 * @property {string} name
 * @property {() => CanvasImageSource | null} picture to transform; null when there is none or the browser cannot show it
 * @property {() => Promise<Blob | null>} blob what is sent when nothing is transformed; null when there is nothing to read
 * @property {number | null} [truth] the digit it is known to be
 * @property {number | null} [id] in the history
 */

const FRAME = 14; // milliseconds between a change and its reading
const YOUNG = 60; // milliseconds that a quick reading may at least take before a newer one aborts it
const OLDEST = 3000; // and at most
const REST = 110; // milliseconds without a change before the steps are asked for
const SLOW = 400; // milliseconds without an answer before that is said
const GONE = 2000; // milliseconds before a service that does not answer is asked again

export class Studio extends EventTarget {
  /** @type {Source | null} */
  source = null;
  /** @type {import("./api.js").Reading | null} */
  reading = null;
  /** @type {((picture: CanvasImageSource) => HTMLCanvasElement) | null} what is done to the picture before it is sent */
  alter = null;
  /** @type {Set<string>} names of the preparation steps that are off */
  off = new Set();
  tta = false;
  featuresSeen = false;

  #timer = 0;
  #rest = 0;
  #slow = 0;
  #retry = 0;
  #usual = 0; // milliseconds that a quick reading takes
  /** @type {{ abort: AbortController, since: number, full: boolean } | null} */
  #flight = null;
  #again = false;
  /** @type {Promise<number | null>} the last picture to be kept */
  #keeping = Promise.resolve(null);

  constructor() {
    super();
    models.addEventListener("change", () => this.#reread());
  }

  /** @param {string} type */
  #say(type) {
    this.dispatchEvent(new Event(type));
  }

  /** Another model reads: what was kept stays with the model that had read it. */
  #reread() {
    const known = new Set(models.current?.steps);
    for (const step of this.off) if (!known.has(step)) this.off.delete(step);
    if (!this.source || !this.reading) return;
    this.source.id = null;
    this.reading = { ...this.reading, trace: undefined, features: undefined };
    this.#say("source");
    this.touch();
  }

  /** @param {Source | null} source another picture, or another way in */
  show(source) {
    if (source !== this.source) this.#drop();
    this.source = source;
    this.#say("source");
    this.touch();
  }

  /** What is still being read of the picture before is no answer to the next one. */
  #drop() {
    this.#flight?.abort.abort();
    this.#flight = null;
  }

  /** Something changed that the answer depends on. */
  touch() {
    this.#say("touch");
    clearTimeout(this.#rest);
    clearTimeout(this.#retry);
    if (this.#flight?.full) this.#flight.abort.abort();
    if (!this.#timer) this.#timer = window.setTimeout(() => this.#quick(), FRAME);
  }

  /** The feature maps came into sight, or the language changed: read again, with all. */
  refresh() {
    if (this.source) this.#read(true);
  }

  #quick() {
    this.#timer = 0;
    const patience = Math.min(OLDEST, Math.max(YOUNG, 2 * this.#usual));
    if (this.#flight && !this.#flight.full && performance.now() - this.#flight.since < patience) {
      this.#again = true;
      return;
    }
    this.#read(false);
  }

  /** @param {boolean} full */
  async #read(full) {
    this.#flight?.abort.abort();
    const flight = { abort: new AbortController(), since: performance.now(), full };
    this.#flight = flight;
    this.#again = false;
    clearTimeout(this.#slow);
    this.#slow = window.setTimeout(() => this.#say("waiting"), SLOW);
    try {
      const blob = await this.#picture();
      const [reading] = blob ? await this.ask(blob, { full, signal: flight.abort.signal }) : [null];
      if (!full) this.#usual = 0.7 * this.#usual + 0.3 * (performance.now() - flight.since);
      if (this.#flight === flight) this.#landed(reading, full);
    } catch (error) {
      if (this.#flight === flight && !flight.abort.signal.aborted) this.#failed(/** @type {Error} */ (error));
    } finally {
      if (this.#flight === flight) this.#flight = null;
      if (!this.#flight) clearTimeout(this.#slow);
      if (this.#again && !this.#flight) this.touch(); // what waited for a reading that failed
    }
  }

  /**
   * @param {import("./api.js").Reading | null} reading
   * @param {boolean} full
   */
  #landed(reading, full) {
    this.#flight = null;
    if (reading?.error) return this.#failed(new Problem(reading.error));
    this.reading = reading && !full ? { ...reading, trace: this.reading?.trace, features: this.reading?.features } : reading;
    this.#say("reading");
    if (this.#again) return;
    if (reading && !full) this.#rest = window.setTimeout(() => this.#read(true), REST);
    else if (full) this.#say("settled");
  }

  /** @param {Error} error */
  #failed(error) {
    this.reading = null;
    const gone = error instanceof TypeError;
    const pause = gone ? GONE : error instanceof Problem && error.again !== null ? error.again * 1000 : null;
    if (pause !== null) this.#retry = window.setTimeout(() => this.touch(), pause);
    this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    if (error instanceof Problem && error.code === "unknown_model") models.load().then(() => this.touch(), () => {});
  }

  /** @returns {Promise<Blob | null>} the picture as it is sent, transformed or not */
  async #picture() {
    const picture = this.alter && this.source?.picture();
    if (!this.alter || !picture) return (await this.source?.blob()) ?? null;
    const canvas = this.alter(picture); // at once: the next stroke may come before this is sent
    return new Promise((resolve) => canvas.toBlob(resolve));
  }

  /**
   * @param {Blob} blob
   * @param {{ full?: boolean, keep?: boolean, signal?: AbortSignal }} how
   */
  ask(blob, { full, keep, signal }) {
    return read([blob], { ...this.how, trace: full, features: full && this.featuresSeen, keep, signal });
  }

  /** How every picture is read now. */
  get how() {
    return { tta: this.tta, model: models.asked, off: [...this.off] };
  }

  /** Write what is shown to the history; the same drawing kept again replaces itself. One at a time. */
  keep() {
    const source = this.source;
    const picture = this.#picture(); // at once: the paper may be cleared while another is being kept
    this.#keeping = this.#keeping.catch(() => null).then(() => this.#write(source, picture));
    return this.#keeping;
  }

  /**
   * @param {Source | null} source
   * @param {Promise<Blob | null>} picture
   */
  async #write(source, picture) {
    const blob = await picture;
    if (!source || !blob) return null;
    const [before, model] = [source.id, models.id];
    const [reading] = await this.ask(blob, { keep: true });
    source.id = (models.id === model && reading.id) || null;
    if (before && source.id) await send(`/v1/history/${before}`, "DELETE");
    if (source.truth != null && source.id) await send(`/v1/history/${source.id}`, "PATCH", { truth: source.truth });
    this.#say("kept");
    return source.id;
  }

  /** @param {number | null} digit what the picture really shows */
  async correct(digit) {
    const source = this.source;
    if (!source) return;
    source.truth = digit;
    await this.#keeping.catch(() => null);
    const id = source.id ?? (await this.keep());
    if (id) await send(`/v1/history/${id}`, "PATCH", { truth: digit });
    this.#say(id ? "kept" : "unkept");
  }
}

export const studio = new Studio();
