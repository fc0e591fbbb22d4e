/**
 * The tokenizer of a GGUF file, as the contents of the two files of a Hugging Face tokenizer.
 *
 * @module
 */
import { type GgufHeader, readGguf } from "../../files/gguf/read_gguf.ts";
import type { TokenizerParts } from "../tokenizer_files.ts";
import { byteLevelStages } from "./byte_level.ts";
import {
  type GgufVocabulary,
  MetadataReader,
  NAMED_TOKENS,
  readGgufVocabulary,
  TOKEN_TYPES,
} from "./gguf_vocabulary.ts";
import { sentencePieceStages } from "./sentence_pieces.ts";

/** The kinds by the format's names. */
const KINDS = { gpt2: byteLevelStages, llama: sentencePieceStages } as const;

/**
 * Reads a tokenizer.
 *
 * @param path The GGUF file.
 * @returns The contents of `tokenizer.json` and `tokenizer_config.json`.
 * @throws {SyntaxError} If the file is not GGUF, has no tokenizer, or one of an unsupported kind; the message names
 * file and key.
 */
export async function readGgufTokenizer(path: string): Promise<TokenizerParts> {
  return ggufTokenizer(await readGguf(path));
}

/**
 * Makes a tokenizer from a file's header.
 *
 * @param header The header.
 * @returns The contents of `tokenizer.json` and `tokenizer_config.json`.
 * @throws {SyntaxError} If it has none, or one of an unsupported kind; the message names file and key.
 */
export function ggufTokenizer(header: Pick<GgufHeader, "path" | "metadata">): TokenizerParts {
  const reader = new MetadataReader(header);
  const kind = reader.text("tokenizer.ggml.model");
  if (kind === undefined || !Object.hasOwn(KINDS, kind)) {
    throw reader.fault("tokenizer.ggml.model", `one of ${Object.keys(KINDS).join(", ")}`, kind);
  }
  const vocabulary = readGgufVocabulary(reader);
  const stages = KINDS[kind as keyof typeof KINDS](reader, vocabulary);
  const { tokens = vocabulary.tokens } = stages;
  const addsFirst = reader.flag("tokenizer.ggml.add_bos_token") ?? stages.addsFirst;
  const named = namedTokens(tokens, vocabulary);
  const specification = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(tokens, vocabulary),
    normalizer: stages.normalizer,
    pre_tokenizer: stages.preTokenizer,
    post_processor: addsFirst ? withFirst(vocabulary.named.bos_token, named.bos_token) : null,
    decoder: stages.decoder,
    model: stages.model,
  };
  const config = {
    add_bos_token: addsFirst,
    add_eos_token: reader.flag("tokenizer.ggml.add_eos_token") ?? false,
    ...named,
    chat_template: chatTemplates(reader),
    clean_up_tokenization_spaces: false,
    model_max_length: contextLength(header),
    tokenizer_class: "PreTrainedTokenizerFast",
  };
  return { specification, config };
}

/** The added tokens. */
function addedTokens(tokens: readonly string[], vocabulary: GgufVocabulary): Record<string, unknown>[] {
  const { control, unknown, userDefined } = TOKEN_TYPES;
  const names = new Set(Object.values(vocabulary.named));
  return tokens.flatMap((content, id) => {
    const type = vocabulary.types[id];
    const special = type === control || type === unknown || names.has(id);
    // Rewritten tokens, such as runs of blanks, are found by merges.
    const isOwn = type === userDefined && content === vocabulary.tokens[id];
    if (content === "" || !(special || isOwn)) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

function namedTokens(tokens: readonly string[], { named }: GgufVocabulary): Record<string, string> {
  const entries = Object.keys(NAMED_TOKENS).flatMap((name) => {
    const id = named[name as keyof typeof NAMED_TOKENS];
    return id === undefined ? [] : [[name, tokens[id]]];
  });
  return Object.fromEntries(entries);
}

/** The post-processor that adds the begin token, for other programs that read the file. */
function withFirst(id: number | undefined, token: string | undefined): Record<string, unknown> | null {
  if (id === undefined || token === undefined) return null;
  const special = (place: number) => ({ SpecialToken: { id: token, type_id: place } });
  const text = (name: string, place: number) => ({ Sequence: { id: name, type_id: place } });
  return {
    type: "TemplateProcessing",
    single: [special(0), text("A", 0)],
    pair: [special(0), text("A", 0), special(1), text("B", 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}

const TEMPLATE = "tokenizer.chat_template";

/** The chat template, or several with their names. */
function chatTemplates(reader: MetadataReader): string | { name: string; template: string }[] | undefined {
  const usual = reader.text(TEMPLATE);
  const names = reader.texts("tokenizer.chat_templates") ?? [];
  const others = names.flatMap((name) => {
    const template = reader.text(`${TEMPLATE}.${name}`);
    return template === undefined || name === "default" ? [] : [{ name, template }];
  });
  if (others.length === 0) return usual;
  return [...usual === undefined ? [] : [{ name: "default", template: usual }], ...others];
}

function contextLength({ metadata }: Pick<GgufHeader, "metadata">): number | undefined {
  const value = metadata.get(`${metadata.get("general.architecture")}.context_length`);
  return typeof value === "number" ? value : undefined;
}
