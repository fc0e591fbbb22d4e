import { assistantFloat64 } from "../../lib/analysis/assistant_float64.ts";
import { toyPair } from "../../lib/analysis/toys.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { assistantsFigure } from "../../lib/figures/assistants.ts";
import { continuityFigure } from "../../lib/figures/continuity.ts";
import { fitAnimation } from "../../lib/figures/fit_animation.ts";
import { gallery } from "../../lib/figures/gallery.ts";
import { gradientProfileFigure } from "../../lib/figures/gradient_profile.ts";
import { nextTokenFigure } from "../../lib/figures/next_token.ts";
import { visibleToken } from "../../lib/figures/number_text.ts";
import { smallMultiples } from "../../lib/figures/small_multiples.ts";
import { type Axis, palette, type PlotSpecification } from "../../lib/figures/specification.ts";
import { studentWeightFigure } from "../../lib/figures/student_weight.ts";
import { tokenGradientsFigure } from "../../lib/figures/token_gradients.ts";
import { trainingRunFigure } from "../../lib/figures/training_run.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

/** Every title of an axis, and every text that stands in place of one. */
function texts({ layout }: PlotSpecification): string[] {
  const axes = Object.entries(layout).filter(([key]) => /^[xy]axis\d*$/.test(key)).map(([, axis]) => axis as Axis);
  const notes = (layout.annotations ?? []) as { text: string }[];
  return [...axes.map(({ title }) => title.text), ...notes.map(({ text }) => text)].filter((text) => text !== "");
}

/** Numbers of a trace, however deep. */
const numbers = (value: unknown): number[] =>
  typeof value === "number" ? [value] : Array.isArray(value) ? value.flatMap(numbers) : [];

const sources = { root: "." };
// One trains a model; the notebook that shows it is run as a whole.
const quick = Object.keys(gallery).filter((name) =>
  /^(alpha|assist|suppo|conti|minim|next|student_w|gradient_c|token_g|gaussian|fit_)/.test(name)
);

for (const name of quick) {
  Deno.test(`gallery: ${name} has named axes, lines of one length and finite numbers`, async () => {
    const figure = await gallery[name].make(sources);
    assert(texts(figure).length >= 2 || name === "alpha_line", "an axis has no title");
    assert(texts(figure).some((text) => text.includes("<i>")), "no symbol on an axis");
    for (const trace of figure.data) {
      if (trace.type === "heatmap") {
        assertEquals(trace.z.length, trace.y.length);
        assert(trace.z.every((row) => row.length === trace.x.length));
        assert(numbers(trace.z).every(Number.isFinite));
      } else {
        assertEquals(trace.x.length, trace.y.length);
        assert(numbers([trace.x, trace.y]).every(Number.isFinite), `${trace.name} is not finite`);
      }
    }
    assertEquals(JSON.parse(JSON.stringify(figure)), figure, "the figure is no plain JSON");
    assert(JSON.stringify(figure).length < 400_000 && gallery[name].caption.endsWith("."));
  });
}

Deno.test("gallery: all names are file names", () => {
  assert(quick.length >= 12 && Object.keys(gallery).every((name) => /^[a-z][a-z0-9_]*$/.test(name)));
});

Deno.test("assistantsFigure() has a panel for each α and draws r as it is", () => {
  const pair = toyPair("gaussians", { count: 11 });
  const assistants = [-1, 3].flatMap((alpha) =>
    [0.2, 0.6].map((lambda) => ({ alpha, lambda, ...assistantFloat64(pair, { alpha, lambda }) }))
  );
  const { data } = assistantsFigure({ ...pair, assistants });
  assertEquals(data.length, 8);
  const last = data[7];
  assert(last.type === "scatter" && last.xaxis === "x2" && last.line?.color === palette.assistant);
  assertAllClose(last.y as number[], assistants[3].logProbs.map(Math.exp), { atol: 1e-4 });
  assertThrows(() => assistantsFigure({ ...pair, assistants: [] }), RangeError, "a title and a column");
});

