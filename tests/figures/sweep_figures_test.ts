import { heatMapFigure } from "../../lib/figures/heat_map.ts";
import { settingCurvesFigure } from "../../lib/figures/setting_curves.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const curve = (...losses: number[]) => losses.map((loss, index) => ({ step: 10 * index, loss }));

Deno.test("settingCurvesFigure() draws the mean of a setting's runs, and a band between its extremes", () => {
  const { data } = settingCurvesFigure([
    { name: "alpha <0>", runs: [curve(4, 3, 2), curve(6, 3, 1, 0.5)] },
    { name: "alpha 1", runs: [curve(5, 4)] },
  ]);
  assertEquals(
    data.map(({ name, x, y }) => ({ name, x, y })),
    [
      { name: "alpha &lt;0&gt;", x: [0, 10, 20, 20, 10, 0], y: [6, 3, 2, 1, 3, 4] },
      { name: "alpha &lt;0&gt;", x: [0, 10, 20], y: [5, 3, 1.5] },
      { name: "alpha 1", x: [0, 10], y: [5, 4] },
    ] as unknown as typeof data,
  );
});

Deno.test("settingCurvesFigure() gives each of twenty settings a look of its own", () => {
  const settings = Array.from({ length: 20 }, (_, index) => ({ name: `${index}`, runs: [curve(1)] }));
  const looks = settingCurvesFigure(settings).data.map((trace) =>
    trace.type === "scatter" && JSON.stringify(trace.line)
  );
  assertEquals(new Set(looks).size, 20);
});

Deno.test("settingCurvesFigure() refuses no setting, and a setting without a common step", () => {
  assertThrows(() => settingCurvesFigure([]), RangeError, "current number is 0");
  const apart = [[{ step: 1, loss: 1 }], [{ step: 2, loss: 1 }]];
  assertThrows(() => settingCurvesFigure([{ name: "gkd", runs: apart }]), RangeError, `"gkd"`);
  assertThrows(() => settingCurvesFigure([{ name: "gkd", runs: [] }]), RangeError, `"gkd"`);
});

const options = { xTitle: "alpha", yTitle: "lambda", title: "ROUGE-L" };

Deno.test("heatMapFigure() puts settings in their order, infinities at the ends, and leaves empty what is not there", () => {
  const points = [[Infinity, 0.5, 1], [-1, 0.5, 2], [10, 0.1, 3], [-Infinity, 0.1, 4]];
  const { data: [map], layout } = heatMapFigure(points.map(([x, y, value]) => ({ x, y, value })), options);
  assert(map.type === "heatmap");
  assertEquals([map.x, map.y], [["−∞", "-1", "10", "∞"], ["0.1", "0.5"]]);
  assertEquals(map.z, [[4, null, 3, null], [null, 2, null, 1]]);
  assertEquals(layout.xaxis.title.text, "alpha");
});

Deno.test("heatMapFigure() turns its colours where less is better, and refuses what cannot be drawn", () => {
  const [map] = heatMapFigure([{ x: 0, y: 0, value: 1 }], { ...options, lessIsBetter: true }).data;
  assert(map.type === "heatmap" && map.reversescale === true);
  assertThrows(() => heatMapFigure([], options), RangeError, "current number is 0");
  const twice = [{ x: 1, y: 2, value: 1 }, { x: 1, y: 2, value: 3 }];
  assertThrows(() => heatMapFigure(twice, options), RangeError, "two at 1, 2");
});
