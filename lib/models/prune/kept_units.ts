/**
 * The units of each width that a pruned model keeps.
 *
 * @module
 */
import type { CutSizes, ModelConfig, Width } from "../family.ts";
import { widthsOfConfig } from "./cut_sizes.ts";
import type { UnitNorms } from "./unit_norms.ts";

/** The kept units of each width, in order; widths that are absent keep all. */
export type KeptUnits = ReadonlyMap<Width, Int32Array>;

/** How units are chosen. */
export interface KeptUnitsOptions {
  /** The sizes of the pruned model. */
  sizes: CutSizes;
  /** The activations of the kept blocks' units; needed if any width but the vocabulary is cut. */
  norms?: UnitNorms;
  /** The kept tokens, in their new order. */
  vocabulary?: readonly number[];
}

/**
 * Chooses the most active units: hidden dimensions over all blocks, which share them, inner units, heads and experts in
 * each block.
 *
 * @param config The model to prune.
 * @returns The units kept outside blocks, and in each of the kept blocks.
 */
export function keptUnits(
  config: ModelConfig,
  { sizes, norms = [], vocabulary }: KeptUnitsOptions,
): { everywhere: KeptUnits; layers: KeptUnits[] } {
  const whole = widthsOfConfig(config);
  const everywhere = new Map<Width, Int32Array>();
  if (vocabulary) everywhere.set("vocabulary", Int32Array.from(vocabulary));
  if (sizes.hidden < whole.hidden) everywhere.set("hidden", largest(shares(norms), sizes.hidden));
  const layers = sizes.layers.map((_, place) => {
    const kept = new Map(everywhere);
    const inner = norms[place]?.get("inner"); // a block of experts may have none of that width
    if (inner && sizes.inner < whole.inner) kept.set("inner", largest(inner, sizes.inner));
    if (sizes.heads < whole.heads || sizes.keyValueHeads < whole.keyValueHeads) {
      const { heads, groups } = keptHeads(norms[place].get("heads")!, { sizes, groups: whole.keyValueHeads });
      kept.set("heads", heads).set("keyValueHeads", groups);
    }
    const experts = norms[place]?.get("experts"); // some blocks may have none
    if (experts && sizes.experts < whole.experts) kept.set("experts", largest(experts, sizes.experts));
    return kept;
  });
  return { everywhere, layers };
}

/** Each hidden dimension's share of a block's input, summed over blocks, so that no block outweighs the others. */
function shares(norms: UnitNorms): Float64Array {
  const sums = new Float64Array(norms[0].get("hidden")!.length);
  for (const block of norms) {
    const squares = block.get("hidden")!;
    const total = squares.reduce((sum, square) => sum + square, 0);
    squares.forEach((square, unit) => sums[unit] += square / total);
  }
  return sums;
}

/** The groups whose best heads are the most active, and these heads. */
function keptHeads(
  squares: Float64Array,
  { sizes, groups }: { sizes: CutSizes; groups: number },
): { heads: Int32Array; groups: Int32Array } {
  const group = squares.length / groups;
  const each = sizes.heads / sizes.keyValueHeads;
  const best = Array.from({ length: groups }, (_, index) => {
    const own = squares.subarray(index * group, (index + 1) * group);
    return largest(own, each).map((head) => index * group + head);
  });
  const sums = Float64Array.from(best, (heads) => heads.reduce((sum, head) => sum + squares[head], 0));
  const kept = largest(sums, sizes.keyValueHeads);
  return { heads: Int32Array.from([...kept].flatMap((index) => [...best[index]])), groups: kept };
}

/** The indices of the largest values, in ascending order; ties go to the first. */
export function largest(numbers: Float64Array, count: number): Int32Array {
  const places = Array.from(numbers, (_, place) => place).sort((a, b) => numbers[b] - numbers[a] || a - b);
  return Int32Array.from(places.slice(0, count)).sort();
}