Deno.test("smallMultiples() keeps panels apart, within the figure", () => {
  const axis = { title: { text: "<i>x</i>" } };
  const { layout, panels } = smallMultiples({
    titles: ["a", "b", "c", "d", "e"],
    columns: 2,
    x: axis,
    y: axis,
    rowHeight: 100,
  });
  assertEquals(panels.map(({ xaxis }) => xaxis), ["x", "x2", "x3", "x4", "x5"]);
  const boxes = panels.map((_, i) => {
    const suffix = i === 0 ? "" : i + 1;
    return [layout[`xaxis${suffix}`], layout[`yaxis${suffix}`]].map((axis) => (axis as { domain: number[] }).domain);
  });
  for (const [i, [x, y]] of boxes.entries()) {
    assert([...x, ...y].every((place) => place >= 0 && place <= 1 + 1e-12));
    for (const [otherX, otherY] of boxes.slice(i + 1)) {
      assert(x[1] < otherX[0] || otherX[1] < x[0] || y[1] < otherY[0] || otherY[1] < y[0], "panels overlap");
    }
  }
});

Deno.test("studentWeightFigure() is ½ at p = q with λ = ½, and dark where ω vanishes", () => {
  const [heat] = studentWeightFigure({ lambdas: [0.5], reach: 6 }).data;
  assert(heat.type === "heatmap");
  const row = (alpha: number) => heat.z[(heat.y as number[]).indexOf(alpha)] as number[];
  assertAllClose([row(-5)[30], row(5)[30]], [0.5, 0.5]);
  assert(row(-5)[60] < 0.01 && row(-5)[0] > 0.99, "α < 1 must fade where p ≫ q");
  assert(row(5)[0] < 0.01 && row(5)[60] > 0.99, "α > 1 must fade where q ≫ p");
});

Deno.test("tokenGradientsFigure() pushes up what the student lacks, and sorts by p/q", () => {
  const teacher = [0.7, 0.2, 0.1].map(Math.log);
  const student = [0.1, 0.2, 0.7].map(Math.log);
  const [heat] = tokenGradientsFigure({
    tokens: ["a", "b", "c"],
    teacher,
    student,
    orders: ["pr"],
    alphas: [-1, 1],
    lambda: 0.5,
  }).data;
  assert(heat.type === "heatmap");
  assertEquals(heat.y as string[], ["“c”", "“b”", "“a”"]);
  const pushes = heat.z as number[][];
  assert(pushes[2][1] > 0 && pushes[0][1] < 0);
});

Deno.test("nextTokenFigure() shows the likeliest tokens, their texts escaped and their spaces seen", () => {
  const { data } = nextTokenFigure({
    tokens: [" <b>", "x", "y"],
    teacher: [0.6, 0.3, 0.1],
    student: [0.2, 0.3, 0.5],
    assistants: [{ alpha: 0, probs: [0.4, 0.3, 0.3] }],
    count: 2,
  });
  assertEquals(data.map(({ y }) => y), Array(3).fill(["“y”", "“␣&lt;b&gt;”"]));
  assertEquals(visibleToken("\n"), "“⏎”");
});

Deno.test("fitAnimation() shows the last step, and its frames change only students and assistants", () => {
  const pair = toyPair("mixtures", { count: 21 });
  const path = [0, 1, 2, 3].map((step) => ({ step, mean: step, deviation: 1, value: 0 }));
  const { data, frames } = fitAnimation({ ...pair, alpha: 0, lambda: 0.5, paths: [{ order: "pr", path }], count: 4 });
  assertEquals(frames!.at(-1)!.data.map(({ y }) => y), data.slice(0, 2).map(({ y }) => y));
  assertEquals(frames!.map(({ traces }) => traces), frames!.map(() => [0, 1]));
  assert(JSON.stringify(frames![0].data) !== JSON.stringify(frames!.at(-1)!.data));
});

Deno.test("continuityFigure() and gradientProfileFigure() refuse to draw nothing", () => {
  assertThrows(() => continuityFigure([]), RangeError, "current number is 0");
  assertThrows(() => gradientProfileFigure([]), RangeError, "current number is 0");
});

Deno.test("trainingRunFigure() draws a run of which nothing is known yet, and one with gaps", () => {
  const empty = { totalSteps: 9, loss: [], validLoss: [], gaps: {} };
  assertEquals(trainingRunFigure(empty).data.map(({ x }) => x), [[], []]);
  const points = [{ step: 1, value: 2 }];
  const { data } = trainingRunFigure({ ...empty, loss: points, gaps: { "D(p‖q)": points }, teacherValidLoss: 1 });
  assertEquals(data.map(({ name }) => name), ["student", "student", "teacher", "D(p‖q)"]);
});
