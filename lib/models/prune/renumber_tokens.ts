/**
 * Renumbers the token ids in a model's settings when its vocabulary is cut.
 *
 * @module
 */
import { shown } from "../../arguments/check_arguments.ts";
import type { ModelConfig } from "../family.ts";

type Json = Record<string, unknown>;

/**
 * Renumbers the tokens that config.json and generation_config.json name, in fields such as `eos_token_id`.
 *
 * @param config The configuration of the model to prune.
 * @param vocabulary The ids of the kept tokens, in their new order.
 * @returns The configuration with new ids and unchanged sizes.
 * @throws {RangeError} If an id is out of range or kept twice, or a token named in a field is not kept.
 */
export function renumberTokens(config: ModelConfig, vocabulary: readonly number[]): ModelConfig {
  const places = new Map<number, number>();
  for (const [place, id] of vocabulary.entries()) {
    if (!Number.isSafeInteger(id) || id < 0 || id >= config.vocabularySize || places.has(id)) {
      const required = `tokens must be distinct and in 0..${config.vocabularySize - 1}`;
      throw new RangeError(`Cannot cut the vocabulary: ${required}, current value at index ${place} is ${shown(id)}`);
    }
    places.set(id, place);
  }
  const idOf = (field: string) => (id: unknown) => {
    const place = places.get(id as number);
    if (place !== undefined) return place;
    throw new RangeError(`Cannot cut the vocabulary: it must keep token ${shown(id)}, the model's ${field}`);
  };
  const renumbered = (json: Json): Json =>
    Object.fromEntries(
      Object.entries(json).map(([field, value]) => {
        if (!field.endsWith("_token_id") || value === null) return [field, value];
        return [field, Array.isArray(value) ? value.map(idOf(field)) : idOf(field)(value)];
      }),
    );
  return {
    ...config,
    json: renumbered(config.json),
    generation: config.generation && renumbered(config.generation),
    endTokens: config.endTokens.map(idOf("eos_token_id")),
  };
}
