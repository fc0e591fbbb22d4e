/**
 * The unigram model: of all ways to write a part in tokens, the one whose scores sum highest. The library finds it;
 * what becomes of characters that have no token is our own.
 *
 * Source: T. Kudo, "Subword regularization", 2018, and the code of SentencePiece.
 *
 * @module
 */
import { Unigram } from "@huggingface/tokenizers";
import { bytesOf, NO_TOKEN } from "./byte_pairs.ts";

/** A token with its score. */
export type ScoredToken = [token: string, score: number];

/** Options for {@linkcode UnigramPieces}. */
export interface UnigramOptions {
  /** The tokens with their scores, in the order of ids. */
  pieces: ScoredToken[];
  /** The id of the unknown token, if the model has one (`unk_id`). */
  unknown: number | undefined;
  /** Whether characters without a token become the tokens of their bytes, if those exist. */
  fallsBack: boolean;
}

/** The library's model, with SentencePiece's rules for characters that have no token. */
export class UnigramPieces extends Unigram {
  readonly #fallsBack: boolean;

  /**
   * Makes the model.
   *
   * @param options The tokens, and how characters without one are handled.
   */
  constructor({ pieces, unknown, fallsBack }: UnigramOptions) {
    super({ type: "Unigram", vocab: pieces, unk_id: unknown }, NO_TOKEN);
    this.#fallsBack = fallsBack;
    // The library lowers the score of that token; written out in a text, it has its own.
    if (unknown !== undefined) this.scores[unknown] = pieces[unknown][1];
    this.fuse_unk = false;
  }

  /** Gives the tokens of parts; neighbouring unknown characters are one. */
  override encode(parts: string[]): string[] {
    const tokens: string[] = [];
    let unknown = "";
    const flush = () => {
      if (unknown === "") return;
      for (const token of this.#tokensFor(unknown)) tokens.push(token);
      unknown = "";
    };
    for (const part of parts) {
      for (const piece of this.tokenize(part)) {
        const id = this.tokens_to_ids.get(piece);
        if (id === undefined || id === this.unk_token_id) unknown += piece;
        else {
          flush();
          tokens.push(piece);
        }
      }
      flush();
    }
    return tokens;
  }

  #tokensFor(unknown: string): string[] {
    if (this.unk_token === undefined) return [NO_TOKEN];
    if (this.tokens_to_ids.has(unknown)) return [unknown];
    const bytes = this.#fallsBack ? bytesOf(unknown) : [];
    return bytes.length > 0 && bytes.every((byte) => this.tokens_to_ids.has(byte)) ? bytes : [this.unk_token];
  }
}
