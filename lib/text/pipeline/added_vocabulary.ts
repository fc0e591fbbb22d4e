/**
 * The added tokens of a model's vocabulary.
 *
 * @module
 */
import { type AddedToken, type Part, tokenFinder } from "./added_tokens.ts";
import type { MarkedText } from "./marked_text.ts";
import type { Model } from "./models.ts";
import type { Normalize } from "./normalizers.ts";

/** Options for {@linkcode AddedVocabulary}. */
export interface AddedVocabularyOptions {
  /** The model. */
  model: Pick<Model, "size" | "vocabulary">;
  /** The normalizer. */
  normalize: Normalize;
  /** Whether special tokens written in a text are treated as plain text. */
  splitsSpecial?: boolean;
}

/** Tokens that are added to those of a model. */
export class AddedVocabulary {
  /** The tokens with their ids. */
  readonly ids: Map<string, number> = new Map();
  /** The tokens by id. */
  readonly tokens: Map<number, AddedToken> = new Map();
  /** The decoded form of tokens that differ from their text: the Rust library decodes the normalized form. */
  readonly #normalized = new Map<number, string>();
  readonly #options: AddedVocabularyOptions;
  #findRaw?: (text: MarkedText) => Part[];
  #findNormalized?: (text: MarkedText) => Part[];

  /**
   * Makes an empty vocabulary.
   *
   * @param options The model and the normalizer.
   */
  constructor(options: AddedVocabularyOptions) {
    this.#options = options;
  }

  /**
   * Adds tokens. One that exists, in the model or here, keeps its id; the others get the next ids in order.
   *
   * @param tokens The tokens.
   */
  add(tokens: readonly AddedToken[]): void {
    const { model, normalize, splitsSpecial = false } = this.#options;
    const highest = Array.from(this.tokens.keys()).reduce((most, id) => Math.max(most, id), -1);
    let next = highest >= model.size ? highest + 1 : model.size;
    for (const token of tokens) {
      if (token.content === "") continue;
      const id = this.ids.get(token.content) ?? model.vocabulary.get(token.content) ?? next++;
      if (token.normalized) {
        const { text } = normalize({ text: token.content, head: 0 });
        if (text !== token.content) this.#normalized.set(id, text);
      }
      this.ids.set(token.content, id);
      this.tokens.set(id, token);
    }
    const wanted = Array.from(this.tokens, ([id, token]) => ({ id, token }))
      .filter(({ token }) => !(splitsSpecial && token.special));
    this.#findRaw = tokenFinder(
      wanted.filter(({ token }) => !token.normalized).map((one) => ({ ...one, text: one.token.content })),
    );
    this.#findNormalized = tokenFinder(
      wanted.filter(({ token }) => token.normalized).map((one) => ({ ...one, text: this.textOf(one.id)! })),
    );
  }

  /**
   * Returns the decoded form of a token.
   *
   * @param id The id.
   * @returns The text, or undefined if it is not an added token.
   */
  textOf(id: number): string | undefined {
    return this.#normalized.get(id) ?? this.tokens.get(id)?.content;
  }

  /**
   * Splits a text at the tokens, and normalizes the text between them.
   *
   * @param text The text.
   * @returns Ids of tokens and normalized, non-empty texts.
   */
  extract(text: string): Part[] {
    const first = text.codePointAt(0) ?? 0;
    const whole: MarkedText = { text, head: first > 0xffff ? 2 : 1 };
    return (this.#findRaw?.(whole) ?? [whole])
      .flatMap((part) => {
        if (typeof part === "number") return [part];
        const normalized = this.#options.normalize(part);
        return this.#findNormalized?.(normalized) ?? [normalized];
      })
      .filter((part) => typeof part === "number" || part.text !== "");
  }
}
