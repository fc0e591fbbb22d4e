/**
 * Settings of the distillation loss: the options of objectives and divergences are flags made from their registries, so that
 * a new option has its flag at once.
 *
 * @module
 */
import { z } from "zod";
import { describeRange, type OptionSpec } from "../../lib/divergences/option.ts";
import {
  type DivergenceName,
  type DivergenceParameters,
  divergences,
  divergenceSpecs,
} from "../../lib/divergences/registry.ts";
import { objectives } from "../../lib/objectives/mod.ts";
import type { ObjectiveName, ObjectiveOptions } from "../../lib/objectives/options.ts";
import { presets } from "../../lib/objectives/presets.ts";
import { extendedNumber, inGroup } from "./field.ts";

type KeysOf<Union> = Union extends unknown ? keyof Union & string : never;
type ValueOf<Union, Key extends string> = Union extends unknown ? Key extends keyof Union ? Union[Key] : never : never;

/** The options of objectives, except for the divergence, which has flags of its own. */
export type ObjectiveOptionKey = Exclude<KeysOf<ObjectiveOptions[ObjectiveName]>, "divergence">;
/** The parameters of divergences. */
export type DivergenceParameterKey = KeysOf<DivergenceParameters[DivergenceName]>;
/** The setting of a divergence's parameter: `divergenceOrder` for the `order` of Rényi's. */
export type DivergenceSettingKey = `divergence${Capitalize<DivergenceParameterKey>}`;

/** The schemas of the settings. */
export type ObjectiveOptionShape =
  & {
    [Key in ObjectiveOptionKey]: z.ZodOptional<
      z.ZodType<ValueOf<Required<ObjectiveOptions[ObjectiveName]>, Key>>
    >;
  }
  & { [Key in DivergenceSettingKey]: z.ZodOptional<z.ZodType<number>> };

/** The setting of a divergence's parameter. */
export const divergenceSetting = (parameter: string): DivergenceSettingKey =>
  `divergence${parameter[0].toUpperCase()}${parameter.slice(1)}` as DivergenceSettingKey;

/** An option and who has it. */
interface Owned {
  owner: string;
  spec: OptionSpec<unknown>;
}

/** What some options are, in words; the others are called by their name. */
const meanings: Record<string, string> = {
  order: "the divergence's arguments: p the teacher, q the student, r the mixture",
  alpha: "order of the mixture, or the objective's alpha",
  lambda: "weight of the teacher in the mixture",
  beta: "the objective's beta",
  skew: "weight of the first distribution in the mixture",
  mu: "cumulative probability of the head",
  weight: "weight of the reverse divergence",
  detachAssistant: "stop the gradient at the mixture",
  divergenceAlpha: "amid: the divergence's alpha",
  divergenceBeta: "amid: the divergence's beta",
  divergenceOrder: "amid: the divergence's order",
};

/** Options of one name by their owners, and those who have the same values and default together. */
function described(key: string, owned: readonly Owned[]): string {
  const groups = Map.groupBy(owned, ({ spec: { takes, default: byDefault } }) => {
    const range = takes?.kind === "number" && Object.keys(takes.range).length > 0 ? describeRange(takes.range) : "";
    const limits = range.replace("a finite number, ", "").replace("a real number or ±Infinity", "");
    return [limits, byDefault === false ? "" : `${String(byDefault)} if absent`].filter((part) => part !== "").join(
      "; ",
    );
  });
  const owners = [...groups].map(([about, members]) => {
    const names = members.map(({ owner }) => owner).join(", ");
    return about === "" ? names : `${names} (${about})`;
  });
  return `${meanings[key] ?? key}; ${owners.join(", ")}`;
}

