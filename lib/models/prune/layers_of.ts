/**
 * A model's parameters block by block, and expert by expert.
 *
 * @module
 */
import type { ParameterSpec } from "../family.ts";

/** Parameters by name, with their specifications. */
export type Specs = ReadonlyMap<string, ParameterSpec>;

/** What a smaller model keeps. */
export interface OriginsOptions {
  /** The parameters of the larger model. */
  whole: Specs;
  /** The kept blocks. */
  layers: readonly number[];
  /**
   * The larger model's expert at an index of a block of the smaller one.
   *
   * @default {the same index}
   */
  expertOf?: (layer: number, expert: number) => number;
}

/**
 * Finds, for each parameter of a model with some of another's blocks, the parameter that it comes from.
 *
 * @param cut The parameters of the model with fewer blocks.
 * @param options The other's parameters, and which of its blocks and experts are kept.
 * @returns The other's name for each name, in the order of `cut`.
 * @throws {RangeError} If a block has other parameters than the one that it comes from.
 */
export function originsOf(
  cut: Specs,
  { whole, layers, expertOf = (_, expert) => expert }: OriginsOptions,
): Map<string, string> {
  const theirs = new Map(partsOf(whole).map((part) => [keyOf(part), part.names]));
  const origins = new Map<string, string>();
  for (const { layer, expert, names } of partsOf(cut)) {
    const from = layer === undefined ? undefined : layers[layer];
    const others =
      theirs.get(keyOf({ layer: from, expert: expert === undefined ? expert : expertOf(layer!, expert) })) ?? [];
    if (others.length !== names.length) {
      throw new RangeError(
        `Cannot prune: layer ${from} has ${others.length} parameters, at index ${layer} it would have ${names.length}`,
      );
    }
    names.forEach((name, index) => origins.set(name, others[index]));
  }
  return new Map([...cut.keys()].map((name) => [name, origins.get(name)!]));
}

/** The parameters of an expert, or the others of a block, or those outside blocks. */
interface Part extends Pick<ParameterSpec, "layer" | "expert"> {
  names: string[];
}

const keyOf = ({ layer, expert }: Omit<Part, "names">): string => `${layer}.${expert}`;

function partsOf(specs: Specs): Part[] {
  const parts = new Map<string, Part>();
  for (const [name, { layer, expert }] of specs) {
    const key = keyOf({ layer, expert });
    if (!parts.has(key)) parts.set(key, { layer, expert, names: [] });
    parts.get(key)!.names.push(name);
  }
  return [...parts.values()];
}
