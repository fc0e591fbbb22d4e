/**
 * Decoders: from tokens to text.
 *
 * @module
 */
import { BPEDecoder, type Decoder, FuseDecoder } from "@huggingface/tokenizers";
import { BYTE_CHARACTERS } from "../byte_characters.ts";
import { cleanUp } from "./clean_up.ts";
import { replaced } from "./marked_text.ts";
import { findByPattern } from "./pattern.ts";
import { makerOf, type Settings, settingsOf, type Stage, stageOf } from "./stage.ts";

/** Transforms a list of tokens; concatenated, they are the text. */
export type DecodeTokens = (tokens: string[]) => string[];

type Maker = (settings: Settings, stage: Stage) => DecodeTokens;

const encoder = new TextEncoder();
const byteOf = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

const MAKERS: Readonly<Record<string, Maker>> = {
  BPEDecoder: ({ read }) => byLibrary(new BPEDecoder({ type: "BPEDecoder", suffix: read("suffix", "string") })),
  ByteFallback: () => fallBack,
  ByteLevel: () => (tokens) => [lossy.decode(Uint8Array.from(tokens.flatMap(bytesOf)))],
  CTC: ({ read }) => {
    const [pad, delimiter] = [read("pad_token", "string"), read("word_delimiter_token", "string")];
    const cleans = read("cleanup", "boolean");
    return (tokens) =>
      tokens.filter((token, place) => token !== tokens[place - 1])
        .map((token) => token.replaceAll(pad, ""))
        .map((token) => cleans ? cleanUpPieces(token).replaceAll(delimiter, " ") : token);
  },
  Fuse: () => byLibrary(new FuseDecoder({ type: "Fuse" })),
  Metaspace: ({ oneOf, read }) => {
    const mark = read("replacement", "string");
    const scheme = oneOf("prepend_scheme", ["first", "never", "always"], "always");
    const [first, others] = [scheme === "never" ? " " : "", " "];
    return (tokens) => tokens.map((token, place) => token.replaceAll(mark, place === 0 ? first : others));
  },
  Replace: ({ name, read }, stage) => {
    const find = findByPattern(stage, name);
    const content = read("content", "string");
    return (tokens) => tokens.map((text) => replaced({ text, head: 0 }, find(text), content).text);
  },
  Sequence: ({ list, name }) => {
    const steps = list("decoders").map((part, place) => decoderOf(part, `${name}.decoders[${place}]`)!);
    return (tokens) => steps.reduce((before, step) => step(before), tokens);
  },
  Strip: ({ read }) => {
    const content = read("content", "string");
    const [start, stop] = [read("start", "number"), read("stop", "number")];
    return (tokens) => tokens.map((token) => strip(Array.from(token), { content, start, stop }));
  },
  WordPiece: ({ read }) => {
    const prefix = read("prefix", "string");
    const cleans = read("cleanup", "boolean");
    const joined = (token: string) => token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
    return (tokens) =>
      tokens.map((token, place) => place === 0 ? token : joined(token))
        .map((token) => cleans ? cleanUpPieces(token) : token);
  },
};

/**
 * Makes a decoder.
 *
 * @param value The stage, or null if it is absent.
 * @param name Its path in the file, for messages.
 * @returns The decoder, or undefined if the stage is absent.
 * @throws {TypeError | RangeError} If a setting is invalid; the message names it.
 */
export function decoderOf(value: unknown, name = "decoder"): DecodeTokens | undefined {
  if (value === undefined || value === null) return undefined;
  const stage = stageOf(value, name);
  return makerOf(stage, name, MAKERS)(settingsOf(stage, name), stage);
}

const byLibrary = (decoder: Decoder): DecodeTokens => (tokens) => decoder.decode_chain(tokens);

/** The bytes of a token; a token with a character that is not a byte is taken literally. */
function bytesOf(token: string): number[] {
  const bytes = Array.from(token, (character) => byteOf.get(character));
  return bytes.every((byte) => byte !== undefined) ? bytes : Array.from(encoder.encode(token));
}

/** Consecutive tokens such as `<0xE2>` are decoded together; if they are not UTF-8, each becomes U+FFFD. */
function fallBack(tokens: string[]): string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      result.push(strict.decode(Uint8Array.from(bytes)));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      result.push(...bytes.map(() => "\ufffd"));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const digits = /^<0x([0-9a-fA-F]{2}|\+[0-9a-fA-F])>$/.exec(token)?.[1];
    if (digits !== undefined) bytes.push(parseInt(digits, 16));
    else {
      flush();
      result.push(token);
    }
  }
  flush();
  return result;
}

/** Strips a character from the start and the end, at most the configured number of times. */
function strip(
  characters: string[],
  { content, start, stop }: { content: string; start: number; stop: number },
): string {
  let from = 0;
  while (from < Math.min(start, characters.length) && characters[from] === content) from += 1;
  let to = characters.length;
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to -= 1;
  return characters.slice(from, to).join("");
}

/** The Rust library's clean-up of tokens: {@linkcode cleanUp} and one more replacement. */
const cleanUpPieces = (token: string): string => cleanUp(token, [[" 'm", "'m"], [" do not", " don't"]]);