function schemaOf(owned: readonly Owned[], about: string): z.ZodType {
  const kinds = owned.map(({ spec: { takes } }) => takes!);
  const [first] = kinds;
  const schema = first.kind === "flag"
    ? z.boolean()
    : first.kind === "word"
    ? z.enum([...new Set(kinds.flatMap((one) => one.kind === "word" ? one.words : []))] as [string, ...string[]])
    : kinds.some((one) => one.kind === "number" && one.range.infinite)
    ? extendedNumber()
    : z.number();
  return schema.optional().describe(about);
}

function gather(entries: readonly { key: string; owned: Owned }[]): Map<string, Owned[]> {
  const gathered = new Map<string, Owned[]>();
  for (const { key, owned } of entries) {
    const before = gathered.get(key) ?? [];
    const [kind, other] = [owned, before[0]].map((one) => one?.spec.takes?.kind);
    if (kind === undefined || (other !== undefined && other !== kind)) {
      throw new TypeError(
        `Cannot offer "${key}" of ${owned.owner} as a flag: its kind is ${kind}, that of others ${other}`,
      );
    }
    gathered.set(key, [...before, owned]);
  }
  return gathered;
}

/**
 * Makes the settings: one for each option of an objective, by its name, and one for each parameter of a divergence, with
 * `divergence` before its name.
 */
function objectiveOptionFields(): ObjectiveOptionShape {
  const own = objectives().flatMap((owner) =>
    Object.entries<OptionSpec<unknown>>(presets[owner].specs)
      .filter(([key]) => key !== "divergence").map(([key, spec]) => ({ key, owned: { owner, spec } }))
  );
  const parameters = divergences().flatMap((owner) =>
    Object.entries(divergenceSpecs(owner)).map(([key, spec]) => ({
      key: divergenceSetting(key),
      owned: { owner, spec },
    }))
  );
  const fields = [...gather(parameters), ...gather(own)].map(([key, owned]) => {
    return [key, schemaOf(owned, described(key, owned))];
  });
  return Object.fromEntries(fields) as ObjectiveOptionShape;
}

/** The objective by name, and the options that some of them have. */
export const objectiveFields = inGroup("Objective", {
  distillWeight: z.number().min(0).max(1).default(1).describe(
    "weight of the distillation loss, 0 to 1; next-token loss has the rest",
  ),
  objective: z.enum(objectives() as [ObjectiveName, ...ObjectiveName[]]).default("amid").describe(
    "the distillation loss",
  ),
  divergence: z.enum(divergences() as [DivergenceName, ...DivergenceName[]]).optional().describe(
    "amid: the divergence; kl if absent",
  ),
  ...objectiveOptionFields(),
});

/** The settings of {@linkcode objectiveFields}, as they are parsed. */
export type ObjectiveSettings = z.output<z.ZodObject<typeof objectiveFields>>;

/** A setting that an objective, or a divergence in it, takes. */
export interface TakenOption {
  /** The setting. */
  key: ObjectiveOptionKey | DivergenceSettingKey;
  /** What the objective or the divergence calls it. */
  option: string;
  /** Its default and check. */
  spec: OptionSpec<unknown>;
}

/** The settings that an objective takes, except for the divergence. */
export function optionsOfObjective(name: ObjectiveName): TakenOption[] {
  const specs = Object.entries<OptionSpec<unknown>>(presets[name].specs);
  return specs.filter(([key]) => key !== "divergence").map(([key, spec]) => ({
    key: key as ObjectiveOptionKey,
    option: key,
    spec,
  }));
}

/** Whether schedules can set a number of an objective's mixture. */
export const setsMixture = (name: ObjectiveName, number: "alpha" | "lambda"): boolean =>
  presets[name].knobs?.[number] !== undefined;

/** The settings that a divergence takes. */
export function parametersOf(name: DivergenceName): TakenOption[] {
  return Object.entries(divergenceSpecs(name)).map(([option, spec]) => ({
    key: divergenceSetting(option),
    option,
    spec,
  }));
}

/** Whether an objective has a divergence to choose. */
export const choosesDivergence = (name: ObjectiveName): boolean => "divergence" in presets[name].specs;
