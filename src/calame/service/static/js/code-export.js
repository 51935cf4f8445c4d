/** The pile as CSV or XLSX: what each number says in a table that is taken away. The service writes it; without it, this page. */

import { call, Problem } from "./api.js";
import { addressOf, isUnread, severalIn } from "./code-entry.js";
import { asWritten, foreignOf, guessOf, isOwn, lineOf, reasonOf, typedIn } from "./code-rows.js";
import { codes } from "./codes.js";
import { h } from "./dom.js";
import { models } from "./models.js";
import { wordsOf } from "./parts/digit-answer.js";
import { inRow, percent, t } from "./words.js";

const [OTHERS, LIKELY] = [3, 0.001]; // other readings of a number: so many, each at least so probable
const COLUMNS = ["file", "text", "confidence", "state", "reason", "guess", "alternatives", "failed", "changes", "place", "settings", "written"];
const LONGEST = 500; // letters of a cell
const FORMULA = /^[ \u00a0]*[=+\-@\t\r\n＝＋－＠]/; // by which a spreadsheet knows one
const GONE = [502, 504]; // what a proxy says of a service that does not answer
const FETCHED = 10_000; // milliseconds after which the browser has surely saved the file

/**
 * @typedef {import("./code-entry.js").Entry} Entry
 * @typedef {import("./code-entry.js").Spot} Spot
 */

/**
 * @param {Entry[]} entries
 * @param {string} form csv or xlsx
 * @returns {Promise<boolean>} whether the service wrote it; when it is gone this page writes CSV: what was typed is nowhere else
 */
export async function exported(entries, form) {
  const rows = entries.flatMap(rowsOf);
  try {
    const answer = await call(`/v1/codes/sheet.${form}?lang=${document.documentElement.lang}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows }),
    });
    save(await answer.blob(), form);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError || (error instanceof Problem && GONE.includes(error.status)))) throw error;
    save(new Blob([csvOf(rows)], { type: "text/csv" }), "csv");
    return false;
  }
}

/**
 * @param {Blob} table
 * @param {string} form
 */
function save(table, form) {
  const url = URL.createObjectURL(table);
  h("a", { href: url, download: `calame-codes-${new Date().toISOString().slice(0, 10)}.${form}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), FETCHED);
}

/**
 * The same table as the service writes: see `code_sheet.py`.
 * @param {Record<string, unknown>[]} rows
 */
function csvOf(rows) {
  const french = document.documentElement.lang === "fr";
  const line = (/** @type {string[]} */ cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(french ? ";" : ",")}\r\n`;
  const columns = rows.some(({ field }) => field) ? [COLUMNS[0], "field", ...COLUMNS.slice(1)] : COLUMNS;
  const cells = (/** @type {Record<string, unknown>} */ row) => columns.map((name) => {
    if (name === "state") return t(`codes.state.${row.state}`);
    if (name === "confidence") return row.guess || (row.text && row.state !== "person") ? (Number(row.confidence ?? 0) * 100).toFixed(2).replace(".", french ? "," : ".") : "";
    const value = String(row[name] ?? "").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
    return FORMULA.test(value) ? `'${value}` : value;
  });
  return "\ufeff" + line(columns.map((name) => t(`codes.column.${name}`))) + rows.map((row) => line(cells(row))).join("");
}

/** @param {Entry} entry @returns {Record<string, unknown>[]} rows as the service writes them, one a number, one at least a field of a picture */
const rowsOf = (entry) => entry.spots.flatMap((spot) => {
  const of = { file: addressOf(entry), ...(spot.field.name ? { field: spot.field.name } : {}), settings: howOf(spot).slice(0, LONGEST) };
  const none = { ...of, state: spot.error ? "failed" : "refused", reason: spot.error ? wordsOf(spot.error) : "" };
  const items = spot.items.filter(({ read, written }) => read || written || !severalIn(entry)); // an added one may be empty still
  const rows = items.map((item) => {
    const line = lineOf(item);
    const silent = !line.read && line.state !== "person" && !line.foreign;
    return silent ? none : { ...of, state: line.state, ...readIn(line), ...(line.foreign ? { text: "" } : typedIn(line)), ...doubtsIn(line, item.failed) };
  });
  return rows.length ? rows : [none];
});

/**
 * @param {Spot} spot
 * @returns {string} how it was read, as the options that ask for it: `calame read --code` goes on with a table that says the
 *   same; of what is not read yet nothing
 */
function howOf(spot) {
  if (isUnread(spot)) return "";
  const { told, field } = spot;
  const { checks, several, maxWrong, kind, region } = codes.asking(field);
  const place = field.name ? `${field.name}:${region}` : region;
  return [`model=${told?.model ?? models.id}`, ...[...checks].sort().map((check) => `check=${check}`), ...(maxWrong ? [`max-wrong=${maxWrong}`] : []), ...(kind ? [`kind=${kind}`] : []), ...(told?.calibration ? [`calibration=${told.calibration}`] : []), ...(place ? [`region=${place}`] : []), ...(several ? ["several"] : [])].join(" ");
}

/** @param {import("./code-rows.js").Line} line @returns {Record<string, unknown>} what was read, whatever a person says of it */
function readIn(line) {
  const { read } = line;
  if (!read) return {};
  return {
    written: asWritten(line) || null,
    confidence: read.confidence, guess: isOwn(line) || !line.text ? guessOf(read) : null, place: read.box?.join(" ") ?? null,
    alternatives: read.alternatives.slice(0, OTHERS).filter(([, share]) => share >= LIKELY).map(([other, share]) => `${other} (${percent(share)})`).join(" · "),
  };
}

/**
 * @param {import("./code-rows.js").Line} line
 * @param {string[]} failed checks that what a person typed does not fit
 * @returns {Record<string, unknown>} why it is for a person, who has not looked yet; of what a person typed, what is wrong with that
 */
function doubtsIn(line, failed) {
  if (line.foreign) return { reason: foreignOf(line, line.text.length) }; // it is no code; here alone it is kept, and whole
  if (line.state === "person") return { failed: failed.join(", ") };
  const { read } = line;
  const changes = read?.changes.map(({ place, read: was, instead }) => `${t("codes.place", { place: place + 1 })} ${was || "–"} → ${instead || "–"}`);
  return { reason: read && reasonOf(read), failed: read?.failed.join(", "), changes: inRow(changes ?? []) };
}
