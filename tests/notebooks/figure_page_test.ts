/** Figures of notebooks in a page of a real browser. */
import { fileURLToPath } from "node:url";
import { findChromium, launchChromium } from "../../lib/figures/chromium.ts";
import { fitAnimation } from "../../lib/figures/fit_animation.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { toyPair } from "../../lib/analysis/toys.ts";
import { figureHtml, plotlyHtml } from "../../lib/notebooks/figure_html.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assertEquals } from "../support/mod.ts";

testWithChromium("figureHtml() draws itself once plotly.js is there, again in its place, and plays", async () => {
  const path = [0, 1].map((step) => ({ step, mean: step, deviation: 1, value: 0 }));
  const moving = fitAnimation({
    ...toyPair("mixtures"),
    alpha: 0,
    lambda: 0.5,
    paths: [{ order: "pr", path }],
    count: 2,
  });
  const figure = (loss: number) => trainingLossFigure([{ step: 1, loss }]);
  const parts = [
    figureHtml(figure(1), { id: "early", name: "live" }),
    await plotlyHtml(await Deno.readTextFile(fileURLToPath(import.meta.resolve("plotly.js-dist")))),
    figureHtml(figure(2), { id: "late", name: "live" }),
    figureHtml(moving, { id: "moving" }),
  ];
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/page.html`, `<!doctype html><meta charset="utf-8">${parts.join("\n")}`);
  const browser = await launchChromium(findChromium());
  try {
    const page = await (await browser.newContext({ offline: true })).newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(`file://${folder}/page.html`);
    await page.waitForFunction(`document.querySelector("#moving")?._transitionData?._frames?.length === 2`);
    await page.waitForFunction(`document.querySelector("#late")?.data && !document.querySelector("#early").data`);
    assertEquals(await page.evaluate(`document.querySelector("#late").data[0].y`), [2]);
    assertEquals(await page.evaluate(`document.querySelectorAll("#moving .slider-group").length`), 1);
    assertEquals(errors, []);
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});
