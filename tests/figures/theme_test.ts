import { validationLossFigure } from "../../lib/figures/loss_curves.ts";
import { palette } from "../../lib/figures/specification.ts";
import { onGround, themes } from "../../lib/figures/theme.ts";
import { assert, assertEquals } from "../support/mod.ts";

/** WCAG's relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (a: string, b: string) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

Deno.test("onGround() changes neutral colours and ground, and leaves data and the figure it was given", () => {
  const figure = validationLossFigure([{ step: 1, loss: 2 }], { teacher: 1 });
  const before = structuredClone(figure);
  const dark = onGround(figure, "dark");
  assertEquals(figure, before);
  assertEquals(dark.data, figure.data);
  const text = JSON.stringify(dark);
  assert(!text.includes(palette.ink) && !text.includes(palette.grid));
  assertEquals(dark.layout.paper_bgcolor, themes.dark.ground);
});

Deno.test("onGround() gives text a contrast of 7, and lines and marks of data one of 3, on both grounds", () => {
  for (const { ground, ink } of Object.values(themes)) {
    assert(contrast(ground, ink) >= 7);
    for (const name of ["teacher", "student", "start", "constant"] as const) {
      assert(contrast(ground, palette[name]) >= 3, `${name} on ${ground}: ${contrast(ground, palette[name])}`);
    }
  }
});
