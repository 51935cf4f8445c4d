/** A drawing as strokes: what can be undone, redone and painted at any size. Knows no pointer and no page. */

export const SIDE = 280; // the paper's side, in its own units
export const PEN = 15; // width of the pen, as the courses' pads have it

/** @typedef {{ x: number, y: number, width: number }} Point */
/** @typedef {{ erase: boolean, points: Point[] }} Stroke */

export class Ink {
  /** @type {Stroke[]} */
  strokes = [];
  /** @type {Stroke[][]} drawings to come back to */
  #before = [];
  /** @type {Stroke[][]} */
  #after = [];

  get isEmpty() {
    return !this.strokes.some((stroke) => !stroke.erase);
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  get canRedo() {
    return this.#after.length > 0;
  }

  /**
   * @param {boolean} erase
   * @returns {Stroke} to which points are pushed
   */
  begin(erase) {
    this.#mark();
    const stroke = { erase, points: [] };
    this.strokes = [...this.strokes, stroke];
    return stroke;
  }

  clear() {
    if (this.strokes.length === 0) return;
    this.#mark();
    this.strokes = [];
  }

  /** @param {Stroke[]} strokes in the place of what is there */
  put(strokes) {
    this.#mark();
    this.strokes = [...strokes];
  }

  undo() {
    const last = this.#before.pop();
    if (!last) return;
    this.#after.push(this.strokes);
    this.strokes = last;
  }

  redo() {
    const next = this.#after.pop();
    if (!next) return;
    this.#before.push(this.strokes);
    this.strokes = next;
  }

  #mark() {
    this.#before.push(this.strokes);
    this.#after = [];
  }

  /**
   * @param {CanvasRenderingContext2D} context of a square canvas, painted whole
   */
  paint(context) {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    for (const stroke of this.strokes) paintFrom(context, stroke, 0);
  }
}

/**
 * Paint a stroke from its point number `first` on: round ends, as wide as the pen was pressed.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 * @param {number} first
 */
export function paintFrom(context, stroke, first) {
  const scale = context.canvas.width / SIDE;
  context.strokeStyle = stroke.erase ? "#fff" : "#000";
  context.lineCap = "round";
  context.lineJoin = "round";
  const { points } = stroke;
  for (let at = Math.max(0, first); at < points.length; at += 1) {
    const from = points[Math.max(0, at - 1)];
    context.lineWidth = points[at].width * scale;
    context.beginPath();
    context.moveTo(from.x * scale, from.y * scale);
    context.lineTo(points[at].x * scale + (at === 0 ? 0.01 : 0), points[at].y * scale);
    context.stroke();
  }
}
