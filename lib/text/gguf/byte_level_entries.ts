/**
 * A byte-level BPE tokenizer as metadata of the kind `gpt2`.
 *
 * @module
 */
import type { GgufEntry } from "../../files/gguf/encode_gguf.ts";
import { preTokenizerOf } from "../pipeline/pre_tokenizers.ts";
import type { Stage } from "../pipeline/stage.ts";
import { BYTE_LEVEL_CUTS } from "./cuts.ts";
import type { ListedTokens } from "./gguf_vocabulary.ts";

/** A text that all pre-tokenizers split differently. */
const PROBE =
  "Hello World's I'LL don't 1234567 12345 3.14 x1y2 é\u0301 naïve东京123 かな漢字 ٣٤٥ ² ½!?#$ $x _x_ ...\n\n  a\t\tb \r\n" +
  " \u00a0camelCase HTTPServer //path/to\n(foo) [bar]{baz} 'quoted' <tag> a=b+c ~^| 👍🏽 привет हिन्दी \u2014\u2014 e.g.   end   ";

/**
 * Makes the entries of the kind.
 *
 * @param specification The contents of `tokenizer.json`.
 * @param listed Its tokens.
 * @throws {RangeError} If llama.cpp has no equivalent pre-tokenizer.
 */
export function byteLevelEntries(
  specification: Readonly<Record<string, unknown>>,
  { tokens, types }: ListedTokens,
): [string, GgufEntry][] {
  const model = specification.model as { merges: readonly (string | readonly string[])[] };
  return [
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", cutOf(specification)],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.token_type", types],
    ["tokenizer.ggml.merges", model.merges.map((pair) => typeof pair === "string" ? pair : pair.join(" "))],
  ];
}

/** The name of the tokenizer's pre-tokenizer. */
function cutOf({ normalizer, pre_tokenizer: stage, model }: Readonly<Record<string, unknown>>): string {
  const cuts = (value: unknown) =>
    preTokenizerOf(value).cut({ text: PROBE, head: 1 }).map(({ text }) => text).join("\0");
  const [own, ignores] = [cuts(stage), (model as Stage).ignore_merges === true];
  const normalizes = (normalizer as Stage | null | undefined)?.type ?? null;
  if (normalizes === null || normalizes === "NFC") {
    for (const [name, { preTokenizer, ignoreMerges }] of Object.entries(BYTE_LEVEL_CUTS)) {
      if (ignoreMerges === ignores && cuts(preTokenizer) === own) return name;
    }
  }
  throw new RangeError(
    `Cannot write the tokenizer: llama.cpp must have an equivalent of its normalizer and pre_tokenizer, current value is ` +
      JSON.stringify({ normalizer, pre_tokenizer: stage }).slice(0, 300),
  );
}
