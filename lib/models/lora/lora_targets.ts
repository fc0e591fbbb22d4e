/**
 * The adapted projections of a model.
 *
 * @module
 */
import type { ModelConfig, ModelFamily } from "../family.ts";
import type { PeftConfig } from "./lora_config.ts";

/** A projection that can have an adapter. */
export interface Adaptable {
  inputs: number;
  outputs: number;
  /** Whether its weight is laid out `[inputs, outputs]`. */
  inputFirst: boolean;
}

/** Every projection at once. */
const ALL = "all-linear";

/** What is adapted by default, of the projections that the model has. */
const USUAL = ["q_proj", "v_proj", "c_attn", "qkv_proj", "query_key_value"];

/** Lists a model's projections by name, without `.weight`. */
export function adaptable({ family, config }: { family: ModelFamily; config: ModelConfig }): Map<string, Adaptable> {
  const found = new Map<string, Adaptable>();
  for (const [name, { shape, projection }] of family.parameters(config)) {
    if (!projection) continue;
    const inputFirst = projection === "input-first";
    const [inputs, outputs] = inputFirst ? shape : [shape[1], shape[0]];
    found.set(name.replace(/\.weight$/, ""), { inputs, outputs, inputFirst });
  }
  return found;
}

/** Whether a target matches a projection: it is its name or a suffix of it. */
export const isMeant = (name: string, target: string): boolean => name === target || name.endsWith(`.${target}`);

/**
 * Finds the projections that targets match.
 *
 * @param projections The model's projections.
 * @param targets Suffixes of names, in whole dot-separated parts; or `all-linear`.
 * @returns The projections' names, in the model's order, and the targets in force.
 * @throws {RangeError} If there are no targets, or one matches no projection; the message lists the suffixes.
 */
export function matchTargets(
  projections: ReadonlyMap<string, Adaptable>,
  targets?: readonly string[],
): { names: string[]; targets: string[] } {
  const names = [...projections.keys()];
  const ends = [...new Set(names.map((name) => name.slice(name.lastIndexOf(".") + 1)))];
  const asked = targets ?? USUAL.filter((target) => ends.includes(target));
  const wanted = asked.length === 1 && asked[0] === ALL ? ends : [...asked];
  const unknown = wanted.find((target) => !names.some((name) => isMeant(name, target)));
  if (unknown !== undefined || wanted.length === 0) {
    throw new RangeError(
      `Cannot adapt the model: targets must be ${ALL} or some of ${ends.join(", ")}, current value is ` +
        (unknown === undefined ? "none" : JSON.stringify(unknown)),
    );
  }
  return { names: names.filter((name) => wanted.some((target) => isMeant(name, target))), targets: wanted };
}

/**
 * Finds the projections that a `peft` folder refers to: those of `target_modules`, without `exclude_modules`, in
 * `layers_to_transform`.
 *
 * @param names The model's projections.
 * @param config The folder's configuration.
 * @returns Their names; undefined if a regular expression is valid only in Python.
 */
export function meantByPeft(names: readonly string[], config: PeftConfig): string[] | undefined {
  const { target_modules: targets, exclude_modules: excluded, layers_to_transform: layers } = config;
  const patterns = [config.layers_pattern ?? []].flat();
  const layerOf = patterns.length === 0
    ? [/^.*?\.[^.]*\.(\d+)\./]
    : patterns.map((pattern) => expression(`(?:.*?\\.)?${pattern}\\.(\\d+)\\..*`));
  const isTarget = targets === ALL ? () => true : matcher(targets);
  const isExcluded = excluded == null || excluded.length === 0 ? () => false : matcher(excluded);
  if (!isTarget || !isExcluded || layerOf.includes(undefined)) return undefined;
  const wanted = [layers ?? []].flat();
  const isInLayer = (name: string) => {
    const layer = layerOf.map((pattern) => pattern!.exec(name)?.[1]).find((found) => found !== undefined);
    return layer !== undefined && wanted.includes(Number(layer));
  };
  const isWhole = (name: string) => Array.isArray(targets) && targets.includes(name);
  return names.filter((name) =>
    !isExcluded(name) && isTarget(name) && (wanted.length === 0 || isWhole(name) || isInLayer(name))
  );
}

/** Suffixes of names, or an expression that must match the whole name. */
function matcher(targets: string[] | string): ((name: string) => boolean) | undefined {
  if (Array.isArray(targets)) return (name) => targets.some((target) => isMeant(name, target));
  const pattern = expression(targets);
  return pattern && ((name) => pattern.test(name));
}

function expression(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return undefined; // syntax that only Python's regular expressions have
  }
}
