/**
 * A tokenizer of pieces with a mark for blanks as metadata of the kind `llama`: joins become scores of the tokens that they
 * make.
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
 * @param specification What `tokenizer.json` holds.
 * @param listed Its tokens.
 * @throws {RangeError} If its blanks are not marked as SentencePiece marks them, or its joins follow no scores of tokens.
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

/** Whether a mark comes before a text. */
function hasPrefix({ normalizer, pre_tokenizer: stage }: Readonly<Record<string, unknown>>): boolean {
  const marked = preTokenizerOf(stage).cut(normalizerOf(normalizer)({ text: "a b", head: 1 }))
    .map(({ text }) => text).join("");
  if (marked === "▁a▁b" || marked === "a▁b") return marked.startsWith("▁");
  throw new RangeError(
    `Cannot write the tokenizer: "a b" must become "▁a▁b" or "a▁b" before it is cut, current value is ${
      JSON.stringify(marked)
    }`,
  );
}

/** Minus the rank among tokens by which each is joined; those that nothing joins come last. */
function scoresOf(tokens: readonly string[], merges: readonly (string | readonly string[])[]): Float32Array {
  const scores = new Map<string, number>();
  let last: string | undefined;
  for (const pair of merges) {
    const token = typeof pair === "string" ? pair.replace(" ", "") : pair.join("");
    if (token === last) continue;
    if (scores.has(token)) {
      throw new RangeError(
        `Cannot write the tokenizer: its joins must follow scores of tokens, those that make ${
          JSON.stringify(token)
        } lie apart`,
      );
    }
    scores.set(token, -scores.size);
    last = token;
  }
  return Float32Array.from(tokens, (token) => scores.get(token) ?? -tokens.length);
}
