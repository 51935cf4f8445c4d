/** Curves and points over two axes, with intervals where they are known. */

import { svg } from "../dom.js";
import { canvas, written } from "./figure.js";

/**
 * @typedef {{ x: number, y: number, interval?: [number, number], title?: string }} Point
 * @typedef {object} Curve
 * @property {Point[]} points
 * @property {string} [style] "faint", "second"; the first is strong
 * @property {string} [name] written at its end
 * @property {string} [mark] written right of its end, apart from those of other curves
 * @property {boolean} [dotted] its points are shown
 */

/**
 * @typedef {object} Frame
 * @property {import("./scales.js").Scale} x
 * @property {import("./scales.js").Scale} y
 * @property {string} across what x measures
 * @property {string} up what y measures
 * @property {number} [high] pixels
 * @property {{ from: [number, number], to: [number, number], name?: string }[]} [guides] dashed lines to compare with
 */

const [LEFT, RIGHT, TOP, BOTTOM] = [52, 14, 24, 42];
const [MARKS, LEADER, LETTER] = [34, 16, 13]; // pixels: a margin with marks, the way to one, and its height

/**
 * @param {Curve[]} curves
 * @param {Frame} frame
 * @returns {(width: number) => Node}
 */
export const lines = (curves, frame) => (width) => {
  const height = frame.high ?? Math.round(Math.min(300, Math.max(190, width * 0.6)));
  const right = width - (curves.some(({ mark }) => mark) ? MARKS : RIGHT);
  const x = (/** @type {number} */ value) => LEFT + frame.x.at(value) * (right - LEFT);
  const y = (/** @type {number} */ value) => height - BOTTOM - frame.y.at(value) * (height - TOP - BOTTOM);
  return canvas(width, height, ...axes(frame, x, y, right, height), ...guides(frame, x, y), ...curves.flatMap((curve) => drawn(curve, x, y)), ...marks(curves, x, y));
};

/**
 * @param {Frame} frame
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} right
 * @param {number} height
 */
function axes(frame, x, y, right, height) {
  const bottom = height - BOTTOM;
  return [
    ...frame.y.ticks.flatMap((tick) => [
      svg("line", { x1: LEFT, x2: right, y1: y(tick), y2: y(tick), class: "axis" }),
      written(frame.y.say(tick), LEFT - 8, y(tick) + 4, "tick", "end"),
    ]),
    ...frame.x.ticks.flatMap((tick) => [
      svg("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, class: "axis" }),
      written(frame.x.say(tick), x(tick), bottom + 17, "tick", "middle"),
    ]),
    svg("line", { x1: LEFT, x2: right, y1: bottom, y2: bottom, class: "axis" }),
    written(frame.across, right, height - 6, "axis-name", "end"),
    written(frame.up, 0, 11, "axis-name"),
  ];
}

/**
 * @param {Frame} frame
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function guides(frame, x, y) {
  return (frame.guides ?? []).flatMap(({ from, to, name }) => [
    svg("line", { x1: x(from[0]), y1: y(from[1]), x2: x(to[0]), y2: y(to[1]), class: "guide" }),
    name ? written(name, x(from[0]), y(from[1]) + 13, "tick") : "",
  ]);
}

/**
 * @param {Curve} curve
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function drawn({ points, style = "", name, dotted }, x, y) {
  const parts = [];
  for (const { x: at, interval } of points) if (interval) parts.push(svg("line", { x1: x(at), x2: x(at), y1: y(interval[0]), y2: y(interval[1]), class: "whisker thin" }));
  if (points.length > 1 && dotted !== false) parts.push(svg("polyline", { points: points.map((point) => `${x(point.x)},${y(point.y)}`).join(" "), class: `line ${style}` }));
  if (dotted !== undefined) for (const point of points) parts.push(svg("circle", { cx: x(point.x), cy: y(point.y), r: 4, class: `dot ${style}` }, ...(point.title ? [svg("title", {}, point.title)] : [])));
  const last = points.at(-1);
  if (name && last) parts.push(written(name, x(last.x) - 4, y(last.y) - 8, "name", "end"));
  return parts;
}

/**
 * What curves are called, right of their ends: curves may end in one place, their names may not.
 * @param {Curve[]} curves
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function marks(curves, x, y) {
  let below = Infinity;
  const ends = curves.flatMap(({ points, mark, style = "" }) => (mark ? [{ mark, style, end: points[points.length - 1] }] : []));
  return ends.sort((a, b) => a.end.y - b.end.y).flatMap(({ mark, style, end }) => {
    const [from, at] = [x(end.x), y(end.y)];
    below = Math.min(at, below - LETTER);
    return [svg("line", { x1: from, x2: from + LEADER, y1: at, y2: below, class: `leader ${style}` }), written(mark, from + LEADER + 4, below + 4, "name")];
  });
}
