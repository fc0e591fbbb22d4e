/**
 * Text to token ids and back, by the tokenizer of a Hugging Face folder.
 *
 * @module
 */
import { join } from "node:path";
import type { HubOptions } from "../hub/download_repository.ts";
import { modelFolder } from "../hub/model_folder.ts";
import type { ChatTemplate } from "./chat_template.ts";
import { FILE_NAMES, readTokenizerFiles, TOKENIZER_FILES, type TokenizerTexts } from "./tokenizer_files.ts";
import { parseObject, startLibrary } from "./tokenizer_library.ts";
import { findChatTemplate, specialTokens } from "./tokenizer_settings.ts";
import { wordEncoder } from "./word_encoder.ts";
import { writeAtomically } from "../files/atomic_write.ts";

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
  /** What `tokenizer.json` holds. */
  readonly specification: Readonly<Record<string, unknown>>;
  /** The form of prompts that the model was trained with, where the tokenizer brings one. */
  readonly chatTemplate?: ChatTemplate;
  /** Writes the files as they were read: `tokenizer.json`, `tokenizer_config.json` and others; makes the folder. */
  save(folder: string): Promise<void>;
}

/** Options for {@linkcode loadTokenizer}. */
export interface LoadTokenizerOptions {
  /** The revision of a repository on a hub: a branch, a tag, a commit. A local folder has none. */
  revision?: string;
  /**
   * How the hub is used: endpoint, cache, token, progress.
   *
   * @default {as the variables of the Hugging Face tools say}
   */
  hub?: HubOptions;
  /**
   * The time that the chat template tells, if it does, in the local time zone.
   *
   * @default {the time of loading}
   */
  now?: Date;
}

/**
 * Loads a tokenizer.
 *
 * @param pathOrRepository A folder with `tokenizer.json` and `tokenizer_config.json`, or the name of a repository on a
 * hub. A local folder of that name comes first.
 * @param options What concerns the hub.
 * @returns The tokenizer.
 * @throws {Error} If the folder or a file is missing, or a file is not what it should be; the message names the file.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * assert(tokenizer.decode(tokenizer.encode("a grey heron")) === "a grey heron");
 * ```
 */
export async function loadTokenizer(pathOrRepository: string, options: LoadTokenizerOptions = {}): Promise<Tokenizer> {
  const folder = await modelFolder(pathOrRepository, { ...options, wanted: "tokenizer" });
  return tokenizerOf(await readTokenizerFiles(folder), { name: folder, now: options.now });
}

/** Options for {@linkcode tokenizerOf}. */
export interface TokenizerOfOptions {
  /**
   * Where the texts come from, for messages.
   *
   * @default {"memory"}
   */
  name?: string;
  /**
   * The time that the chat template tells, if it does, in the local time zone.
   *
   * @default {the time of the call}
   */
  now?: Date;
}

/**
 * Makes a tokenizer of the texts of its files.
 *
 * @param texts The texts of `tokenizer.json` and `tokenizer_config.json`.
 * @param options A name for messages.
 * @returns The tokenizer.
 * @throws {Error} If a text is not what it should be; the message names the file.
 */
export function tokenizerOf(
  texts: TokenizerTexts,
  { name = "memory", now = new Date() }: TokenizerOfOptions = {},
): Tokenizer {
  const [path, configPath] = TOKENIZER_FILES.map((file) => join(name, file));
  const specification = parseObject(texts.tokenizer, path);
  const config = parseObject(texts.config, configPath);
  const library = startLibrary(specification, { config, path });
  const vocabularySize = Math.max(...library.get_vocab().values()) + 1;

  const more = texts.specialTokens === undefined
    ? {}
    : parseObject(texts.specialTokens, join(name, FILE_NAMES.specialTokens));
  const tokens = specialTokens(config, more);
  const endToken = tokens.eos_token === undefined ? undefined : library.token_to_id(tokens.eos_token);
  if (endToken === undefined) {
    throw new Error(
      `Cannot load the tokenizer: ${configPath}: eos_token must be a token of the vocabulary, ` +
        `current value is ${JSON.stringify(config.eos_token)}`,
    );
  }

  const encode = (text: string): number[] => {
    const found = text === "" ? [] : library.encode(text, { add_special_tokens: false }).ids;
    if (found.includes(undefined as unknown as number)) {
      throw new RangeError(`Cannot encode the text: ${path} has no token for a part of ${JSON.stringify(text)}`);
    }
    return found;
  };
  const decode = (wanted: readonly number[]): string => {
    const stranger = wanted.find((id) => library.id_to_token(id) === undefined);
    if (stranger !== undefined) {
      throw new RangeError(`Cannot decode: ids must be tokens of ${path}, current value is ${stranger}`);
    }
    const clean = config.clean_up_tokenization_spaces === true;
    return wanted.length === 0 ? "" : library.decode([...wanted], { clean_up_tokenization_spaces: clean });
  };
  return {
    encode: wordEncoder(specification, {
      encode,
      decode: (ids) => ids.length === 0 ? "" : library.decode(ids, { clean_up_tokenization_spaces: false }),
    }) ?? encode,
    decode,
    vocabularySize,
    endToken,
    specification,
    chatTemplate: findChatTemplate(config, { file: texts.chatTemplate, tokens, name, now }),
    save: async (folder) => {
      await Deno.mkdir(folder, { recursive: true });
      for (const [key, file] of Object.entries(FILE_NAMES)) {
        const text = texts[key as keyof TokenizerTexts];
        if (text !== undefined) await writeAtomically(join(folder, file), text);
      }
    },
  };
}
