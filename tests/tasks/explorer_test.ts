import * as tf from "@tensorflow/tfjs-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { alphaMixture, type AlphaMixtureOptions, assistantWeight } from "../../lib/assistants/alpha_mixture.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { findChromium, launchChromium } from "../../lib/figures/chromium.ts";
import { toyExplorerPairs } from "../../lib/figures/explorer/explorer_pair.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { buildExplorer } from "../../tasks/explorer/build.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";

const labelled = {
  name: "tokens",
  title: "</script><b>tokens</b>",
  axis: "token",
  points: [0, 1, 2],
  labels: ["<i>a", "b", "c"],
  teacher: [0.5, 0.3, 0.2],
  student: [0.2, 0.2, 0.6],
};

let built: Promise<string> | undefined;
const html = () => built ??= buildExplorer([...toyExplorerPairs(), labelled]);

/** The numbers of every point, as the page's table has them. */
async function tableOf(page: Page): Promise<number[][]> {
  const rows = (await page.inputValue("#table")).split("\n").slice(1).map((row) => row.split("\t").map(Number));
  return rows[0].map((_, column) => rows.map((row) => row[column]));
}

/** A number that the page shows. */
const shown = async (page: Page, id: string) => Number(await page.getAttribute(`#${id}`, "data-value"));

/** Waits until an expression is true in the page; the page's own policy keeps Playwright from waiting there. */
async function until(page: Page, expression: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await page.evaluate(expression)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`${expression} has not become true; the address is ${page.url()}`);
}

/** Opens the page in a browser without network; what goes wrong in it is an error at the end. */
async function withPage(
  hash: string,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/explorer.html`, await html());
  const browser = await launchChromium(findChromium());
  try {
    const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("request", (request) => request.url().startsWith("file:") || errors.push(request.url()));
    await page.goto(`file://${folder}/explorer.html${hash}`);
    await page.waitForSelector("#explorer[data-alpha]");
    await use(page);
    assertEquals(errors, []);
  } finally {
    await browser.close();
  }
}

/** Waits until the address, and with it the table, has come after the setting. */
const addressHas = (page: Page, name: string, value: number | string) =>
  until(page, `new URLSearchParams(location.hash.slice(1)).get("${name}") === "${value}"`);

testWithChromium(
  "the explorer's curves and numbers follow α, dragged from −3 to 3, as the library computes",
  () =>
    withPage("#alpha=-3&lambda=0.4&order=pr&pair=mixtures&point=300", {}, async (page) => {
      await page.click("summary");
      await until(page, `document.querySelector("#table").value !== ""`);
      const before = await tableOf(page);

      const { x, y, width, height } = (await page.locator("#alpha").boundingBox())!;
      const place = (alpha: number) => x + 8 + (width - 16) * (alpha + 5) / 10;
      const drawn = new Set<string | null>();
      await page.mouse.move(place(-3), y + height / 2);
      await page.mouse.down();
      for (let alpha = -3; alpha <= 3; alpha += 0.25) {
        await page.mouse.move(place(alpha), y + height / 2);
        drawn.add(await page.getAttribute("#explorer", "data-alpha"));
      }
      await page.mouse.up();
      const alpha = Number(await page.inputValue("#alpha"));
      await addressHas(page, "alpha", alpha);
      assert(Math.abs(alpha - 3) < 0.06 && drawn.size > 5, `α is ${alpha}, and was ${[...drawn]} on the way`);

      const after = await tableOf(page);
      for (const [alpha, table] of [[-3, before], [Number(await page.inputValue("#alpha")), after]] as const) {
        await assertComputed(table, { alpha, lambda: 0.4 });
      }
      assert(Math.max(...after[3].map((r, i) => Math.abs(r - before[3][i]))) > 1e-3, "the curve has changed");
      assertAllClose([await shown(page, "at-r"), await shown(page, "at-weight")], [after[3][300], after[4][300]]);
      assert(Number(await page.getAttribute("#explorer", "data-redraw-ms")) > 0);
    }),
);

/** Holds the page's table against the library, on another engine. */
async function assertComputed([, p, q, r, weight, gradient]: number[][], mixture: AlphaMixtureOptions): Promise<void> {
  await useEngine("wasm");
  const { teacher, student } = toyExplorerPairs()[1];
  const logits = { teacher: tf.log(teacher), student: tf.log(student) };
  assertAllClose(p, teacher);
  assertAllClose(q, student);
  assertAllClose(r, tf.exp(alphaMixture(logits.teacher, logits.student, mixture)), { atol: 1e-8 });
  assertAllClose(weight, assistantWeight(logits.teacher, logits.student, mixture));
  const amid = objective("amid", { ...mixture, divergence: "kl", order: "pr" }).valueAndGradient!(logits);
  assertAllClose(gradient, amid.gradient, { atol: 1e-8 });
}

testWithChromium(
  "the explorer is used by keyboard, by typing and by buttons, and keeps its state in the address",
  () =>
    withPage("#pair=mixtures&alpha=1&nonsense=1", { colorScheme: "dark" }, async (page) => {
      await until(page, `document.querySelector("#state").textContent.includes("nonsense=1")`);
      await page.focus("#alpha");
      await page.keyboard.press("ArrowRight");
      await addressHas(page, "alpha", 1.01);
      assertEquals(await page.getAttribute("#alpha", "aria-valuetext"), "1.01");
      await page.fill("#alpha-text", "−inf");
      await addressHas(page, "alpha", "-Infinity");
      await page.fill("#lambda-text", "1.5");
      assertEquals(await page.getAttribute("#lambda-text", "aria-invalid"), "true");
      await page.click("text=TAID >> nth=1");
      await addressHas(page, "order", "rq");
      assert(await page.isChecked("#detach"));
      await page.selectOption("#divergence", "total-variation");
      await page.selectOption("#pair", "tokens");
      await addressHas(page, "pair", "tokens");
      assertEquals(await page.textContent("#at-x"), "<i>a");
      await page.reload();
      await page.waitForSelector("#explorer[data-alpha]");
      assertEquals([await page.inputValue("#pair"), await page.inputValue("#divergence")], [
        "tokens",
        "total-variation",
      ]);
    }),
);

testWithChromium(
  "the explorer fits a phone, and every control has a name",
  () =>
    withPage("#pair=humps&alpha=5", { viewport: { width: 360, height: 640 } }, async (page) => {
      assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 360);
      const controls = "document.querySelectorAll('input, select, button, textarea')";
      const nameless = `[...${controls}].filter((e) => !e.labels?.length && !e.ariaLabel && !e.textContent).length`;
      assertEquals(await page.evaluate(nameless), 0);
      await page.locator("#gradients").hover({ position: { x: 60, y: 60 } });
      await until(page, `Number(document.querySelector("#point").value) < 100`);
    }),
);
