/**
 * The bytes that each token of a tokenizer stands for.
 *
 * @module
 */
import { BYTE_CHARACTERS } from "./byte_characters.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/** What is known of the tokens of a tokenizer. */
export interface TokenBytes {
  /** The bytes of a token behind others, in UTF-8; a special token, or an id without a token, has none. */
  of(id: number): Uint8Array | undefined;
  /** Whether a token is special: it marks an end, a turn or the like, and is no text. */
  isSpecial(id: number): boolean;
}

type Stage = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();
const byteOf = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/**
 * Finds the bytes of all tokens: of vocabularies in bytes, as those of GPT-2, Llama 3 and Qwen, and of those in characters
 * with a mark for blanks, as those of SentencePiece, Gemma and Llama 2.
 *
 * @param tokenizer The tokenizer.
 * @throws {TypeError} If its decoder joins tokens in another way; the message names it.
 */
export function tokenBytes({ specification }: Pick<Tokenizer, "specification">): TokenBytes {
  const spell = spellingOf(stagesOf(specification.decoder));
  const { vocab } = specification.model as { vocab: Record<string, number> | [string, number][] };
  const texts: string[] = [];
  const listed = Array.isArray(vocab) ? vocab.map(([text], id) => [text, id] as const) : Object.entries(vocab);
  for (const [text, id] of listed) texts[id] = text;
  const special = new Set<number>();
  for (const token of (specification.added_tokens ?? []) as { id: number; content: string; special?: boolean }[]) {
    texts[token.id] = token.content;
    if (token.special) special.add(token.id);
  }
  const known: Uint8Array[] = [];
  return {
    of(id) {
      if (texts[id] === undefined || special.has(id)) return undefined;
      return known[id] ??= spell(texts[id]);
    },
    isSpecial: (id) => special.has(id),
  };
}

/** The stages of a decoder, those in sequences too. */
function stagesOf(decoder: unknown): Stage[] {
  if (typeof decoder !== "object" || decoder === null) return [];
  const stage = decoder as Stage;
  return stage.type === "Sequence" ? (stage.decoders as unknown[]).flatMap(stagesOf) : [stage];
}

/** How the text of a token of the file becomes bytes. */
function spellingOf(stages: readonly Stage[]): (text: string) => Uint8Array {
  const types = stages.map(({ type }) => String(type));
  if (types.includes("ByteLevel")) {
    return (text) => {
      const bytes = Array.from(text, (character) => byteOf.get(character));
      return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : encoder.encode(text);
    };
  }
  const stranger = types.find((type) => !["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"].includes(type));
  const mark = stages.map(markOf).find((mark) => mark !== undefined);
  if (stranger !== undefined || mark === undefined) {
    throw new TypeError(
      "Cannot find the bytes of tokens: the tokenizer's decoder must be ByteLevel, Metaspace, or a Replace of the mark of " +
        `blanks, it is ${types.join(", ") || "absent"}`,
    );
  }
  const falls = types.includes("ByteFallback");
  return (text) => {
    const digits = falls ? /^<0x([0-9a-fA-F]{2})>$/.exec(text)?.[1] : undefined;
    return digits === undefined ? encoder.encode(text.replaceAll(mark, " ")) : Uint8Array.of(parseInt(digits, 16));
  };
}

/** The mark that a stage replaces by a blank. */
function markOf({ type, pattern, content, replacement }: Stage): string | undefined {
  if (type === "Metaspace") return String(replacement);
  const text = (pattern as { String?: unknown } | undefined)?.String;
  return type === "Replace" && content === " " && typeof text === "string" ? text : undefined;
}
