import { ChromiumUnavailableError } from "../../lib/figures/chromium.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { FigureDisplay } from "../../lib/notebooks/figure_display.ts";
import { figureHtml, plotlyHtml } from "../../lib/notebooks/figure_html.ts";
import { followLive } from "../../lib/notebooks/follow_live.ts";
import { livePlot } from "../../lib/notebooks/live_plot.ts";
import { NotebookUnavailableError } from "../../lib/notebooks/kernel.ts";
import { liveFigure, show } from "../../lib/notebooks/show.ts";
import { recordRun } from "../../lib/runs/record_run.ts";
import type { DistillEvent } from "../../lib/training/run/distill_events.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

interface Message {
  type: string;
  content: {
    data: Record<string, string>;
    transient: { display_id?: string };
    text?: string;
  };
}

/** A notebook's page that only listens. */
function listeningDisplay(renderSvg = (): Promise<string> => Promise.resolve("<svg/>")) {
  const messages: Message[] = [];
  const clock = { time: 0 };
  let names = 0;
  const display = new FigureDisplay({
    kernel: {
      broadcast: (type, content) => {
        messages.push({ type, content: content as Message["content"] });
        return Promise.resolve();
      },
    },
    plotlySource: () => Promise.resolve("module.exports = {}"),
    renderSvg,
    uniqueName: () => `name-${names++}`,
    now: () => clock.time,
  });
  return { display, messages, clock };
}

const figure = (loss: number) => trainingLossFigure([{ step: 1, loss }]);

Deno.test("FigureDisplay brings plotly.js once, then figures as HTML with SVG beside", async () => {
  const { display, messages } = listeningDisplay();
  await Promise.all([display.show(figure(1)), display.show(figure(2))]);
  assertEquals(messages.map(({ type }) => type), ["display_data", "display_data", "display_data"]);
  const [plotly, ...figures] = messages.map(({ content }) => content.data);
  assert(plotly["text/html"].includes("amidPlotly"));
  for (const data of figures) {
    assertEquals(Object.keys(data), ["text/html", "image/svg+xml", "text/plain"]);
    assertEquals(data["text/plain"], "figure of each step, mean of 1");
  }
});

Deno.test("FigureDisplay.live() changes one figure in its place, not more often than asked", async () => {
  const { display, messages, clock } = listeningDisplay();
  const live = await display.live(figure(1), { interval: 100 });
  for (const [time, loss] of [[50, 2], [120, 3], [150, 4]]) {
    clock.time = time;
    await live.update(() => figure(loss));
  }
  await live.finish();
  const shown = messages.slice(1);
  assertEquals(shown.map(({ type }) => type), ["display_data", "update_display_data", "update_display_data"]);
  assertEquals(new Set(shown.map(({ content }) => content.transient.display_id)).size, 1);
  assert(shown[1].content.data["text/html"].includes('"y":[3]'), "what was too soon was drawn");
  assert(shown[2].content.data["text/html"].includes('"y":[4]'), "the last state is missing");
  assertEquals(shown.map(({ content }) => "image/svg+xml" in content.data), [false, false, true]);
});

Deno.test("FigureDisplay without Chromium shows what it can and reports once how to fix it", async () => {
  const { display, messages } = listeningDisplay(() => Promise.reject(new ChromiumUnavailableError("there is none")));
  await display.show(figure(1));
  await display.show(figure(2));
  const notes = messages.filter(({ type }) => type === "stream");
  assertEquals(notes.length, 1);
  assert(notes[0].content.text!.includes("apt-get install chromium"));
  assertEquals(messages.filter(({ type }) => type === "display_data").length, 3);
});

Deno.test("FigureDisplay passes on other errors of drawing", async () => {
  const { display } = listeningDisplay(() => Promise.reject(new Error("plotly.js cannot")));
  await assertRejects(() => display.show(figure(1)), Error, "plotly.js cannot");
});

Deno.test("figureHtml() and plotlyHtml() hold nothing that could end their script", async () => {
  const nasty = figure(1);
  nasty.data[0].name = "</script><b>";
  const html = figureHtml(nasty, { id: "a" });
  assertEquals(html.match(/<\/script>/g)?.length, 1);
  const source = await plotlyHtml("const text = '</script>';");
  assertEquals(source.match(/<\/script>/g)?.length, 1);
});

Deno.test("plotlyHtml() unpacks into the same program", async () => {
  const html = await plotlyHtml("module.exports = { version: '≥ 4' }");
  const page: { amidPlotly?: Promise<{ version: string }> } = {};
  const program = html.replace(/^<script>|<\/script>$/g, "").replace("globalThis.amidPlotly", "page.amidPlotly");
  new Function("page", program)(page);
  assertEquals((await page.amidPlotly!).version, "≥ 4");
});

Deno.test("show() and liveFigure() outside of a notebook say how to get into one", async () => {
  await assertRejects(() => show(figure(1)), NotebookUnavailableError, "deno jupyter --install");
  await assertRejects(() => liveFigure(figure(1)), NotebookUnavailableError, "deno task notebooks");
});

/** The parts of events that are drawn. */
type EventPart = { type: DistillEvent["type"]; step: number; [part: string]: unknown };

async function* events(...list: EventPart[]): AsyncGenerator<DistillEvent> {
  yield* await Promise.resolve(list as DistillEvent[]);
}

Deno.test("livePlot() is a recorder: it draws what followLive() draws, and leaves a run alone that has no notebook", async () => {
  await useEngine("wasm");
  const { display, messages } = listeningDisplay();
  const plot = livePlot({ open: (figure) => display.live(figure, { interval: 0 }) });
  const run = () =>
    events({ type: "start", step: 0, totalSteps: 1 }, { type: "step", step: 1, loss: 3, tokens: 4, seconds: 1 });
  assertEquals(await recordRun(run, [plot]), { finished: true, step: 1, warnings: [] });
  assertEquals(plot.seen?.loss, [{ step: 1, value: 3 }]);
  assert(messages.length > 2);
  const { finished, warnings } = await recordRun(run, [livePlot()]);
  assert(
    finished && warnings.length === 1 && warnings[0].startsWith("the live figure records nothing further"),
    `${warnings}`,
  );
});

Deno.test("followLive() draws losses, validations and gaps, and gives them back", async () => {
  const { display, messages } = listeningDisplay();
  const run = events(
    { type: "start", step: 0, totalSteps: 2 },
    { type: "step", step: 1, loss: 3, metrics: { klTeacherStudent: 0.5, bufferSize: 9 } },
    { type: "sample", step: 1 },
    { type: "step", step: 2, loss: 2, metrics: {} },
    { type: "validation", step: 2, validLoss: 1.5 },
  );
  const seen = await followLive(run, { teacherValidLoss: 1, open: (figure) => display.live(figure, { interval: 0 }) });
  assertEquals(seen.loss, [{ step: 1, value: 3 }, { step: 2, value: 2 }]);
  assertEquals(seen.validLoss, [{ step: 2, value: 1.5 }]);
  assertEquals(Object.values(seen.gaps), [[{ step: 1, value: 0.5 }]]);
  assert(messages.length > 5 && messages.at(-1)!.content.data["text/html"].includes("validation loss"));
});

Deno.test("followLive() refuses a run that does not begin with its number of steps", async () => {
  const { display } = listeningDisplay();
  const open = { open: (figure: Parameters<FigureDisplay["live"]>[0]) => display.live(figure) };
  await assertRejects(
    () => followLive(events({ type: "step", step: 1, loss: 1 }), open),
    RangeError,
    "its first is step",
  );
  await assertRejects(() => followLive(events(), open), RangeError, "there was none");
});
