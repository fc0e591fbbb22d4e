/**
 * Figures on light and on dark ground.
 *
 * @module
 */
import { palette, type PlotSpecification } from "./specification.ts";

/** The ground that a figure stands on. */
export type Theme = "light" | "dark";

/** The colours of a ground and of what is neither data nor ground. */
export const themes: Readonly<Record<Theme, { ground: string; ink: string; grid: string }>> = {
  light: { ground: "#ffffff", ink: "#3d444d", grid: "rgba(93, 101, 111, 0.18)" },
  dark: { ground: "#14161a", ink: "#c4c9d1", grid: "rgba(163, 170, 180, 0.2)" },
};

/** Replaces texts anywhere in a value that JSON can hold. */
function replaceTexts(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return texts.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaceTexts(item, texts));
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceTexts(item, texts)]));
}

/**
 * Puts a figure on a ground: neutral ink and grid lines become the ground's own, the transparent paper gets its colour.
 *
 * @param figure The specification; it is left as it is.
 * @param theme The ground.
 * @returns The specification of the same picture on that ground.
 *
 * @example The ground's colour
 * ```ts
 * import assert from "node:assert/strict";
 * import { onGround, trainingLossFigure } from "@amid/amid/figures";
 *
 * const figure = trainingLossFigure([{ step: 1, loss: 3 }, { step: 2, loss: 2 }]);
 * assert.equal(onGround(figure, "light").layout.paper_bgcolor, "#ffffff");
 * ```
 */
export function onGround<Figure extends PlotSpecification>(figure: Figure, theme: Theme): Figure {
  const { ground, ink, grid } = themes[theme];
  const colours = new Map<string, string>([[palette.ink, ink], [palette.grid, grid]]);
  const coloured = replaceTexts(figure, colours) as Figure;
  const { layout } = coloured;
  const hoverlabel = { bgcolor: ground, ...layout.hoverlabel as object };
  return { ...coloured, layout: { ...layout, paper_bgcolor: ground, hoverlabel } };
}
