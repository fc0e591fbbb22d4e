/**
 * Cuts the vocabulary of a BPE tokenizer.
 *
 * @module
 */
import { parseObject } from "./tokenizer_settings.ts";
import type { TokenizerTexts } from "./tokenizer_files.ts";

type Json = Record<string, unknown>;

/** The cut tokenizer. */
export interface CutVocabulary {
  /** The texts of its files. */
  texts: TokenizerTexts;
  /** The old id of each token, in the order of the new ids. */
  ids: number[];
}

/**
 * Keeps some tokens of a BPE tokenizer, and those they need: the tokens that they are merged from, the bytes, the added
 * tokens. They keep their order; a removed token is encoded as its parts.
 *
 * @param texts The texts of the tokenizer's files.
 * @param kept The tokens to keep, as `tokenizer.json` writes them.
 * @returns The tokenizer, and the old ids.
 * @throws {RangeError} If it is not a BPE tokenizer, or lacks one of the tokens.
 */
export function cutVocabulary(texts: TokenizerTexts, kept: Iterable<string>): CutVocabulary {
  const specification = parseObject(texts.tokenizer, "tokenizer.json");
  const model = specification.model as Json | undefined;
  if (model?.type !== "BPE") {
    throw new RangeError(`Cannot cut the vocabulary: a BPE model is needed, the tokenizer has ${String(model?.type)}`);
  }
  const vocabulary = model.vocab as Record<string, number>;
  const merges = (model.merges as (string | [string, string])[]).map((merge) =>
    typeof merge === "string" ? merge.split(" ") as [string, string] : merge
  );
  const added = (specification.added_tokens ?? []) as { id: number; content: string }[];
  const tokens = closed(kept, { vocabulary, merges, byteFallback: model.byte_fallback === true });
  for (const { content } of added) if (Object.hasOwn(vocabulary, content)) tokens.add(content);
  if (typeof model.unk_token === "string") tokens.add(model.unk_token);
  const ids = [...new Set([...tokens].map((token) => vocabulary[token]).concat(added.map(({ id }) => id)))];
  ids.sort((a, b) => a - b);
  const newIds = new Map(ids.map((id, place) => [id, place]));
  const cut = {
    ...specification,
    added_tokens: added.map((token) => ({ ...token, id: newIds.get(token.id) })),
    post_processor: renumbered(specification.post_processor, newIds),
    model: {
      ...model,
      vocab: Object.fromEntries(
        Object.entries(vocabulary).filter(([token]) => tokens.has(token)).map(([token, id]) => [token, newIds.get(id)]),
      ),
      merges: (model.merges as unknown[]).filter((_, place) => {
        const [left, right] = merges[place];
        return [left, right, left + right].every((token) => tokens.has(token));
      }),
    },
  };
  return { texts: { ...texts, tokenizer: JSON.stringify(cut), ...renumberedSettings(texts, newIds) }, ids };
}

interface Pairs {
  vocabulary: Readonly<Record<string, number>>;
  merges: readonly (readonly [string, string])[];
  byteFallback: boolean;
}

/** The tokens, those that they are merged from, and the bytes. */
function closed(kept: Iterable<string>, { vocabulary, merges, byteFallback }: Pairs): Set<string> {
  const parts = new Map<string, readonly [string, string]>();
  for (const [left, right] of merges) if (!parts.has(left + right)) parts.set(left + right, [left, right]);
  const isByte = (token: string) =>
    byteFallback ? /^<0x[0-9A-F]{2}>$/.test(token) : [...token].length === 1 && !parts.has(token);
  const tokens = new Set(Object.keys(vocabulary).filter(isByte));
  const left = [...kept];
  for (let token = left.pop(); token !== undefined; token = left.pop()) {
    if (!Object.hasOwn(vocabulary, token)) {
      throw new RangeError(`Cannot cut the vocabulary: ${JSON.stringify(token)} is not a token of the tokenizer`);
    }
    if (tokens.has(token)) continue;
    tokens.add(token);
    left.push(...parts.get(token) ?? []);
  }
  return tokens;
}

/** The ids in the pieces that a post-processor adds. */
function renumbered(processor: unknown, newIds: ReadonlyMap<number, number>): unknown {
  if (Array.isArray(processor)) return processor.map((part) => renumbered(part, newIds));
  if (typeof processor !== "object" || processor === null) return processor;
  return Object.fromEntries(
    Object.entries(processor).map(([key, value]) =>
      key === "ids" && Array.isArray(value)
        ? [key, value.map((id) => newIds.get(id))]
        : [key, renumbered(value, newIds)]
    ),
  );
}

/** The settings, whose added tokens are listed by their ids, and the older list of added tokens. */
function renumberedSettings(texts: TokenizerTexts, newIds: ReadonlyMap<number, number>): Partial<TokenizerTexts> {
  const config = parseObject(texts.config, "tokenizer_config.json");
  const listed = Object.entries((config.added_tokens_decoder ?? {}) as Json).flatMap(([id, token]) => {
    const place = newIds.get(Number(id));
    return place === undefined ? [] : [[place, token] as const];
  });
  const changed = { ...config, added_tokens_decoder: Object.fromEntries(listed) };
  const settings = { config: config.added_tokens_decoder ? JSON.stringify(changed, undefined, 2) : texts.config };
  if (texts.addedTokens === undefined) return settings;
  const older = Object.entries(parseObject(texts.addedTokens, "added_tokens.json")).flatMap(([token, id]) => {
    const place = newIds.get(id as number);
    return place === undefined ? [] : [[token, place] as const];
  });
  return { ...settings, addedTokens: JSON.stringify(Object.fromEntries(older)) };
}
