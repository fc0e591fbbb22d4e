/**
 * The runs of each phase of a pipeline, as they follow from the records of the phases before.
 *
 * @module
 */
import type { RunRecord } from "../../../lib/runs/records/run_record.ts";
import type { Method, Phase, Recipe } from "./recipe.ts";

/** A run that a pipeline needs. */
export interface Cell {
  /** The name of the run and its record. */
  name: string;
  method: Method;
  student: string;
  seed: number;
  /** What differs from the method's file, as flags. */
  flags: string[];
  /** Whether it is evaluated by its answers. */
  evaluated: boolean;
}

/** What is known from records: by name, those that fit their configuration. */
export type Known = ReadonlyMap<string, Pick<RunRecord, "metrics">>;

const lossOf = (known: Known, name: string): number => known.get(name)?.metrics?.validLoss ?? Infinity;

const isOff = ({ rateOf }: Method): boolean => rateOf === undefined;

/** The seed that rates, α and λ are chosen by. */
const CHOOSING = 1;

/**
 * The runs of a phase.
 *
 * @returns The runs, or undefined where they depend on records that are not there yet.
 */
export function cellsOf(recipe: Recipe, phase: Phase, known: Known): Cell[] | undefined {
  const { student } = phase;
  switch (phase.kind) {
    case "rates":
      return recipe.methods.filter(isOff).flatMap((method) =>
        recipe.rates.map((rate) => rateCell(method, { student, rate }))
      );
    case "grid":
      return all(phase.methods, (name) => {
        const method = recipe.methods.find((one) => one.name === name)!;
        const rate = bestRate(recipe, { method, student, known });
        return rate === undefined
          ? undefined
          : phase.lambda.flatMap((lambda) =>
            phase.alpha.map((alpha) => gridCell(method, { student, rate, alpha, lambda }))
          );
      });
    case "final":
      return finals(recipe, phase, known);
    case "on-policy":
      return all(recipe.methods.filter((method) => !isOff(method)), (method) => {
        const base = recipe.methods.find(({ name }) => name === method.rateOf)!;
        const rate = bestRate(recipe, { method: base, student, known });
        const best = base.mixture ? bestMixture(recipe, { student, known, methods: [base] }) : undefined;
        if (rate === undefined || base.mixture && !best) return undefined;
        const flags = [`--learning-rate=${rate}`, ...best ? [`--alpha=${best.alpha}`, `--lambda=${best.lambda}`] : []];
        return phase.seeds.map((seed) => finalCell(method, { student, seed, flags, mark: best && markOf(best) }));
      });
  }
}

/** The runs for each item; undefined where those of one are. */
function all<Item>(items: readonly Item[], cells: (item: Item) => Cell[] | undefined): Cell[] | undefined {
  const lists = items.map(cells);
  return lists.some((list) => !list) ? undefined : lists.flatMap((list) => list!);
}

function finals(
  recipe: Recipe,
  { student, ratesOf = student, seeds }: Extract<Phase, { kind: "final" }>,
  known: Known,
): Cell[] | undefined {
  const plain = recipe.methods.filter((method) => isOff(method) && !method.mixture);
  const cells = all(plain, (method) => {
    const rate = bestRate(recipe, { method, student: ratesOf, known });
    return rate === undefined
      ? undefined
      : seeds.map((seed) => finalCell(method, { student, seed, flags: [`--learning-rate=${rate}`] }));
  });
  const mixtures = recipe.methods.filter(({ mixture }) => mixture);
  if (!cells || mixtures.length === 0) return cells;
  const best = bestMixture(recipe, { student: ratesOf, known, methods: mixtures });
  if (!best) return undefined;
  const flags = [`--learning-rate=${best.rate}`, `--alpha=${best.alpha}`, `--lambda=${best.lambda}`];
  return bySeed([
    ...cells,
    ...seeds.map((seed) => finalCell(best.method, { student, seed, flags, mark: markOf(best) })),
  ]);
}

/** All methods under one seed before the next one, so that a grid that was cut short can be compared. */
const bySeed = (cells: Cell[]): Cell[] => cells.toSorted((a, b) => a.seed - b.seed);

