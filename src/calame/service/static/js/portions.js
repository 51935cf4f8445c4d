/** A pile of files in portions, so that the answers come one after another and no file is in another's way. */

const HEAVY = 8_000_000; // bytes in one request, when there are several pictures

/**
 * What is sent together: few pictures, and not too heavy; what is heavy goes alone, and what is still to be fetched.
 * @template {{ file: File | null }} Entry
 * @param {Entry[]} entries
 * @param {number} together pictures in one request, at most
 * @returns {Generator<Entry[]>}
 */
export function* portions(entries, together) {
  /** @type {Entry[]} */
  let some = [];
  let weight = 0;
  for (const entry of entries) {
    const own = entry.file?.size ?? Infinity;
    if (some.length === together || (some.length && weight + own > HEAVY)) {
      yield some;
      [some, weight] = [[], 0];
    }
    some.push(entry);
    weight += own;
  }
  if (some.length) yield some;
}
