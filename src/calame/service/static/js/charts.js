/** Two charts as SVG: dots with intervals on a line each, and curves. Their tables stand beside them. */

import { svg } from "./dom.js";
import { percent } from "./words.js";

const WIDTH = 560;
const ROW = 34;
const LEFT = 190;

/**
 * @param {{ name: string, values: number[], interval?: [number, number] }[]} lines shares
 */
export function dots(lines) {
  const all = lines.flatMap((line) => [...line.values, ...(line.interval ?? [])]);
  const { low, high, step } = nice(Math.min(...all), Math.max(...all));
  const x = (/** @type {number} */ value) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - 24);
  const height = lines.length * ROW + 26;
  const parts = [];
  for (let tick = low; tick <= high + step / 2; tick += step) {
    parts.push(svg("line", { x1: x(tick), x2: x(tick), y1: 4, y2: height - 20, class: "axis" }));
    parts.push(svg("text", { x: x(tick), y: height - 5, "text-anchor": "middle", class: "tick" }, percent(tick, digits(step))));
  }
  for (const [row, { name, values, interval }] of lines.entries()) {
    const y = row * ROW + ROW / 2 + 2;
    parts.push(svg("text", { x: 0, y: y + 4, class: "name" }, name));
    if (interval) parts.push(svg("line", { x1: x(interval[0]), x2: x(interval[1]), y1: y, y2: y, class: "whisker" }));
    const many = values.length > 1;
    for (const value of values) parts.push(svg("circle", { cx: x(value), cy: y, r: many ? 4 : 5, class: many ? "dot soft" : "dot" }));
  }
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" }, ...parts);
}

/** @param {number[][]} series the second one is dashed */
export function curves(series) {
  const all = series.flat();
  const { low, high, step } = nice(Math.min(...all), Math.max(...all));
  const height = 220;
  const y = (/** @type {number} */ value) => 10 + (1 - (value - low) / (high - low)) * (height - 30);
  const x = (/** @type {number} */ index) => 52 + (index / (series[0].length - 1)) * (WIDTH - 70);
  const parts = [];
  for (let tick = low; tick <= high + step / 2; tick += step) {
    parts.push(svg("line", { x1: 52, x2: WIDTH, y1: y(tick), y2: y(tick), class: "axis" }));
    parts.push(svg("text", { x: 44, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, percent(tick, digits(step))));
  }
  for (const [index, values] of series.entries()) {
    parts.push(svg("polyline", { points: values.map((value, at) => `${x(at)},${y(value)}`).join(" "), class: index ? "line second" : "line" }));
  }
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" }, ...parts);
}

/** @param {number} step */
const digits = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9) - 2);

/**
 * Round ends and a round step, about five ticks, never past 100 %.
 * @param {number} least
 * @param {number} most
 */
function nice(least, most) {
  const rough = Math.max(most - least, 0.0005) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? power;
  return { low: Math.floor(least / step) * step, high: Math.min(1, Math.ceil(most / step) * step), step };
}
