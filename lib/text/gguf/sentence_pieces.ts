/**
 * The tokenizer of the kind `llama` in a GGUF file, SentencePiece's pieces with scores, as the stages of a
 * `tokenizer.json`: the pair whose merge scores highest is merged first, which is BPE by ranks.
 *
 * Source: T. Kudo and J. Richardson, "SentencePiece", 2018; llama.cpp, `src/llama-vocab.cpp`; the merges are found as
 * in transformers 5.23 (`generate_merges`).
 *
 * @module
 */
import type { Stage } from "../pipeline/stage.ts";
import { type GgufVocabulary, type MetadataReader, TOKEN_TYPES } from "./gguf_vocabulary.ts";
import type { Stages } from "./stages.ts";

/** The mark of a blank. */
const MARK = "▁";

/** A score above all others, from which ids are subtracted. */
const FIRST = 1e12;

/**
 * Makes the stages. Runs of blanks, which some files hold as separate tokens, are written with the mark and merged
 * first.
 *
 * @param reader The file's metadata.
 * @param vocabulary Its tokens.
 * @throws {SyntaxError} If the scores are absent; the message names the key.
 */
export function sentencePieceStages(reader: MetadataReader, vocabulary: GgufVocabulary): Stages {
  const count = reader.texts("tokenizer.ggml.tokens")!.length;
  const scores = reader.numbers("tokenizer.ggml.scores", count);
  if (scores === undefined) throw reader.fault("tokenizer.ggml.scores", "the list of the tokens' scores", undefined);
  const { types, named } = vocabulary;
  const tokens = vocabulary.tokens.map((token) => /^ {2,}$/.test(token) ? MARK.repeat(token.length) : token);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const scoreOf = (id: number): number => {
    if (tokens[id] !== vocabulary.tokens[id]) return FIRST - id;
    return types[id] === TOKEN_TYPES.normal ? scores[id] : NaN;
  };
  const prefixes = reader.flag("tokenizer.ggml.add_space_prefix") ?? true;
  const replace = { type: "Replace", pattern: { String: " " }, content: MARK };
  const decoders: Stage[] = [
    { type: "Replace", pattern: { String: MARK }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
  ];
  if (prefixes) decoders.push({ type: "Strip", content: " ", start: 1, stop: 0 });
  const model: Stage = {
    type: "BPE",
    dropout: null,
    unk_token: tokens[named.unk_token ?? 0],
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: tokens.some((_, id) => types[id] === TOKEN_TYPES.byte),
    ignore_merges: false,
    vocab: Object.fromEntries(ids),
    merges: joins(tokens, { ids, scoreOf }),
  };
  return {
    normalizer: prefixes ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: MARK }, replace] } : replace,
    preTokenizer: null,
    decoder: { type: "Sequence", decoders },
    model,
    addsFirst: true,
    tokens,
  };
}

interface Pieces {
  ids: ReadonlyMap<string, number>;
  /** The score of a merge's result; NaN if nothing merges to that token. */
  scoreOf: (id: number) => number;
}

/**
 * All ways to merge two tokens to a third: the highest score first, ties by the longest left part, then the longest
 * right part.
 */
function joins(tokens: readonly string[], { ids, scoreOf }: Pieces): [left: string, right: string][] {
  const found: { pair: [left: string, right: string]; score: number; left: number; length: number }[] = [];
  for (const [id, token] of tokens.entries()) {
    const score = scoreOf(id);
    if (Number.isNaN(score)) continue;
    const characters = Array.from(token);
    for (let left = 1, at = 0; left < characters.length; left++) {
      at += characters[left - 1].length;
      const pair: [string, string] = [token.slice(0, at), token.slice(at)];
      if (pair.every((part) => ids.has(part))) found.push({ pair, score, left, length: characters.length });
    }
  }
  found.sort((a, b) => b.score - a.score || b.left - a.left || b.length - a.length);
  return found.map(({ pair }) => pair);
}
