/** The pile as CSV or XLSX: what each number says in a table that is taken away. The service writes it. */

import { call } from "./api.js";
import { addressOf } from "./code-pile.js";
import { guessOf, linesOf, reasonOf } from "./code-rows.js";
import { h } from "./dom.js";
import { inRow, percent, t } from "./words.js";

const [OTHERS, LIKELY] = [3, 0.001]; // other readings of a number: so many, each at least so probable
const FETCHED = 10_000; // milliseconds after which the browser has surely saved the file

/** @typedef {import("./code-pile.js").Entry} Entry */

/**
 * @param {Entry[]} entries
 * @param {string} form csv or xlsx
 */
export async function exported(entries, form) {
  const answer = await call(`/v1/codes/sheet.${form}?lang=${document.documentElement.lang}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows: entries.flatMap(rowsOf) }),
  });
  const url = URL.createObjectURL(await answer.blob());
  h("a", { href: url, download: `calame-codes-${new Date().toISOString().slice(0, 10)}.${form}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), FETCHED);
}

/** @param {Entry} entry @returns {Record<string, unknown>[]} rows as the service writes them, one a number */
function rowsOf(entry) {
  const [file, lines] = [addressOf(entry), linesOf(entry)];
  if (lines.length === 0) return [{ file, state: entry.error ? "failed" : "refused", reason: entry.error }];
  return lines.map((line) => ({ file, text: line.text, state: line.state, ...readIn(line), ...(line.state === "person" ? { failed: entry.failed.get(line.text)?.join(", ") } : doubtsIn(line)) }));
}

/** @param {import("./code-rows.js").Line} line @returns {Record<string, unknown>} what was read, whatever a person says of it */
function readIn({ text, state, read }) {
  if (!read) return {};
  return {
    confidence: read.confidence, guess: state === "person" || !text ? guessOf(read) : null, place: read.box?.join(" ") ?? null,
    alternatives: read.alternatives.slice(0, OTHERS).filter(([, share]) => share >= LIKELY).map(([other, share]) => `${other} (${percent(share)})`).join(" · "),
  };
}

/** @param {import("./code-rows.js").Line} line @returns {Record<string, unknown>} why it is for a person, who has not looked yet */
function doubtsIn({ read }) {
  const changes = read?.changes.map(({ place, read: was, instead }) => `${t("codes.place", { place: place + 1 })} ${was || "–"} → ${instead || "–"}`);
  return { reason: read && reasonOf(read), failed: read?.failed.join(", "), changes: inRow(changes ?? []) };
}
