/**
 * The sizes of a pruned model: the requested ones, completed and checked.
 *
 * @module
 */
import { shown } from "../../arguments/check_arguments.ts";
import type { CutSizes, ModelConfig, Width } from "../family.ts";

/** The sizes that can be requested; absent ones do not change. */
export interface PruneSizes {
  /**
   * The kept blocks, from 0, in order.
   *
   * @default {all}
   */
  layers?: readonly number[];
  /**
   * The hidden width.
   *
   * @default {unchanged}
   */
  hiddenSize?: number;
  /**
   * The width of inner layers.
   *
   * @default {unchanged}
   */
  innerSize?: number;
  /**
   * Heads of the query. If they share keys, whole groups are kept if that gives the requested number, otherwise the
   * same number of heads in each group; `keyValueHeads` overrides this.
   *
   * @default {unchanged}
   */
  heads?: number;
  /**
   * Heads of key and value.
   *
   * @default {as follows from `heads`}
   */
  keyValueHeads?: number;
  /**
   * Experts of a block, in a mixture of experts. If there are fewer than process a position, all of them do.
   *
   * @default {unchanged}
   */
  experts?: number;
  /**
   * The names of the sizes in messages, such as flags.
   *
   * @default {the names above}
   */
  names?: Readonly<Partial<Record<SizeName, string>>>;
}

/** The sizes by name. */
export type SizeName = "layers" | "hiddenSize" | "innerSize" | "heads" | "keyValueHeads" | "experts";

/** The number of units of each width in a configuration; without a mixture of experts, no experts. */
export const widthsOfConfig = (config: ModelConfig): Record<Width, number> => ({
  vocabulary: config.vocabularySize,
  hidden: config.hiddenSize,
  inner: config.innerSize,
  heads: config.heads,
  keyValueHeads: config.keyValueHeads ?? config.heads,
  experts: config.expertCount ?? 0,
});

/**
 * Completes and checks sizes.
 *
 * @param config The model to prune.
 * @param asked The requested sizes.
 * @throws {RangeError} If a size is out of range, or does not divide; the message names it.
 */
export function cutSizes(config: ModelConfig, asked: PruneSizes & { vocabularySize?: number }): CutSizes {
  const there = widthsOfConfig(config);
  const { layers = Array.from({ length: config.layers }, (_, layer) => layer), names = {} } = asked;
  checkLayers(layers, { count: config.layers, name: names.layers ?? "layers" });
  const size = (name: Exclude<SizeName, "layers">, most: number) => {
    const { [name]: value = most } = asked;
    if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
    throw new RangeError(
      `Cannot prune: ${names[name] ?? name} must be a whole number in 1..${most}, current value is ${shown(value)}`,
    );
  };
  const heads = size("heads", there.heads);
  const group = there.heads / there.keyValueHeads;
  const keyValueHeads = asked.keyValueHeads === undefined
    ? keptGroups(heads, { group, most: there.keyValueHeads, name: names.heads ?? "heads" })
    : size("keyValueHeads", there.keyValueHeads);
  if (heads % keyValueHeads !== 0 || heads / keyValueHeads > group) {
    throw new RangeError(
      `Cannot prune: ${
        names.keyValueHeads ?? "keyValueHeads"
      } must divide the ${heads} heads of the query into groups of ` +
        `at most ${group}, current value is ${keyValueHeads}`,
    );
  }
  return {
    layers,
    heads,
    keyValueHeads,
    hidden: size("hiddenSize", there.hidden),
    inner: size("innerSize", there.inner),
    experts: there.experts === 0 ? noExperts(config, asked) : size("experts", there.experts),
    vocabulary: asked.vocabularySize ?? there.vocabulary,
  };
}

/** The experts of a model that has none. */
function noExperts({ modelType }: ModelConfig, { experts, names = {} }: PruneSizes): 0 {
  if (experts === undefined) return 0;
  throw new RangeError(
    `Cannot prune: ${names.experts ?? "experts"} must be absent, this ${modelType} is no mixture of experts, current ` +
      `value is ${shown(experts)}`,
  );
}

/**
 * The groups of heads that share a key: whole groups if they make up the requested heads, otherwise all groups, thinned
 * out.
 */
function keptGroups(heads: number, { group, most, name }: { group: number; most: number; name: string }): number {
  if (heads % group === 0) return heads / group;
  if (heads % most === 0) return most;
  throw new RangeError(
    `Cannot prune: ${name} must be a multiple of the ${group} heads that share a key, to keep whole groups, or of the ${most} ` +
      `groups, to thin each out, current value is ${heads}`,
  );
}

function checkLayers(layers: readonly number[], { count, name }: { count: number; name: string }): void {
  const fits = (layer: number, place: number) =>
    Number.isSafeInteger(layer) && layer < count && layer > (place === 0 ? -1 : layers[place - 1]);
  if (layers.length > 0 && layers.every(fits)) return;
  throw new RangeError(
    `Cannot prune: ${name} must be ascending indices in 0..${count - 1}, at least one, current value is ` +
      (layers.length === 0 ? "an empty list" : layers.join()),
  );
}
