/**
 * The explorer's panels and numbers.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Exploration } from "../../lib/figures/explorer/explore.ts";
import type { ExplorerPair } from "../../lib/figures/explorer/explorer_pair.ts";
import type { ExplorerSettings } from "../../lib/figures/explorer/explorer_settings.ts";
import { drawPanel, type Panel, roundUp } from "./plot.ts";

/** Everything that is drawn. */
export interface Drawing {
  pair: ExplorerPair;
  settings: ExplorerSettings;
  exploration: Exploration;
  /** Whether probabilities stand on a logarithmic axis. */
  logarithmic: boolean;
}

/** The lowest probability of the logarithmic axis. */
const LOWEST = -8;

/** Writes a number for people: four digits, a true minus, ∞, and a word where the value is undefined. */
export function writeNumber(value: number): string {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const small = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5);
  return (small ? value.toExponential(2) : String(Number(value.toPrecision(4)))).replaceAll("-", "−");
}

const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter(Number.isFinite);
const largest = (...lists: ArrayLike<number>[]): number =>
  lists.reduce((most, list) => finite(list).reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);

/** Shows an output, with the number itself where programs find it. */
function show(id: string, value: number | string): void {
  const output = document.getElementById(id)!;
  output.textContent = typeof value === "number" ? writeNumber(value) : value;
  output.dataset.value = String(value);
}

const draw = (id: string, label: string, panel: Panel) => {
  const canvas = document.getElementById(id) as HTMLCanvasElement;
  canvas.setAttribute("aria-label", label);
  drawPanel(canvas, panel);
};

/** Draws the panels and writes the numbers. */
export function drawExploration({ pair, settings, exploration, logarithmic }: Drawing): void {
  const { points, labels, teacher, student } = pair;
  const { point: marked, order } = settings;
  const { logR, weight, gradient } = exploration;
  const r = Array.from(logR, Math.exp);
  const push = Array.from(gradient, (value) => -value);
  const forward = teacher.map((value, i) => value - student[i]);
  const base = { points, labels, marked };
  document.body.classList.toggle("tokens", labels !== undefined);

  const scale = (values: number[]) =>
    logarithmic ? values.map((value) => value > 0 ? Math.max(LOWEST, Math.log10(value)) : NaN) : values;
  const top = roundUp(largest(teacher, student, r));
  draw("distributions", "Probabilities of teacher, student and assistant", {
    ...base,
    series: [
      { values: scale(r), color: "--assistant", width: 3, filled: !logarithmic },
      { values: scale(teacher), color: "--teacher", width: 1.75 },
      { values: scale(student), color: "--student", width: 1.75, dashed: true },
    ],
    range: logarithmic ? [LOWEST, 0] : [0, top],
    ticks: logarithmic ? [-8, -6, -4, -2, 0] : [0, top / 2, top],
    write: (value) => logarithmic ? (value === 0 ? "1" : `1e−${-value}`) : writeNumber(value),
  });
  draw("weights", "Weight ω of the student in the assistant", {
    ...base,
    series: [{ values: weight, color: "--assistant", width: 2.5, filled: true }],
    range: [0, 1],
    ticks: [0, 0.5, 1],
    write: writeNumber,
  });
  const reach = roundUp(largest(push, forward));
  draw("gradients", "Push on the logits of the student", {
    ...base,
    series: [
      { values: forward, color: "--plain", width: 1.5, dashed: true },
      { values: push, color: "--assistant", width: 2.5, filled: labels !== undefined },
    ],
    range: [-reach, reach],
    ticks: [-reach, 0, reach],
    write: writeNumber,
  });

  document.getElementById("value-name")!.textContent = `D(${order[0]}‖${order[1]})`;
  show("value", exploration.value);
  show("gradient-norm", exploration.gradientNorm);
  show("forward-cosine", exploration.forwardCosine);
  show("reverse-cosine", exploration.reverseCosine);
  show("entropy", exploration.entropy);
  document.getElementById("at-x-name")!.textContent = pair.axis;
  show("at-x", labels?.[marked] ?? points[marked]);
  show("at-p", teacher[marked]);
  show("at-q", student[marked]);
  show("at-r", r[marked]);
  show("at-weight", weight[marked]);
  show("at-gradient", push[marked]);
}
