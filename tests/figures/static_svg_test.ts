import { ChromiumUnavailableError } from "../../lib/figures/chromium.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { openFigureBrowser, renderSvg } from "../../lib/figures/static_svg.ts";
import { onGround } from "../../lib/figures/theme.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

const points = [...Array(40).keys()].map((step) => ({ step, loss: Math.exp(-step / 10) }));
const figure = trainingLossFigure(points);

testWithChromium("openFigureBrowser() draws the same bytes again, in any order and in another browser", async () => {
  await using browser = await openFigureBrowser();
  const [svg, png] = [await browser.renderSvg(figure), await browser.renderPng(figure)];
  await browser.renderSvg(onGround(figure, "dark"), { width: 300, height: 200 });
  assertEquals(await browser.renderSvg(figure), svg);
  assertEquals(await browser.renderPng(figure), png);
  assertEquals(await renderSvg(figure), svg);
});

testWithChromium("openFigureBrowser() draws in the size that is asked for, titles escaped", async () => {
  await using browser = await openFigureBrowser({ scale: 3 });
  const svg = await browser.renderSvg(figure, { width: 320, height: 200, title: `p < q & "r"` });
  assert(svg.startsWith("<svg ") && svg.includes('viewBox="0 0 320 200" width="320"'));
  assert(svg.includes("<title>p &lt; q &amp; &quot;r&quot;</title>"));
  const png = await browser.renderPng(figure, { width: 320, height: 200 });
  const header = new DataView(png.buffer, png.byteOffset);
  assertEquals([header.getUint32(0), header.getUint32(16), header.getUint32(20)], [0x89504e47, 960, 600]);
  const layout = { ...figure.layout, width: 500, height: 250 };
  assert((await browser.renderSvg({ ...figure, layout })).includes('viewBox="0 0 500 250" width="500"'));
  await assertRejects(() => browser.renderSvg(figure, { width: 0 }), RangeError, "current value is 0");
});

testWithChromium("openFigureBrowser() draws typed arrays and gaps as Plotly's own arrays", async () => {
  await using browser = await openFigureBrowser();
  const trace = (y: unknown) => ({ ...figure, data: [{ ...figure.data[0], y }] } as typeof figure);
  const svg = await browser.renderSvg(trace(new Float32Array([1, NaN, 2, 3])));
  assertEquals(svg, await browser.renderSvg(trace([1, NaN, 2, 3])));
  assert(/<path class="js-line"/.test(svg));
});

Deno.test("renderSvg() reports how to get a browser where it does not start", async () => {
  const program = await Deno.makeTempFile();
  await assertRejects(() => renderSvg(figure, { chromium: program }), ChromiumUnavailableError, "does not start");
});
