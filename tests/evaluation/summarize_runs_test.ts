import { type ComparedRun, summarizeRuns } from "../../lib/evaluation/summarize_runs.ts";
import { assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const run = (values: ComparedRun["values"], [validLoss, rougeL]: [number, number]): ComparedRun => ({
  values,
  scores: { validLoss, rougeL, exactMatch: 5 },
});

Deno.test("summarizeRuns() takes mean and deviation over the runs of a setting, whatever the order", () => {
  const runs = [
    run({ objective: "amid", alpha: 0 }, [3, 20]),
    run({ objective: "gkd" }, [2, 10]),
    run({ alpha: 0, objective: "amid" }, [4, 26]),
    run({ objective: "amid", alpha: 0 }, [5, 23]),
  ];
  const [amid, gkd] = summarizeRuns(runs);
  assertEquals([amid.values, amid.runs, gkd.values, gkd.runs], [{ objective: "amid", alpha: 0 }, 3, {
    objective: "gkd",
  }, 1]);
  assertAllClose([amid.scores.validLoss.mean, amid.scores.validLoss.deviation!], [4, 1]);
  assertAllClose([amid.scores.rougeL.mean, amid.scores.rougeL.deviation!], [23, 3]);
  assertEquals(gkd.scores.rougeL, { mean: 10 });
});

Deno.test("summarizeRuns() ranks by ROUGE-L, then by validation loss; equals share a place", () => {
  const runs = [run({ a: 1 }, [2, 10]), run({ a: 2 }, [1, 30]), run({ a: 3 }, [1.5, 10]), run({ a: 4 }, [1, 5])];
  const summary = summarizeRuns(runs);
  assertEquals(summary.map(({ values }) => values.a), [2, 3, 1, 4]);
  assertEquals(summary.map(({ rankByRougeL }) => rankByRougeL), [1, 2, 2, 4]);
  assertEquals(summary.map(({ rankByValidLoss }) => rankByValidLoss), [1, 3, 4, 1]);
});

Deno.test("summarizeRuns() distinguishes infinite orders, and refuses a score that is not a number", () => {
  const runs = [run({ alpha: Infinity }, [1, 1]), run({ alpha: -Infinity }, [1, 1])];
  assertEquals(summarizeRuns(runs).length, 2);
  assertEquals(summarizeRuns([]), []);
  assertThrows(() => summarizeRuns([run({}, [NaN, 1])]), RangeError, "validLoss");
});
