/**
 * The unigram model: the segmentation of a part with the highest total score. The library finds it; characters without
 * a token are handled here.
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
  /** Whether characters without a token fall back to byte tokens, if those exist. */
  fallsBack: boolean;
}

/** The library's model, with SentencePiece's rules for characters without a token. */
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
    // The library lowers the score of that token; if it is written in a text, its own score applies.
    if (unknown !== undefined) this.scores[unknown] = pieces[unknown][1];
    this.fuse_unk = false;
  }

  /** Returns the tokens of parts; adjacent unknown characters are merged. */
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
