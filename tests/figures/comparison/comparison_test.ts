import { useEngine } from "../../../lib/engines/mod.ts";
import { type Comparison, rankSettings, readComparison, spreadOf } from "../../../lib/figures/comparison/comparison.ts";
import {
  comparisonCurvesFigure,
  comparisonGapFigure,
  comparisonScoresFigure,
} from "../../../lib/figures/comparison/comparison_figures.ts";
import { lossOfCollapse, weightByRatio } from "../../../lib/figures/comparison/divergence_figure.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";

const scores = (validLoss: number, rougeL: number) => ({ validLoss, rougeL, exactMatch: 0 });
const run = (setting: string, seed: number, validLoss: number, rougeL: number) => ({
  setting,
  seed,
  teacher: scores(1, 50),
  start: scores(3, 20),
  student: scores(validLoss, rougeL),
  constantRougeL: 22,
  training: [{ step: 2, loss: 1 }],
  validation: [{ step: 0, loss: 3 }, { step: 2, loss: validLoss }],
});
const comparison: Comparison = {
  command: "c",
  machine: "m",
  date: "d",
  settings: ["low", "high", "away", "unused"].map((name) => ({ name, title: `<${name}>`, flags: [] })),
  runs: [
    run("low", 1, 2, 30),
    run("low", 2, 1.5, 32),
    run("high", 1, 2.5, 40),
    run("high", 2, 2.5, 30),
    run("away", 1, 2, 10),
    run("away", 2, 9, 1),
  ],
};

Deno.test("rankSettings() ranks by mean ROUGE-L, tells the gap that was closed, and who diverged", () => {
  const ranked = rankSettings(comparison);
  assertEquals(ranked.map(({ name }) => name), ["high", "low", "away"]);
  assertEquals(ranked.map(({ diverged }) => diverged), [false, false, true]);
  assertAllClose(ranked[1].gapClosed, [0.5, 0.75]);
  assertAllClose([spreadOf(ranked[0].rougeL), spreadOf([7])], [Math.sqrt(50), 0]);
});

Deno.test("rankSettings() refuses a comparison without runs, and runs of unknown settings", () => {
  assertThrows(() => rankSettings({ ...comparison, runs: [] }), RangeError, "current number is 0");
  const stranger = { ...comparison, runs: [run("stranger", 1, 2, 3)] };
  assertThrows(() => rankSettings(stranger), RangeError, '"stranger"');
});

Deno.test("readComparison() names what a file lacks", async () => {
  const path = await Deno.makeTempFile();
  for (
    const [text, lacking] of [["{}", '"settings"'], ["null", '"settings"'], ['{"settings":[],"runs":[]}', '"command"']]
  ) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => readComparison(path), TypeError, lacking);
  }
  await Deno.writeTextFile(path, JSON.stringify(comparison));
  assertEquals(await readComparison(path), comparison);
});

Deno.test("comparison figures draw settings that have not diverged, name those that have, and escape titles", () => {
  for (const figure of [comparisonScoresFigure(comparison), comparisonGapFigure(comparison)]) {
    const text = JSON.stringify(figure);
    assert(text.includes("diverged: ") && text.includes("&lt;high&gt;") && !text.includes("<high>"));
    assertEquals(new Set(figure.data.map(({ name }) => name)), new Set(["&lt;high&gt;", "&lt;low&gt;"]));
  }
  const marks = comparisonScoresFigure(comparison).data.filter((trace) =>
    trace.type === "scatter" && trace.x.length === 1
  );
  assertEquals(marks.map(({ x }) => x[0]), [35, 31, 2.5, 1.75]);
});

Deno.test("comparisonCurvesFigure() draws the settings asked for, and refuses a name that is not there", () => {
  const { data } = comparisonCurvesFigure(comparison, ["low"]);
  assertEquals(data.map(({ y }) => y).at(-1), [3, 1.75]);
  assertThrows(() => comparisonCurvesFigure(comparison, ["lwo"]), RangeError, '"lwo"');
});

Deno.test("weightByRatio() shows that r follows q nearly everywhere near α = 1, not at α = −1", async () => {
  await useEngine("cpu");
  const [arithmetic, half, geometric] = weightByRatio({ alphas: [-1, 0.5, 1], lambda: 0.1 });
  const at = ({ x, y }: typeof half, ratio: number) => y[x.findIndex((value) => Math.abs(value - ratio) < 1e-9)];
  assertAllClose(geometric.y, geometric.y.map(() => 0.9));
  assertAllClose([at(arithmetic, 3)], [0.9 / 100.9]);
  assertAllClose([at(half, 3)], [0.9 / (0.9 + 0.1 * 1000 ** 0.25)]);
});

Deno.test("lossOfCollapse() has a second valley at one wrong token for α = 0.5, none for α = −1", async () => {
  await useEngine("cpu");
  const [arithmetic, half] = lossOfCollapse({ alphas: [-1, 0.5], lambda: 0.1 });
  for (const { y } of [arithmetic, half]) assertAllClose([y[0]], [0], { atol: 1e-6 });
  assert(arithmetic.y.every((value, i) => i === 0 || value > arithmetic.y[i - 1] - 1e-6));
  const [top, end] = [Math.max(...half.y), half.y.at(-1)!];
  assert(end < top / 2 && half.y.indexOf(top) < half.y.length - 5);
});

Deno.test("the recorded comparison has what the notebook states about it", async () => {
  const ranked = rankSettings(await readComparison("data/comparison/results.json"));
  const find = (name: string) => ranked.find((setting) => setting.name === name)!;
  const forward = find("forward-kl");
  // What a setting gains over forward KL with each seed: points of ROUGE-L, nats of validation loss.
  for (
    const [name, points, nats] of [
      ["amid-pr-a0-l0.1", [1.6, 3.3], [-0.03, 0.03]],
      ["amid-qr-a-1-l0.1", [1.1, 3], [0.01, 0.03]],
      ["taid", [0.1, 3.2], [0, 0.18]],
      ["amid-pr-a-1-l0.1", [0.1, 1.5], [0.5, 0.75]],
      ["amid-pr-a1-l0.1", [-2, 2], [-0.02, 0.02]],
      ["next-token", [-3.2, -2], [0.13, 0.22]],
      ["reverse-kl", [-3.9, -0.3], [0.5, 0.7]],
    ] as const
  ) {
    const { rougeL, validLoss } = find(name);
    for (
      const [value, base, [low, high]] of [[rougeL, forward.rougeL, points], [
        validLoss,
        forward.validLoss,
        nats,
      ]] as const
    ) {
      const gains = value.map((one, seed) => one - base[seed]);
      assert(gains.every((gain) => gain >= low && gain <= high), `${name}: ${gains}`);
    }
  }
  assertEquals(ranked.filter(({ diverged }) => diverged).map(({ name }) => name), ["amid-qr-a0.5-l0.1"]);
  assert(ranked.at(-1)!.validLoss.every((loss) => loss > 14 && loss < 21.5));
});
