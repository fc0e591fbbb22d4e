/**
 * A SentencePiece tokenizer as metadata of the kind `llama`: merges become scores of the merged tokens.
 *
 * @module
 */
import type { GgufEntry } from "../../files/gguf/encode_gguf.ts";
import { normalizerOf } from "../pipeline/normalizers.ts";
import { preTokenizerOf } from "../pipeline/pre_tokenizers.ts";
import { TOKEN_TYPES } from "./gguf_vocabulary.ts";
import type { ListedTokens } from "./gguf_vocabulary.ts";

const BYTE = /^<0x[0-9A-F]{2}>$/;

/**
 * Makes the entries of the kind.
 *
 * @param specification The contents of `tokenizer.json`.
 * @param listed Its tokens.
 * @throws {RangeError} If its blanks are not marked as in SentencePiece, or its merges do not correspond to token
 * scores.
 */
export function sentencePieceEntries(
  specification: Readonly<Record<string, unknown>>,
  { tokens, types }: ListedTokens,
): [string, GgufEntry][] {
  const { merges, unk_token: unknown } = specification.model as {
    merges: readonly (string | readonly string[])[];
    unk_token?: string | null;
  };
  const scores = scoresOf(tokens, merges);
  const kinds = types.map((type, id) => {
    if (tokens[id] === unknown) return TOKEN_TYPES.unknown;
    return BYTE.test(tokens[id]) ? TOKEN_TYPES.byte : type;
  });
  return [
    ["tokenizer.ggml.model", "llama"],
    ["tokenizer.ggml.pre", "default"],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.scores", scores],
    ["tokenizer.ggml.token_type", kinds],
    ["tokenizer.ggml.add_space_prefix", hasPrefix(specification)],
  ];
}

/** Whether a mark is prepended to a text. */
function hasPrefix({ normalizer, pre_tokenizer: stage }: Readonly<Record<string, unknown>>): boolean {
  const marked = preTokenizerOf(stage).cut(normalizerOf(normalizer)({ text: "a b", head: 1 }))
    .map(({ text }) => text).join("");
  if (marked === "▁a▁b" || marked === "a▁b") return marked.startsWith("▁");
  throw new RangeError(
    `Cannot write the tokenizer: "a b" must be normalized to "▁a▁b" or "a▁b", current value is ${
      JSON.stringify(marked)
    }`,
  );
}

/** The negative rank at which each token is merged; tokens that are never merged come last. */
function scoresOf(tokens: readonly string[], merges: readonly (string | readonly string[])[]): Float32Array {
  const scores = new Map<string, number>();
  let last: string | undefined;
  for (const pair of merges) {
    const token = typeof pair === "string" ? pair.replace(" ", "") : pair.join("");
    if (token === last) continue;
    if (scores.has(token)) {
      throw new RangeError(
        `Cannot write the tokenizer: its merges must correspond to token scores, those of ${
          JSON.stringify(token)
        } are not adjacent`,
      );
    }
    scores.set(token, -scores.size);
    last = token;
  }
  return Float32Array.from(tokens, (token) => scores.get(token) ?? -tokens.length);
}
