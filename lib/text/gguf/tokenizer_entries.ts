/**
 * A tokenizer as the metadata of a GGUF file, from which llama.cpp tokenizes the same way.
 *
 * @module
 */
import type { GgufEntry } from "../../files/gguf/encode_gguf.ts";
import type { Stage } from "../pipeline/stage.ts";
import type { Tokenizer } from "../tokenizer_interface.ts";
import { byteLevelEntries } from "./byte_level_entries.ts";
import { NAMED_TOKENS, TOKEN_TYPES } from "./gguf_vocabulary.ts";
import { sentencePieceEntries } from "./sentence_piece_entries.ts";
import type { ListedTokens } from "./gguf_vocabulary.ts";

/** Options for {@linkcode tokenizerEntries}. */
export interface TokenizerEntriesOptions {
  /** Rows of the model's embedding; those beyond the vocabulary are listed as unused. */
  rows: number;
}

type SavedTokenizer = Pick<Tokenizer, "specification" | "settings" | "endToken" | "vocabularySize">;

/**
 * Makes the entries.
 *
 * @param tokenizer The tokenizer.
 * @param options The rows of the model.
 * @returns Values by key.
 * @throws {RangeError} If llama.cpp has no equivalent tokenizer, or the model has fewer rows than the tokenizer has
 * tokens; the message names the stage.
 */
export function tokenizerEntries(
  tokenizer: SavedTokenizer,
  { rows }: TokenizerEntriesOptions,
): Map<string, GgufEntry> {
  const { specification, settings = {} } = tokenizer;
  if (rows < tokenizer.vocabularySize) {
    throw new RangeError(
      `Cannot write the tokenizer: the model must have a row for each of ${tokenizer.vocabularySize} tokens, ` +
        `current value is ${rows}`,
    );
  }
  const model = specification.model as Stage;
  if (model.type !== undefined && model.type !== "BPE") {
    throw new RangeError(
      `Cannot write the tokenizer: its model must be BPE, current value is ${model.type}`,
    );
  }
  const listed = listTokens(tokenizer, rows);
  const ids = new Map(listed.tokens.map((token, id) => [token, id]));
  const entries = new Map<string, GgufEntry>();
  const kind = model.byte_fallback === true ? sentencePieceEntries : byteLevelEntries;
  for (const [key, value] of kind(specification, listed)) entries.set(key, value);
  for (const [name, key] of Object.entries(NAMED_TOKENS)) {
    const id = name === "eos_token" ? tokenizer.endToken : ids.get(textOf(settings[name]) ?? "");
    if (id !== undefined) entries.set(key, { uint32: id });
  }
  entries.set(
    "tokenizer.ggml.add_bos_token",
    settings.add_bos_token as boolean ?? addsFirst(specification.post_processor),
  );
  entries.set("tokenizer.ggml.add_eos_token", settings.add_eos_token === true);
  for (const [key, value] of templateEntries(settings.chat_template)) entries.set(key, value);
  return entries;
}

/** A token is its text, or an object that contains it. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}

interface Added {
  content: string;
  special?: boolean;
}

function listTokens({ specification, settings = {} }: SavedTokenizer, rows: number): ListedTokens {
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types = new Int32Array(rows).fill(TOKEN_TYPES.unused);
  const { vocab } = specification.model as { vocab: Record<string, number> };
  for (const [token, id] of Object.entries(vocab)) {
    tokens[id] = token;
    types[id] = TOKEN_TYPES.normal;
  }
  const ofFile = (specification.added_tokens ?? []) as (Added & { id: number })[];
  const ofSettings = Object.entries((settings.added_tokens_decoder ?? {}) as Record<string, Added>);
  const added = [
    ...ofFile.map((token) => [token.id, token] as const),
    ...ofSettings.map(([id, token]) => [Number(id), token] as const),
  ];
  for (const [id, { content, special }] of added) {
    const place = Object.hasOwn(vocab, content) ? vocab[content] : id;
    tokens[place] = content;
    types[place] = special ? TOKEN_TYPES.control : TOKEN_TYPES.userDefined;
  }
  return { tokens, types };
}

/** Whether the post-processor prepends a token. */
function addsFirst(stage: unknown): boolean {
  const { type, single, processors } = (stage ?? {}) as Record<string, unknown>;
  if (type === "Sequence" && Array.isArray(processors)) return processors.some(addsFirst);
  return type === "TemplateProcessing" && Array.isArray(single) && "SpecialToken" in (single[0] ?? {});
}

function templateEntries(template: unknown): [string, GgufEntry][] {
  const key = "tokenizer.chat_template";
  if (typeof template === "string") return [[key, template]];
  const named = Array.isArray(template) ? template as { name: string; template: string }[] : [];
  if (named.length === 0) return [];
  const others = named.filter(({ name }) => name !== "default");
  const usual = named.find(({ name }) => name === "default");
  return [
    ...usual === undefined ? [] : [[key, usual.template] as [string, GgufEntry]],
    [`${key}s`, others.map(({ name }) => name)],
    ...others.map(({ name, template }): [string, GgufEntry] => [`${key}.${name}`, template]),
  ];
}
