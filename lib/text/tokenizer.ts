/**
 * Text to token ids and back, by the tokenizer of a Hugging Face folder.
 *
 * @module
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { join } from "node:path";
import { readTokenizerFiles, TOKENIZER_FILES, type TokenizerTexts } from "./tokenizer_files.ts";
import { wordEncoder } from "./word_encoder.ts";
import { writeBeside } from "./write_beside.ts";

/** A tokenizer; the same ids as the Python library `tokenizers` gives. */
export interface Tokenizer {
  /**
   * Text to token ids, with no token added before or after. The end token written out in the text becomes that token.
   */
  encode(text: string): number[];
  /** Token ids to text; special tokens are written out, bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** How many ids there are: every id is below it. */
  readonly vocabularySize: number;
  /** The id of the token that ends a text. */
  readonly endToken: number;
  /** Writes `tokenizer.json` and `tokenizer_config.json` as they were read; makes the folder. */
  save(folder: string): Promise<void>;
}

/**
 * Loads a tokenizer from a local folder.
 *
 * @param folder A folder with `tokenizer.json` and `tokenizer_config.json`.
 * @returns The tokenizer.
 * @throws {Error} If the folder or a file is missing, or a file is not what it should be; the message names the file.
 *
 * @example
 * ```ts
 * import { loadTokenizer } from "./lib/text/tokenizer.ts";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * console.assert(tokenizer.decode(tokenizer.encode("a grey heron")) === "a grey heron");
 * ```
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  return tokenizerOf(await readTokenizerFiles(folder), { name: folder });
}

/** Options for {@linkcode tokenizerOf}. */
export interface TokenizerOfOptions {
  /**
   * Where the texts come from, for messages.
   *
   * @default {"memory"}
   */
  name?: string;
}

/**
 * Makes a tokenizer of the texts of its two files.
 *
 * @param texts The texts of `tokenizer.json` and `tokenizer_config.json`.
 * @param options A name for messages.
 * @returns The tokenizer.
 * @throws {Error} If a text is not what it should be; the message names the file.
 */
export function tokenizerOf(texts: TokenizerTexts, { name = "memory" }: TokenizerOfOptions = {}): Tokenizer {
  const [path, configPath] = TOKENIZER_FILES.map((file) => join(name, file));
  const specification = parseObject(texts.tokenizer, path);
  const config = parseObject(texts.config, configPath);
  const library = started(specification, { config, path });
  const ids = new Set(library.get_vocab().values());
  const vocabularySize = Math.max(...ids) + 1;

  const endName = nameOfToken(config.eos_token);
  const endToken = endName === undefined ? undefined : library.token_to_id(endName);
  if (endToken === undefined) {
    throw new Error(
      `Cannot load the tokenizer: ${configPath}: eos_token must be a token of the vocabulary, ` +
        `current value is ${JSON.stringify(config.eos_token)}`,
    );
  }

  const encodePart = (text: string): number[] => {
    const found = text === "" ? [] : library.encode(text, { add_special_tokens: false }).ids;
    if (found.includes(undefined as unknown as number)) {
      throw new RangeError(
        `Cannot encode the text: ${path} has no token for a part of ${JSON.stringify(text.slice(0, 60))}`,
      );
    }
    return found;
  };
  return {
    encode: wordEncoder(specification, encodePart) ?? encodePart,
    decode: (wanted) => {
      const stranger = wanted.find((id) => !ids.has(id));
      if (stranger !== undefined) {
        throw new RangeError(`Cannot decode: ids must be tokens of ${path}, current value is ${stranger}`);
      }
      const clean = config.clean_up_tokenization_spaces === true;
      return wanted.length === 0 ? "" : library.decode([...wanted], { clean_up_tokenization_spaces: clean });
    },
    vocabularySize,
    endToken,
    save: async (folder) => {
      await Deno.mkdir(folder, { recursive: true });
      await writeBeside(join(folder, TOKENIZER_FILES[0]), texts.tokenizer);
      await writeBeside(join(folder, TOKENIZER_FILES[1]), texts.config);
    },
  };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Cannot load the tokenizer: ${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Cannot load the tokenizer: ${path} must hold a JSON object`);
  }
  return value as Record<string, unknown>;
}

function started(specification: object, { config, path }: { config: object; path: string }): Library {
  try {
    const library = new Library(specification, config);
    // Some faults in the file show only when the first text is encoded.
    library.encode("a b");
    return library;
  } catch (cause) {
    throw new Error(`Cannot load the tokenizer: ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** In the config a token is its text, or an object with the text in it. */
function nameOfToken(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : undefined;
  return typeof content === "string" ? content : undefined;
}
