/**
 * Panels of curves on a canvas.
 *
 * @module
 */
/// <reference lib="dom" />

/** A curve, or marks where the horizontal axis has tokens. */
export interface Series {
  /** A value for each point; what is not finite is left out. */
  values: ArrayLike<number>;
  /** The name of a colour of the style sheet: `--teacher`. */
  color: string;
  /** In CSS pixels. */
  width: number;
  /** Whether the line is broken. */
  dashed?: boolean;
  /** Whether the area down to zero is tinted. */
  filled?: boolean;
}

/** What a panel shows. */
export interface Panel {
  series: Series[];
  /** The values of the lowest and the highest line. */
  range: [number, number];
  /** Where lines across stand. */
  ticks: number[];
  /** How a value is written at the axis. */
  write(value: number): string;
  /** Horizontal places. */
  points: ArrayLike<number>;
  /** The tokens, where the points are tokens. */
  labels?: readonly string[];
  /** The point that is marked. */
  marked: number;
}

/** Space around the curves, in CSS pixels. */
const MARGIN = { left: 52, right: 10, top: 8 };

/** The room below the curves: for numbers, or for tokens on end. */
const bottomOf = ({ labels }: Pick<Panel, "labels">): number => labels ? 82 : 22;

/** The point that is nearest to a horizontal place of the canvas. */
export function pointAt(x: number, { width, count }: { width: number; count: number }): number {
  const share = (x - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
  return Math.round(Math.min(1, Math.max(0, share)) * (count - 1));
}

/** A round number that is at least the value, of few kinds so that the axis stands still while one drags. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 1.5, 2, 3, 4, 6, 8, 10].find((step) => step * unit >= value * 0.999)!;
}

/** Draws a panel; the canvas takes the size that the style sheet gives it. */
export function drawPanel(canvas: HTMLCanvasElement, panel: Panel): void {
  const { series, range: [low, high], ticks, write, points, labels, marked } = panel;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = globalThis.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(name).trim();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const floor = height - bottomOf(panel);
  const x = (i: number) => MARGIN.left + (width - MARGIN.left - MARGIN.right) * i / (points.length - 1);
  const y = (value: number) => floor - (floor - MARGIN.top) * (value - low) / (high - low);

  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of ticks) {
    context.fillStyle = color(tick === 0 ? "--soft" : "--line");
    context.fillRect(MARGIN.left, Math.round(y(tick)), width - MARGIN.left - MARGIN.right, 1);
    context.fillStyle = color("--soft");
    context.fillText(write(tick), MARGIN.left - 8, y(tick));
  }
  if (labels) drawTokens(context, { labels, x, floor, marked, color });
  else drawNumbers(context, { points, x, floor });

  context.fillStyle = color("--soft");
  context.globalAlpha = 0.6;
  context.fillRect(Math.round(x(marked)), MARGIN.top, 1, floor - MARGIN.top);
  context.globalAlpha = 1;
  context.save();
  context.beginPath();
  context.rect(MARGIN.left - 4, MARGIN.top - 4, width - MARGIN.left - MARGIN.right + 8, floor - MARGIN.top + 8);
  context.clip();
  for (const one of series) {
    context.strokeStyle = context.fillStyle = color(one.color);
    context.lineWidth = one.width;
    context.lineJoin = "round";
    context.setLineDash(one.dashed ? [5, 4] : []);
    if (labels) drawMarks(context, one, { x, y, zero: y(Math.max(0, low)) });
    else drawCurve(context, one, { x, y, zero: y(Math.max(0, low)) });
    const value = one.values[marked];
    if (!labels && Number.isFinite(value)) {
      context.beginPath();
      context.arc(x(marked), y(value), 4, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.restore();
}

/** Where a value stands on the canvas. */
interface Scales {
  x(i: number): number;
  y(value: number): number;
  zero: number;
}

function drawCurve(context: CanvasRenderingContext2D, { values, filled }: Series, { x, y, zero }: Scales): void {
  const path = new Path2D();
  let first: number | undefined;
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (first === undefined || last !== i - 1) path.moveTo(x(i), y(values[i]));
    else path.lineTo(x(i), y(values[i]));
    first ??= i;
    last = i;
  }
  if (filled && first !== undefined) {
    const area = new Path2D(path);
    area.lineTo(x(last), zero);
    area.lineTo(x(first), zero);
    context.globalAlpha = 0.14;
    context.fill(area);
    context.globalAlpha = 1;
  }
  context.stroke(path);
}

/** A dot on a stem for each token; a ring where the line would be broken. */
function drawMarks(
  context: CanvasRenderingContext2D,
  { values, dashed, filled }: Series,
  { x, y, zero }: Scales,
): void {
  context.setLineDash([]);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (filled) {
      context.globalAlpha = 0.35;
      context.fillRect(x(i) - 2, Math.min(zero, y(values[i])), 4, Math.abs(zero - y(values[i])));
      context.globalAlpha = 1;
    }
    context.beginPath();
    context.arc(x(i), y(values[i]), filled ? 4.5 : 4, 0, 2 * Math.PI);
    if (dashed) context.stroke();
    else context.fill();
  }
}

interface Labels {
  x(i: number): number;
  floor: number;
}

function drawNumbers(
  context: CanvasRenderingContext2D,
  { points, x, floor }: Labels & { points: ArrayLike<number> },
): void {
  context.textAlign = "center";
  const [from, to] = [points[0], points[points.length - 1]];
  for (let value = Math.ceil(from); value <= to; value += 2) {
    const share = (value - from) / (to - from);
    context.fillText(String(value).replace("-", "−"), x(share * (points.length - 1)), floor + 13);
  }
}

function drawTokens(
  context: CanvasRenderingContext2D,
  { labels, x, floor, marked, color }: Labels & {
    labels: readonly string[];
    marked: number;
    color(name: string): string;
  },
): void {
  context.textAlign = "right";
  labels.forEach((label, i) => {
    context.save();
    context.translate(x(i), floor + 8);
    context.rotate(-Math.PI / 2.6);
    context.fillStyle = color(i === marked ? "--ink" : "--soft");
    context.fillText(label.length > 10 ? `${label.slice(0, 9)}…` : label, 0, 0);
    context.restore();
  });
}
