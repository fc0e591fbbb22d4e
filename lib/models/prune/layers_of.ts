/**
 * A model's parameters block by block.
 *
 * @module
 */
import type { ParameterSpec } from "../family.ts";

/** Parameters by name, with their specifications. */
export type Specs = ReadonlyMap<string, ParameterSpec>;

/**
 * Finds, for each parameter of a model with some of another's blocks, the parameter that it comes from.
 *
 * @param cut The parameters of the model with fewer blocks.
 * @param whole Those of the other.
 * @param layers The kept blocks.
 * @returns The other's name for each name, in the order of `cut`.
 * @throws {RangeError} If a block has other parameters than the one that it comes from.
 */
export function originsOf(
  cut: Specs,
  { whole, layers }: { whole: Specs; layers: readonly number[] },
): Map<string, string> {
  const [ours, theirs] = [byLayer(cut), byLayer(whole)];
  const origins = new Map<string, string>();
  for (const [layer, names] of ours) {
    const from = layer === undefined ? undefined : layers[layer];
    const others = theirs.get(from) ?? [];
    if (others.length !== names.length) {
      throw new RangeError(
        `Cannot prune: layer ${from} has ${others.length} parameters, at index ${layer} it would have ${names.length}`,
      );
    }
    names.forEach((name, index) => origins.set(name, others[index]));
  }
  return new Map([...cut.keys()].map((name) => [name, origins.get(name)!]));
}

function byLayer(specs: Specs): Map<number | undefined, string[]> {
  const names = new Map<number | undefined, string[]>();
  for (const [name, { layer }] of specs) {
    if (!names.has(layer)) names.set(layer, []);
    names.get(layer)!.push(name);
  }
  return names;
}
