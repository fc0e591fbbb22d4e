import { figurePage } from "../../lib/figures/figure_page.ts";
import { kindScoresFigure } from "../../lib/figures/kind_scores.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { findChromium, launchChromium } from "../../lib/figures/chromium.ts";
import { themes } from "../../lib/figures/theme.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assert, assertEquals } from "../support/mod.ts";

const figure = trainingLossFigure([{ step: 1, loss: 3 }, { step: 2, loss: 2 }]);

Deno.test("figurePage() escapes every text and loads plotly.js alone", () => {
  const evil = `</script><img src=x onerror="alert('1')">`;
  const scores = { validLoss: 1, rougeL: 1, exactMatch: 1, kinds: { [evil]: { rougeL: 1, exactMatch: 1, count: 1 } } };
  const bars = kindScoresFigure({
    engine: "",
    seconds: 1,
    teacher: scores,
    start: scores,
    student: scores,
    constant: { rougeL: 1, exactMatch: 1 },
  });
  const page = figurePage(bars, { title: evil, caption: evil, plotly: `"${evil}` });
  assert(!page.includes("<img"), "markup of a text came through");
  assertEquals(page.match(/<\/script>/g)?.length, 3);
  assertEquals(figurePage(figure, { title: "t", caption: "c" }).match(/\b(src|href)="[^"]*"/g), ['src="plotly.js"']);
});

testWithChromium("figurePage() draws from beside plotly.js, in the ink of the reader's ground", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/figure.html`, figurePage(figure, { title: "Loss", caption: "It falls." }));
  await Deno.copyFile("node_modules/plotly.js-dist/plotly.js", `${folder}/plotly.js`);
  const browser = await launchChromium(findChromium());
  try {
    const page = await browser.newPage({ offline: true, colorScheme: "dark" });
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(`file://${folder}/figure.html`);
    await page.waitForSelector(".xtick text");
    const ink = () => page.evaluate("document.querySelector('#plot').layout.font.color");
    assertEquals(await ink(), themes.dark.ink);
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForTimeout(500);
    assertEquals(await ink(), themes.light.ink);
    assertEquals(errors, []);
  } finally {
    await browser.close();
  }
});