const markOf = ({ alpha, lambda }: { alpha: string; lambda: string }): string => `-a${alpha}-l${lambda}`;

/** A run that decides on a learning rate. */
function rateCell(method: Method, { student, rate }: { student: string; rate: string }): Cell {
  const name = `${student}-${method.name}-r${rate}-s${CHOOSING}`;
  return { name, method, student, seed: CHOOSING, flags: [`--learning-rate=${rate}`], evaluated: false };
}

/** A run that decides on α and λ. */
function gridCell(
  method: Method,
  { student, rate, alpha, lambda }: { student: string; rate: string; alpha: string; lambda: string },
): Cell {
  const flags = [`--learning-rate=${rate}`, `--alpha=${alpha}`, `--lambda=${lambda}`];
  const name = `${student}-${method.name}${markOf({ alpha, lambda })}-r${rate}-s${CHOOSING}`;
  return { name, method, student, seed: CHOOSING, flags, evaluated: false };
}

/** A run that is compared with others by its answers. */
function finalCell(
  method: Method,
  { student, seed, flags, mark = "" }: { student: string; seed: number; flags: string[]; mark?: string },
): Cell {
  return { name: `${student}-final-${method.name}${mark}-s${seed}`, method, student, seed, flags, evaluated: true };
}

/** The learning rate with the lowest validation loss; undefined where a run that decides is missing. */
export function bestRate(
  { rates }: Recipe,
  { method, student, known }: { method: Method; student: string; known: Known },
): string | undefined {
  const nameOf = (rate: string) => rateCell(method, { student, rate }).name;
  if (rates.some((rate) => !known.has(nameOf(rate)))) return undefined;
  return rates.reduce((best, rate) => lossOf(known, nameOf(rate)) < lossOf(known, nameOf(best)) ? rate : best);
}

/** A mixture and its numbers. */
export interface ChosenMixture {
  method: Method;
  alpha: string;
  lambda: string;
  rate: string;
}

/** The mixture with the lowest validation loss of the grid cells that are known; undefined where there are none. */
export function bestMixture(
  recipe: Recipe,
  { student, known, methods }: { student: string; known: Known; methods: readonly Method[] },
): ChosenMixture | undefined {
  let best: ChosenMixture & { loss: number } | undefined;
  for (const phase of recipe.phases) {
    if (phase.kind !== "grid" || phase.student !== student) continue;
    for (const method of methods.filter(({ name }) => phase.methods.includes(name))) {
      const rate = bestRate(recipe, { method, student, known });
      if (rate === undefined) continue;
      for (const lambda of phase.lambda) {
        for (const alpha of phase.alpha) {
          const { name } = gridCell(method, { student, rate, alpha, lambda });
          const loss = lossOf(known, name);
          if (loss < (best?.loss ?? Infinity)) best = { method, alpha, lambda, rate, loss };
        }
      }
    }
  }
  return best;
}

/** What stands for a run whose name depends on records that are not there yet: each run once, whatever is known. */
export function plannedRuns(recipe: Recipe, phase: Phase): string[] {
  const off = recipe.methods.filter(isOff);
  const one = (...parts: (string | number)[]) => [phase.student, ...parts].join(" ");
  switch (phase.kind) {
    case "rates":
      return off.flatMap(({ name }) => recipe.rates.map((rate) => one(name, rate)));
    case "grid":
      return phase.methods.flatMap((name) =>
        phase.lambda.flatMap((lambda) => phase.alpha.map((alpha) => one(name, alpha, lambda)))
      );
    case "final": {
      const plain = off.filter(({ mixture }) => !mixture).map(({ name }) => name);
      const compared = off.length > plain.length ? [...plain, "the best mixture"] : plain;
      return phase.seeds.flatMap((seed) => compared.map((name) => one("final", name, seed)));
    }
    case "on-policy": {
      const on = recipe.methods.filter((method) => !isOff(method));
      return phase.seeds.flatMap((seed) => on.map(({ name }) => one("final", name, seed)));
    }
  }
}
