/**
 * The tables of what was chosen: learning rates, α and λ.
 *
 * @module
 */
import { markdownTable } from "../../../lib/runs/records/markdown_table.ts";
import type { RunRecord } from "../../../lib/runs/records/run_record.ts";
import type { Recipe } from "./recipe.ts";

const lossText = ({ metrics, diverged }: Pick<RunRecord, "metrics" | "diverged">): string =>
  diverged ? "diverged" : metrics!.validLoss.toFixed(3);

const isChoosing = ({ name }: RunRecord): boolean => !name.includes("-final-");

/** The numbers of a run's mixture; nothing for one at its file's values. */
const marked = ({ name }: RunRecord): RegExpExecArray | null => /-a(-?[\d.]+|-?inf)-l([\d.]+)-r/.exec(name);

/** Validation losses and stability over learning rates. */
export function ratesTable({ methods, rates }: Recipe, records: readonly RunRecord[]): string[] {
  const choosing = records.filter((record) => isChoosing(record) && !marked(record));
  const rows = methods.flatMap(({ name, title }) => {
    const own = choosing.filter(({ method }) => method === name);
    if (own.length === 0) return [];
    const at = (rate: string) => own.find(({ configuration }) => configuration.learningRate === Number(rate));
    const cell = (rate: string, of: (record: RunRecord) => string) => {
      const record = at(rate);
      return record && of(record);
    };
    const losses = rates.map((rate) => at(rate)?.metrics?.validLoss ?? Infinity);
    const least = Math.min(...losses);
    return [[
      title,
      ...rates.map((rate, index) =>
        cell(
          rate,
          (record) => losses[index] === least && isFinite(least) ? `**${lossText(record)}**` : lossText(record),
        )
      ),
      ...rates.map((rate) => cell(rate, ({ curve }) => String(curve.spikes))),
      ...rates.map((rate) => cell(rate, ({ curve }) => curve.largestGradientNorm.toPrecision(2))),
    ]];
  });
  if (rows.length === 0) return [];
  const head = [
    "method",
    ...rates.map((rate) => `loss at ${rate}`),
    ...rates.map((rate) => `spikes at ${rate}`),
    ...rates.map((rate) => `largest norm at ${rate}`),
  ];
  const diverged = choosing.filter(({ diverged }) => diverged).length;
  return [
    "## Learning rates and stability",
    markdownTable(head, rows),
    `${diverged} of ${choosing.length} runs diverged. A spike is a gradient above three times the median of the 20 ` +
    "before it. One seed: the lowest loss of a row decides, without an interval.",
  ];
}

/** Validation loss and distance from the teacher over α and λ. */
export function gridTables({ methods }: Recipe, records: readonly RunRecord[]): string[] {
  const cells = records.filter(isChoosing).flatMap((record) => {
    const [, alpha, lambda] = marked(record) ?? [];
    return alpha === undefined ? [] : [{ record, alpha, lambda }];
  });
  const parts = methods.flatMap(({ name, title }) => {
    const own = cells.filter(({ record }) => record.method === name);
    if (own.length === 0) return [];
    const sorted = (values: string[]) => [...new Set(values)].sort((a, b) => Number(a) - Number(b));
    const [alphas, lambdas] = [sorted(own.map(({ alpha }) => alpha)), sorted(own.map(({ lambda }) => lambda))];
    const rows = lambdas.map((lambda) => [
      `λ = ${lambda}`,
      ...alphas.map((alpha) => {
        const found = own.find((cell) => cell.alpha === alpha && cell.lambda === lambda)?.record;
        return found && `${lossText(found)}${found.metrics ? ` / ${found.metrics.klToTeacher.toFixed(3)}` : ""}`;
      }),
    ]);
    return [`${title}:`, markdownTable(["", ...alphas.map((alpha) => `α = ${alpha}`)], rows), betweenText(own)];
  });
  if (parts.length === 0) return [];
  return [
    "## α and λ",
    "Validation loss / KL(p‖q) on the validation rows, one seed, at the learning rate that is best at α = λ = 0.5.",
    ...parts,
  ];
}

/** Whether an α apart from the known points −1 (the skewed mixture) and 1 (the geometric one) is best. */
function betweenText(cells: readonly { record: RunRecord; alpha: string; lambda: string }[]): string {
  const lines = [...Map.groupBy(cells, ({ lambda }) => lambda)].flatMap(([lambda, own]) => {
    const scored = own.filter(({ record }) => record.metrics);
    const loss = ({ record }: typeof own[number]) => record.metrics!.validLoss;
    const known = scored.filter(({ alpha }) => alpha === "-1" || alpha === "1").sort((a, b) => loss(a) - loss(b));
    const others = scored.filter(({ alpha }) => alpha !== "-1" && alpha !== "1").sort((a, b) => loss(a) - loss(b));
    if (known.length < 2 || others.length === 0) return [];
    const gain = loss(known[0]) - loss(others[0]);
    const who = gain > 0
      ? `α = ${others[0].alpha} has the lowest loss,`
      : `the known α = ${known[0].alpha} has the lowest,`;
    return [
      `At λ = ${lambda} ${who} ${Math.abs(gain).toFixed(3)} below the best of ${gain > 0 ? "−1 and 1" : "the others"}.`,
    ];
  });
  return lines.length === 0 ? "" : `${lines.join(" ")} One seed: no interval.`;
}
