import { groupDifference, groupMean, meanRougeL, recordGroups } from "../../../lib/runs/records/record_groups.ts";
import type { RunRecord } from "../../../lib/runs/records/run_record.ts";
import { assertAllClose, assertEquals } from "../../support/mod.ts";

const record = (name: string, seed: number, scores?: Record<string, number[]>): RunRecord => ({
  name: `${name}-s${seed}`,
  method: name,
  student: "half",
  seed,
  configuration: {},
  weights: { teacher: "", start: "" },
  place: { commit: "", machine: "", engine: "" },
  seconds: 1,
  stepSeconds: seed,
  peakMiB: 1,
  curve: {
    steps: 1,
    tokens: 1,
    training: [],
    validation: [],
    gradientNorm: 1,
    largestGradientNorm: 1,
    spikes: 0,
  },
  sets: scores &&
    Object.fromEntries(
      Object.entries(scores).map(([set, rougeL]) => [set, { rougeL, tokens: 1, repetition: 0, unfinished: 0 }]),
    ),
});

Deno.test("recordGroups() puts the seeds of a setting together", () => {
  const groups = recordGroups([record("a-s1", 2), record("b", 1), record("a-s1", 1), record("a", 12)]);
  assertEquals(groups.map(({ name, records }) => [name, records.map(({ seed }) => seed)]), [
    ["a-s1", [1, 2]],
    ["b", [1]],
    ["a", [12]],
  ]);
});

Deno.test("groupMean() has mean and deviation of the runs that have a figure", () => {
  const [group] = recordGroups([1, 2, 6].map((seed) => record("a", seed)));
  const { mean, deviation } = groupMean(group, ({ stepSeconds }) => stepSeconds)!;
  assertAllClose([mean, deviation!], [3, Math.sqrt(7)]);
  assertEquals(groupMean(group, ({ seed }) => seed === 2 ? 5 : undefined), { mean: 5 });
  assertEquals(groupMean(group, ({ metrics }) => metrics?.validLoss), undefined);
});

Deno.test("meanRougeL() gives sets of any length the same weight", () => {
  const one = record("a", 1, { long: [10, 20, 30], short: [40] });
  assertEquals([meanRougeL(one), meanRougeL(one, "long"), meanRougeL(record("a", 1))], [30, 20, undefined]);
});

Deno.test("groupDifference() compares the answers of all seeds", () => {
  const [a, b, none] = recordGroups([
    record("a", 1, { set: [30, 50] }),
    record("a", 2, { set: [40, 60] }),
    record("b", 1, { set: [10, 20] }),
    record("c", 1),
  ]);
  const { difference, low, high, pValue } = groupDifference(a, b, { resamples: 2000 })!;
  assertAllClose([difference, low, high, pValue], [30, 20, 40, 0]);
  assertEquals(groupDifference(a, none), undefined);
});
