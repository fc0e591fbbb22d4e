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
  /** The revision of a repository on a hub: a branch, a tag, a commit. A local folder has none. */
  revision?: string;
  /**
   * How the hub is used: endpoint, cache, token, progress.
   *
   * @default {as the variables of the Hugging Face tools say}
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
 * @param pathOrRepository A folder with `tokenizer.json` and `tokenizer_config.json`, a GGUF file or a folder with one, or
 * the name of a repository on a hub. A local folder of that name comes first. Of a folder that has both, `tokenizer.json`
 * counts.
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
   * Where the texts come from, for messages.
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

/** Where the parts of a tokenizer come from, and what stands beside them. */
interface Origin extends Pick<Tokenizer, "save"> {
  /** The file of the vocabulary, for messages. */
  path: string;
  /** The file of the settings, for messages. */
  configPath: string;
  /** Both, for messages. */
  name: string;
  /** The time for chat templates that print one. */
  now?: Date;
  /** What `special_tokens_map.json` holds. */
  older?: Record<string, unknown>;
  /** What `added_tokens.json` holds. */
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
  // Byte pairs keep the blanks of the text, which a clean-up would take away; transformers 5 passes over it too.
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

/** The setting of transformers by which even the text of byte pairs is cleaned up. */
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
