/**
 * Text to token ids and back, by the tokenizer of a Hugging Face folder or of a GGUF file.
 *
 * @module
 */
import { aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import type { HubOptions } from "../hub/download_repository.ts";
import { modelFolder } from "../hub/model_folder.ts";
import { checkedTokenizer } from "./checked_tokenizer.ts";
import { readGgufTokenizer } from "./gguf/gguf_tokenizer.ts";
import {
  FILE_NAMES,
  readTokenizerFiles,
  TOKENIZER_FILES,
  type TokenizerParts,
  type TokenizerTexts,
} from "./tokenizer_files.ts";
import { textsOfParts, tokenizerGguf } from "./tokenizer_texts.ts";
import { cleanUp } from "./pipeline/clean_up.ts";
import { type Pipeline, pipelineOf } from "./pipeline/pipeline.ts";
import { settingsTokens } from "./settings_tokens.ts";
import { findChatTemplate, mergeSettings, parseObject, specialTokens } from "./tokenizer_settings.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/** Options for {@linkcode loadTokenizer}. */
export interface LoadTokenizerOptions {
  /** The revision of a repository on a hub: a branch, a tag, a commit. Not for a local folder. */
  revision?: string;
  /**
   * How the hub is used: endpoint, cache, token, progress.
   *
   * @default {from the environment variables of the Hugging Face tools}
   */
  hub?: HubOptions;
  /**
   * The time for chat templates that print one, in the local time zone.
   *
   * @default {the time of loading}
   */
  now?: Date;
}

/**
 * Loads a tokenizer.
 *
 * @param pathOrRepository A folder with `tokenizer.json` and `tokenizer_config.json`, a GGUF file or a folder with one,
 * or the name of a repository on a hub. A local folder of that name takes precedence. In a folder with both,
 * `tokenizer.json` is used.
 * @param options Hub settings.
 * @returns The tokenizer.
 * @throws {Error} If the folder or a file is missing or invalid; the message names the file.
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
  const path = await modelFolder(pathOrRepository, { ...options, wanted: "tokenizer" });
  const { now } = options;
  const gguf = await tokenizerGguf(path);
  if (gguf === undefined) return tokenizerOf(await readTokenizerFiles(path), { name: path, now });
  const parts = await readGgufTokenizer(gguf);
  const save = (folder: string) => writeTexts(folder, textsOfParts(parts));
  return tokenizerFrom(parts, { path: gguf, configPath: gguf, name: gguf, now, save });
}

/** Options for {@linkcode tokenizerOf}. */
export interface TokenizerOfOptions {
  /**
   * The source of the texts, for messages.
   *
   * @default {"memory"}
   */
  name?: string;
  /**
   * The time for chat templates that print one, in the local time zone.
   *
   * @default {the time of the call}
   */
  now?: Date;
}

/**
 * Makes a tokenizer from the texts of its files.
 *
 * @param texts The texts of `tokenizer.json` and `tokenizer_config.json`.
 * @param options A name for messages.
 * @returns The tokenizer.
 * @throws {Error} If a text is invalid; the message names the file.
 */
export function tokenizerOf(
  texts: TokenizerTexts,
  { name = "memory", now = new Date() }: TokenizerOfOptions = {},
): Tokenizer {
  checkArguments("make a tokenizer", { texts: [texts, objectWith("tokenizer", "config")] });
  checkArguments("make a tokenizer", { tokenizer: [texts.tokenizer, aText], config: [texts.config, aText] });
  const [path, configPath] = TOKENIZER_FILES.map((file) => join(name, file));
  const specification = parseObject(texts.tokenizer, path);
  const config = parseObject(texts.config, configPath);
  const [older, added] = (["specialTokens", "addedTokens"] as const)
    .map((key) => texts[key] === undefined ? {} : parseObject(texts[key], join(name, FILE_NAMES[key])));
  const save = (folder: string) => writeTexts(folder, texts);
  const origin = { path, configPath, name, now, save, older, added, chatTemplate: texts.chatTemplate };
  return tokenizerFrom({ specification, config }, origin);
}

/** The sources of a tokenizer's parts, and its older files. */
interface Origin extends Pick<Tokenizer, "save"> {
  /** The file of the vocabulary, for messages. */
  path: string;
  /** The file of the settings, for messages. */
  configPath: string;
  /** Both, for messages. */
  name: string;
  /** The time for chat templates that print one. */
  now?: Date;
  /** The contents of `special_tokens_map.json`. */
  older?: Record<string, unknown>;
  /** The contents of `added_tokens.json`. */
  added?: Record<string, unknown>;
  /** The text of `chat_template.jinja`. */
  chatTemplate?: string;
}

function tokenizerFrom({ specification, config }: TokenizerParts, origin: Origin): Tokenizer {
  const { path, configPath, name, now, save, older = {}, added = {}, chatTemplate } = origin;
  const settings = mergeSettings(config, older);
  const tokens = specialTokens({ ...older, ...settings });
  const pipeline = startPipeline(specification, { settings, added, path });

  const endToken = tokens.eos_token === undefined ? undefined : pipeline.idOf(tokens.eos_token);
  if (endToken === undefined || pipeline.isFromSettings(endToken)) {
    throw new Error(
      `Cannot load the tokenizer: ${configPath}: eos_token must be a token of the vocabulary, ` +
        `current value is ${JSON.stringify(config.eos_token)}`,
    );
  }
  // BPE preserves the blanks of the text, which a clean-up would remove; transformers 5 ignores the setting too.
  const cleans = Boolean(settings.clean_up_tokenization_spaces) &&
    (pipeline.model !== "BPE" || Boolean(settings[CLEAN_UP_IN_SPITE]));

  return checkedTokenizer({
    encode: (text) => {
      try {
        return pipeline.encode(text);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new RangeError(`Cannot encode the text: ${path}: ${cause.message}`, { cause });
      }
    },
    decode: (ids) => {
      const stranger = ids.find((id) => !pipeline.has(id));
      if (stranger !== undefined) {
        throw new RangeError(`Cannot decode: ids must be tokens of ${path}, current value is ${stranger}`);
      }
      const text = ids.length === 0 ? "" : pipeline.decode(ids);
      return cleans ? cleanUp(text) : text;
    },
    vocabularySize: pipeline.vocabularySize,
    endToken,
    specification,
    settings: { ...settings, chat_template: chatTemplate ?? config.chat_template },
    chatTemplate: findChatTemplate(config, { file: chatTemplate, tokens, name, now }),
    save,
  });
}

async function writeTexts(folder: string, texts: TokenizerTexts): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [key, file] of Object.entries(FILE_NAMES)) {
    const text = texts[key as keyof TokenizerTexts];
    if (text !== undefined) await writeAtomically(join(folder, file), text);
  }
}

/** The transformers setting that cleans up even BPE text. */
const CLEAN_UP_IN_SPITE = "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output";

function startPipeline(
  specification: Record<string, unknown>,
  { settings, added, path }: Record<"settings" | "added", Record<string, unknown>> & { path: string },
): Pipeline {
  try {
    return pipelineOf(specification, {
      moreTokens: (present) => settingsTokens(present, settings, added),
      splitsSpecial: settings.split_special_tokens === true,
    });
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new RangeError(`Cannot load the tokenizer: ${path}: ${cause.message}`, { cause });
  }
}
