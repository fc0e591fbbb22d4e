/**
 * Tokens by their texts, for servers that name them so.
 *
 * @module
 */
import type { Tokenizer } from "../../text/tokenizer_interface.ts";

/** Which text each token has, and which token each text is. */
export class TokenTexts {
  readonly #ids = new Map<string, number | undefined>();

  /** @param texts The text of each token, `[V]`. */
  constructor(readonly texts: readonly string[]) {
    texts.forEach((text, id) => this.#ids.set(text, this.#ids.has(text) ? undefined : id));
    this.#ids.set("", undefined);
  }

  /** The token that alone has this text, if there is one. */
  idOf(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** The text of a token. */
  textOf(id: number): string {
    return this.texts[id];
  }

  /** Whether what a server calls a token may be this one; pieces of characters have no text there. */
  isAlike(text: string | undefined, id: number): boolean {
    return text !== undefined && (whole(text) === this.texts[id] || whole(text) === "");
  }
}

/** The text of each token, as it is behind another one: without the pieces of characters. */
export function textsOfTokens(tokenizer: Pick<Tokenizer, "decode" | "encode" | "vocabularySize">): string[] {
  // At the beginning of a text some tokenizers leave a blank out.
  const before = tokenizer.encode("a");
  const { length } = tokenizer.decode(before);
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) => {
    return whole(tokenizer.decode([...before, id]).slice(length));
  });
}

const whole = (text: string): string => text.replaceAll("\ufffd", "");
