/**
 * Length classes: in some families, how a row is computed depends on its length.
 *
 * @module
 */
import type { PackedTokens } from "../batches/packed_tokens.ts";
import type { ModelConfig, ModelFamily } from "./family.ts";

/** A model, as far as classes of lengths go by it. */
interface Classified {
  family: ModelFamily;
  config: ModelConfig;
}

/** The class of a row's length; rows of different classes are computed differently from their first position on. */
export function lengthClassOf({ family, config }: Classified, length: number): string {
  return family.lengthClass?.(config, length) ?? "";
}

/** Whether a row shares a prefix with a row that is computed differently. */
export function sharesAcrossClasses(model: Classified, { rowLengths, prefixes, unread }: PackedTokens): boolean {
  const classOf = (row: number) => lengthClassOf(model, rowLengths[row] + unread[row]);
  return prefixes.some(({ row, length }, index) => length > 0 && classOf(row) !== classOf(index));
}
