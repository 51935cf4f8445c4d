/** Curves and points over two axes, with intervals where they are known. */

import { svg } from "../dom.js";
import { canvas, written } from "./figure.js";

/**
 * @typedef {{ x: number, y: number, interval?: [number, number], title?: string }} Point
 * @typedef {object} Curve
 * @property {Point[]} points
 * @property {string} [style] "faint", "second"; the first is strong
 * @property {string} [name] written at its end
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

/**
 * @param {Curve[]} curves
 * @param {Frame} frame
 * @returns {(width: number) => Node}
 */
export const lines = (curves, frame) => (width) => {
  const height = frame.high ?? Math.round(Math.min(300, Math.max(190, width * 0.6)));
  const x = (/** @type {number} */ value) => LEFT + frame.x.at(value) * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => height - BOTTOM - frame.y.at(value) * (height - TOP - BOTTOM);
  return canvas(width, height, ...axes(frame, x, y, width, height), ...guides(frame, x, y), ...curves.flatMap((curve) => drawn(curve, x, y)));
};

/**
 * @param {Frame} frame
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} width
 * @param {number} height
 */
function axes(frame, x, y, width, height) {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
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
