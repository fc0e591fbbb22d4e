/**
 * The program of the explorer, which runs in a browser: settings in, curves and numbers out.
 *
 * @module
 */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { DivergenceName } from "../../lib/divergences/registry.ts";
import { type Exploration, type Explorer, explorer } from "../../lib/figures/explorer/explore.ts";
import type { ExplorerPair } from "../../lib/figures/explorer/explorer_pair.ts";
import {
  explorerMethods,
  type ExplorerSettings,
  firstSettings,
  readSettings,
  writeSettings,
} from "../../lib/figures/explorer/explorer_settings.ts";
import type { Order } from "../../lib/objectives/composition.ts";
import { drawExploration, writeNumber } from "./draw.ts";
import { pointAt } from "./plot.ts";

const find = <Kind extends HTMLElement = HTMLInputElement>(id: string) => document.getElementById(id) as Kind;

const pairs = JSON.parse(find("pairs").textContent!) as ExplorerPair[];
const names = pairs.map(({ name }) => name);
let settings = firstSettings;
let pair = pairs[0];
let library: Explorer;
let exploration: Exploration;
let ignored: string[] = [];
let frame = 0;
let later: ReturnType<typeof setTimeout> | undefined;
const times: number[] = [];

/** Takes over settings, keeps them possible, and has everything drawn in the next frame. */
function set(change: Partial<ExplorerSettings>): void {
  settings = { ...settings, ...change };
  if (settings.pair !== pair.name || !library) {
    pair = pairs.find(({ name }) => name === settings.pair)!;
    library?.dispose();
    library = explorer(pair);
    if (change.point === undefined) settings.point = pair.labels ? 0 : Math.round(pair.points.length * 0.32);
  }
  if (settings.point >= pair.points.length) settings.point = 0;
  frame ||= requestAnimationFrame(redraw);
}

function redraw(): void {
  frame = 0;
  const began = performance.now();
  exploration = library.at(settings);
  showSettings();
  drawExploration({ pair, settings, exploration, logarithmic: find("logarithmic").checked });
  const main = find<HTMLElement>("explorer");
  times.push(performance.now() - began);
  if (times.length > 240) times.shift();
  Object.assign(main.dataset, { alpha: settings.alpha, lambda: settings.lambda, redrawMs: times.at(-1) });
  clearTimeout(later);
  later = setTimeout(settle, 150);
}

/** What need not follow every frame: the address, the table, what a screen reader says. */
function settle(): void {
  history.replaceState(null, "", writeSettings(settings));
  const { value, entropy } = exploration;
  const { order, alpha, lambda } = settings;
  const told = `α = ${writeNumber(alpha)}, λ = ${writeNumber(lambda)}: D(${order[0]}‖${order[1]}) is ` +
    `${writeNumber(value)} nats, the entropy of r ${writeNumber(entropy)} nats.`;
  const unread = ignored.length > 0 ? ` Not understood in the address: ${ignored.join(", ")}.` : "";
  find<HTMLElement>("state").textContent = told + unread;
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  find<HTMLElement>("pace").textContent = `Redrawn in ${median.toFixed(1)} ms (median of ${sorted.length}) for ` +
    `${pair.points.length} points.`;
  if (find<HTMLDetailsElement>("numbers").open) fillTable();
}

function fillTable(): void {
  const { logR, weight, gradient } = exploration;
  const rows = pair.points.map((x, i) =>
    [pair.labels?.[i] ?? x, pair.teacher[i], pair.student[i], Math.exp(logR[i]), weight[i], gradient[i]].join("\t")
  );
  find<HTMLTextAreaElement>("table").value = ["x\tp\tq\tr\tomega\tgradient", ...rows].join("\n");
}

/** Brings every control to the settings, except for the field that is being typed into. */
function showSettings(): void {
  const { alpha, lambda, order } = settings;
  for (const [name, value] of Object.entries({ alpha, lambda })) {
    const text = writeNumber(value);
    const [range, field] = [find(name), find(`${name}-text`)];
    range.value = String(value);
    range.setAttribute("aria-valuetext", text);
    if (document.activeElement !== field) {
      field.value = text;
      field.removeAttribute("aria-invalid");
    }
  }
  find("pair").value = settings.pair;
  find("divergence").value = settings.divergence;
  const mixed = order.includes("r") && order.includes("q");
  find("detach").disabled = !mixed;
  find("detach").checked = settings.detach && mixed;
  const point = find("point");
  point.max = String(pair.points.length - 1);
  point.value = String(settings.point);
  document.querySelector<HTMLInputElement>(`[name="order"][value="${order}"]`)!.checked = true;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-alpha]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.alpha) === alpha));
  }
}

/** Reads a number as people type it: a comma or a point, a minus of either kind, ∞. */
function typed(text: string): number {
  const plain = text.trim().replace(",", ".").replace("−", "-").replace(/∞|^(-?)inf$/i, "$1Infinity");
  return plain === "" ? NaN : Number(plain);
}

for (const name of ["alpha", "lambda"] as const) {
  const field = find(`${name}-text`);
  find(name).addEventListener("input", (event) => set({ [name]: Number((event.target as HTMLInputElement).value) }));
  field.addEventListener("input", () => {
    const value = typed(field.value);
    const possible = name === "alpha" ? !Number.isNaN(value) : value >= 0 && value <= 1;
    field.setAttribute("aria-invalid", String(!possible));
    if (possible) set({ [name]: value });
  });
  field.addEventListener("blur", () => set({}));
}
find("pair").addEventListener("change", (event) => set({ pair: (event.target as HTMLInputElement).value }));
find("divergence").addEventListener(
  "change",
  (event) => set({ divergence: (event.target as HTMLInputElement).value as DivergenceName }),
);
find("detach").addEventListener("change", (event) => set({ detach: (event.target as HTMLInputElement).checked }));
find("point").addEventListener("input", (event) => set({ point: Number((event.target as HTMLInputElement).value) }));
find("logarithmic").addEventListener("change", () => set({}));
find<HTMLDetailsElement>("numbers").addEventListener("toggle", fillTable);
for (const radio of document.querySelectorAll<HTMLInputElement>('[name="order"]')) {
  radio.addEventListener("change", () => set({ order: radio.value as Order }));
}
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-alpha]")) {
  button.addEventListener("click", () => set({ alpha: Number(button.dataset.alpha) }));
}
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-method]")) {
  button.addEventListener("click", () => {
    set({ divergence: "kl", ...explorerMethods[Number(button.dataset.method)].settings });
  });
}
for (const id of ["distributions", "weights", "gradients"]) {
  const canvas = find<HTMLCanvasElement>(id);
  const mark = (event: PointerEvent) => {
    if (event.type === "pointermove" && event.pointerType !== "mouse" && event.buttons === 0) return;
    set({ point: pointAt(event.offsetX, { width: canvas.clientWidth, count: pair.points.length }) });
  };
  canvas.addEventListener("pointermove", mark);
  canvas.addEventListener("pointerdown", mark);
}
document.querySelector("form")!.addEventListener("submit", (event) => event.preventDefault());
addEventListener("resize", () => set({}));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => set({}));

function fromAddress(): void {
  const read = readSettings(location.hash, { pairs: names, start: settings });
  ignored = read.ignored;
  set(read.settings);
}
addEventListener("hashchange", fromAddress);

await tf.setBackend("cpu");
fromAddress();
