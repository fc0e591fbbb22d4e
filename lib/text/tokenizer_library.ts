/**
 * The tokenizer library, started only on what it can really use.
 *
 * @module
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { asObject, notAnError, parseJson } from "../files/parse_json.ts";

/** Of other types the library would take any for BPE, with ids that mean nothing. Old files have no type at all. */
const MODEL_TYPES = ["BPE", "Unigram", "WordPiece"];

/**
 * Parses a JSON object.
 *
 * @param text The text.
 * @param path Where it comes from, for messages.
 * @returns The object.
 * @throws {Error} If the text is something else; the message names the path.
 */
export function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    return notAnError(asObject(parseJson(text, { name: path }), path), path);
  } catch (cause) {
    throw new SyntaxError((cause as Error).message.replace("Cannot read", "Cannot load the tokenizer:"), { cause });
  }
}

/** What is used of the library's tokenizer. */
export interface LibraryTokenizer {
  /** Text to ids; a part without a token has the id undefined, or is left out. */
  encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] };
  /** Ids to text; there must be one. */
  decode(ids: number[], options?: { clean_up_tokenization_spaces?: boolean }): string;
  /** The id of a token, if it is one. */
  token_to_id(token: string): number | undefined;
  /** The token of an id, if it is one. */
  id_to_token(id: number): string | undefined;
  /** All tokens with their ids; ids without a token between them may be there too. */
  get_vocab(): Map<string, number>;
}

/** Options for {@linkcode startLibrary}. */
export interface StartLibraryOptions {
  /** What `tokenizer_config.json` holds. */
  config: Record<string, unknown>;
  /** Where the specification comes from, for messages. */
  path: string;
}

/**
 * Starts the library.
 *
 * @param specification What `tokenizer.json` holds.
 * @param options The settings, and a path for messages.
 * @returns The library's tokenizer.
 * @throws {Error} If the specification is not what the library can use; the message names the path.
 */
export function startLibrary(
  specification: Record<string, unknown>,
  { config, path }: StartLibraryOptions,
): LibraryTokenizer {
  const { type, vocab, end_of_word_suffix: suffix } = (specification.model ?? {}) as Record<string, unknown>;
  const added = Array.isArray(specification.added_tokens) ? specification.added_tokens : [];
  const bound = added.find((token) => token?.single_word === true);
  // The library passes over both, so that ids would be wrong in silence.
  if (suffix || bound) {
    const what = suffix ? "model.end_of_word_suffix" : `single_word of ${JSON.stringify(bound.content)}`;
    throw new RangeError(
      `Cannot load the tokenizer: ${path}: ${what} must not be set, current value is ${JSON.stringify(suffix || true)}`,
    );
  }
  if (type !== undefined && !MODEL_TYPES.includes(type as string)) {
    throw new RangeError(
      `Cannot load the tokenizer: ${path}: model.type must be one of ${
        MODEL_TYPES.join(", ")
      }, current value is ${type}`,
    );
  }
  if (typeof vocab === "object" && vocab !== null && !Array.isArray(vocab)) {
    for (const [token, id] of Object.entries(vocab)) {
      if (!Number.isSafeInteger(id) || (id as number) < 0) {
        throw new RangeError(
          `Cannot load the tokenizer: ${path}: the id of ${JSON.stringify(token)} must be a whole number, ` +
            `current value is ${JSON.stringify(id)}`,
        );
      }
    }
  }
  try {
    const library = new Tokenizer(specification, config);
    // Some faults in the file show only when the first text is encoded.
    library.encode("a b");
    return library;
  } catch (cause) {
    throw new Error(`Cannot load the tokenizer: ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
