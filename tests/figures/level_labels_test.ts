import fc from "fast-check";
import { labelLines } from "../../lib/figures/level_labels.ts";
import { openFigureBrowser } from "../../lib/figures/static_svg.ts";
import { comparisonGapFigure, comparisonScoresFigure } from "../../lib/figures/comparison/comparison_figures.ts";
import { type Comparison, readComparison } from "../../lib/figures/comparison/comparison.ts";
import { findChromium, launchChromium } from "../../lib/figures/chromium.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assert, assertEquals } from "../support/mod.ts";

Deno.test("labelLines() lifts only those labels that would overlap one before them", () => {
  const at = (text: string, place: number) => ({ text, place });
  assertEquals(labelLines([at("start", 0), at("teacher", 300)]), [0, 0]);
  assertEquals(labelLines([at("start", 0), at("constant answer", 40), at("teacher", 60)]), [0, 1, 0]);
  assertEquals(labelLines([]), []);
});

Deno.test("labelLines() never puts two labels of one place on one line", () => {
  const label = fc.record({ text: fc.string({ maxLength: 30 }), place: fc.integer({ min: 0, max: 600 }) });
  fc.assert(fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
    const lines = labelLines(labels);
    labels.forEach((one, i) =>
      labels.forEach((other, j) => {
        if (i >= j || lines[i] !== lines[j]) return;
        assert(Math.abs(one.place - other.place) >= 3.5 * ([...one.text].length + [...other.text].length));
      })
    );
  }));
});

testWithChromium(
  "labels over the panels of a comparison do not overlap, wherever start and constant answer lie",
  async () => {
    const recorded = await readComparison("data/comparison/results.json");
    const moved = (constantRougeL: number): Comparison => ({
      ...recorded,
      runs: recorded.runs.map((run) => ({ ...run, constantRougeL })),
    });
    const start = recorded.runs[0].start.rougeL;
    const figures = [recorded, moved(start), moved(start + 0.3), moved(start - 1)].map(comparisonScoresFigure);
    await using drawing = await openFigureBrowser();
    const browser = await launchChromium(findChromium());
    try {
      const page = await browser.newPage({ offline: true });
      for (const figure of [...figures, comparisonGapFigure(recorded)]) {
        await page.setContent(await drawing.renderSvg(figure, { width: 860 }));
        const boxes = await page.evaluate(
          `[...document.querySelectorAll(".annotation-text")].map((text) => text.getBoundingClientRect().toJSON())`,
        ) as DOMRect[];
        assert(boxes.length >= 2);
        boxes.forEach((a, i) =>
          boxes.slice(i + 1).forEach((b) =>
            assert(
              a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top,
              JSON.stringify([a, b]),
            )
          )
        );
      }
    } finally {
      await browser.close();
    }
  },
);
