/** The service, as functions. Knows its addresses and shapes, and nothing of the page. */

import { spoken } from "./words.js";

/**
 * @typedef {{ score: number, level: string, contrast: number, size: number, aspect: number, sharpness: number, advice: string[], words: string | null }} Quality
 * @typedef {{ step: string, words: string, off: boolean, needed: boolean, milliseconds: number | null, image: string | null }} Step
 * @typedef {{ layer: string, kind: string, shape: number[], low: number, high: number, image: string, columns: number }} Maps
 * @typedef {{ digit: number | null, confidence: number, probabilities: number[], top: [number, number][], rejected: string | null,
 *   reason: string | null, quality: Quality | null, prepared: string | null, milliseconds: Record<string, number>, model: string,
 *   page?: number, pages?: number, id?: number | null, trace?: Step[], features?: Maps[], error?: Told }} Reading
 * @typedef {{ id: number, time: string, name: string, digit: number | null, confidence: number, rejected: string | null,
 *   truth: number | null, note: string | null, model: string, image: string | null, prepared: string | null, right?: boolean | null }} Item
 */

/**
 * @typedef {[number, number, number, number]} Box left, top, right, bottom, in pixels of the picture
 * @typedef {{ text: string | null, confidence: number, state: "accepted" | "check" | "refused", rejected: string | null, doubt: string | null, reason: string | null,
 *   guess: string | null, digits: { digit: number, confidence: number, box: Box, probabilities: number[] | null }[],
 *   alternatives: [string, number][], repaired: boolean, suggestion: string | null, changes: { place: number, read: string, instead: string }[], failed: string[],
 *   separators: { mark: string, after: number, box: Box | null }[], written?: string | null, box: Box | null,
 *   readers: { reader: string, name: string, text: string, confidence: number }[] }} Code
 * @typedef {{ size: [number, number], milliseconds: { decode: number, read: number }, model: string, calibration?: string, numbers?: Code[],
 *   budget?: { max_wrong: number, kind: string, threshold: number, refused: number, bound: number, count: number },
 *   trace?: { step: string, words: string, milliseconds: number, image: string }[], region?: Box, error?: Told }} OfPicture
 */

/** @typedef {{ title?: string, detail?: string, details?: Record<string, string>, code?: string, status?: number, command?: string }} Told what is wrong, as the service says it */

/** What the service answered that is not an answer: a title, a detail and a status. */
export class Problem extends Error {
  /**
   * @param {Told} told
   * @param {number | null} [again] seconds after which to try again; null: not by itself
   */
  constructor(told, again = null) {
    super(told.detail || told.title || String(told.status));
    this.details = told.details ?? {}; // by language, so that nothing is asked again for its words alone
    this.code = told.code ?? "";
    this.status = told.status ?? 0;
    this.command = told.command ?? ""; // what mends it, for whoever runs the service
    this.again = again;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function call(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...options.headers, "Accept-Language": spoken() } });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({ title: answer.statusText, status: answer.status }));
  const again = answer.headers.get("Retry-After");
  throw new Problem(told, again === null ? null : Number(again) || 1);
}

/** @param {string} path */
export const get = async (path) => (await call(path)).json();

/**
 * @param {string} path
 * @param {string} method
 * @param {unknown} [body]
 */
export async function send(path, method, body) {
  /** @type {Record<string, string>} */
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/**
 * Read one picture, or several together.
 * @param {Blob[]} pictures
 * @param {{ trace?: boolean, features?: boolean, tta?: boolean, keep?: boolean, off?: string[], model?: string, signal?: AbortSignal }} how
 * @returns {Promise<Reading[]>} in order; a picture that cannot be read is a reading with an `error`
 */
export async function read(pictures, { signal, ...how }) {
  const query = new URLSearchParams();
  for (const name of /** @type {const} */ (["trace", "features", "tta", "keep"])) if (how[name]) query.set(name, "1");
  if (how.off?.length) query.set("off", how.off.join(","));
  if (how.model) query.set("model", how.model);
  return post(`/v1/digits?${query}`, pictures, signal);
}

/**
 * Read the number on one picture, or on several; with `several`, all numbers on each.
 * @param {Blob[]} pictures
 * @param {{ trace?: boolean, several?: boolean, checks?: string[], maxWrong?: string, kind?: string, region?: string, model?: string, signal?: AbortSignal }} how
 * @returns {Promise<(OfPicture & Partial<Code>)[]>} in order; a picture that cannot be read is a reading with an `error`
 */
export async function readCodes(pictures, { signal, ...how }) {
  const query = new URLSearchParams((how.checks ?? []).map((check) => ["check", check]));
  if (how.trace) query.set("trace", "1");
  if (how.several) query.set("several", "1");
  if (how.maxWrong) query.set("max_wrong", how.maxWrong);
  if (how.kind) query.set("kind", how.kind);
  if (how.region) query.set("region", how.region);
  if (how.model) query.set("model", how.model);
  return post(`/v1/codes?${query}`, pictures, signal);
}

/** @returns {Promise<string[]>} kinds of pictures that were measured; the first is meant where none is named */
export const codeKinds = async () => (await get("/v1/codes/kinds")).kinds;

/**
 * A page of a document as a picture that browsers show, pixel for pixel as the service reads it, and how many pages there are.
 * @param {File} document PDF or TIFF
 * @param {number} page from 1 on
 * @returns {Promise<{ picture: File, pages: number }>}
 */
export async function givePage(document, page) {
  const body = new FormData();
  body.append("image", document, document.name);
  const answer = await call(`/v1/pages?page=${page}`, { method: "POST", body });
  const picture = new File([await answer.blob()], `${document.name}-${page}.png`, { type: "image/png" });
  return { picture, pages: Number(answer.headers.get("X-Pages")) };
}

/**
 * The checks that a number does not fit.
 * @param {string} text
 * @param {string[]} checks
 * @returns {Promise<string[]>}
 */
export async function fits(text, checks) {
  const query = new URLSearchParams([["text", text], ...checks.map((check) => ["check", check])]);
  return (await get(`/v1/codes/fits?${query}`)).failed;
}

const UNNAMED = "drawing-"; // pictures that come from no file: drawn, photographed, of the data set

/** @param {string} name of a kept reading, as its file was called; "" when it came from none */
export const fileName = (name) => (name.startsWith(UNNAMED) ? "" : name);

/**
 * @param {string} path
 * @param {Blob[]} pictures
 * @param {AbortSignal} [signal]
 */
async function post(path, pictures, signal) {
  const body = new FormData();
  for (const [index, one] of pictures.entries()) body.append("image", one, one instanceof File ? one.name : `${UNNAMED}${index}.png`);
  const answer = await call(path, { method: "POST", body, signal });
  const told = await answer.json();
  return "readings" in told ? told.readings : [told];
}
