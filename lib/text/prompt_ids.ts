/**
 * The tokens of a prompt as its model expects them to begin.
 *
 * @module
 */
import type { Tokenizer } from "./tokenizer_interface.ts";

/**
 * Encodes a prompt, behind the token that begins its model's texts where the tokenizer's `add_bos_token` says so and the
 * prompt does not begin with it.
 *
 * @param tokenizer The tokenizer.
 * @param prompt The prompt.
 * @returns At least one token.
 */
export function promptIds(tokenizer: Pick<Tokenizer, "encode" | "endToken" | "settings">, prompt: string): number[] {
  const ids = tokenizer.encode(prompt);
  const begin = beginToken(tokenizer);
  const whole = begin === undefined || ids[0] === begin ? ids : [begin, ...ids];
  return whole.length > 0 ? whole : [tokenizer.endToken];
}

function beginToken({ encode, settings = {} }: Pick<Tokenizer, "encode" | "settings">): number | undefined {
  const { add_bos_token: adds, bos_token: token } = settings;
  const text = typeof token === "string" ? token : (token as { content?: unknown } | null | undefined)?.content;
  if (adds !== true || typeof text !== "string" || text === "") return undefined;
  const ids = encode(text);
  return ids.length === 1 ? ids[0] : undefined;
}
