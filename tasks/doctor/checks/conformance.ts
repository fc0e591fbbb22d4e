/**
 * The conformance suite: every operation that the library uses, value and gradient, against the reference engine.
 *
 * @module
 */
import { useEngine } from "../../../lib/engines/mod.ts";
import { type Case as Operation, outcome, tables } from "../../../tests/engines/cases/mod.ts";
import { type Case, type CaseResult, type Check, notOk, ok, type Place } from "../check.ts";
import { start } from "../engine.ts";

/** A check for each table of the suite. */
export const conformance: Check[] = Object.entries(tables).map(([table, operations]): Check => ({
  name: `conformance-${table}`,
  group: "Arithmetic",
  about: `conformance suite, ${table}: values and gradients are those of the reference engine`,
  seconds: 60,
  skip: ({ engine }) => engine === "cpu" ? "it is the reference" : undefined,
  cases: (place) => operations.map((operation) => caseOf(operation, place)),
  summary: largestShare,
}));

function caseOf(operation: Operation, place: Place): Case {
  return {
    name: operation.name,
    async run() {
      await useEngine("cpu");
      const expected = outcome(operation);
      await start(place);
      const actual = outcome(operation);
      const { atol = 1e-5, rtol = 1e-4 } = operation;
      const form = (of: typeof actual) => JSON.stringify(of.outputs.map(({ shape, dtype }) => [shape, dtype]));
      if (form(actual) !== form(expected)) return notOk(`shapes and types are ${form(actual)}, not ${form(expected)}`);
      const numbers = (of: typeof actual) => [...of.outputs.map(({ values }) => values), ...of.gradients];
      const share = Math.max(
        0,
        ...numbers(actual).map((values, i) => shareOfTolerance(values, numbers(expected)[i], { atol, rtol })),
      );
      const figure = `${(100 * share).toPrecision(2)} % of the tolerance`;
      return share <= 1
        ? ok(figure, { values: { share } })
        : notOk("the numbers differ", { figure, values: { share } });
    },
  };
}

/** The largest error over what is allowed for it. */
function shareOfTolerance(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol, rtol }: { atol: number; rtol: number },
): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const share = Math.abs(actual[i] - expected[i]) / (atol + rtol * Math.abs(expected[i]));
    largest = Number.isNaN(share) ? Infinity : Math.max(largest, share);
  }
  return largest;
}

function largestShare(results: readonly CaseResult[]): string {
  const shares = results.map(({ values }) => Number(values?.share ?? 0));
  const fine = results.filter(({ status }) => status === "ok").length;
  return `${fine} of ${results.length} operations, at most ${
    (100 * Math.max(...shares)).toPrecision(2)
  } % of the tolerance`;
}
