/**
 * The pre-tokenizers of byte-level GGUF tokenizers. A file only has a name (`tokenizer.ggml.pre`); this is its meaning
 * as stages of `tokenizer.json`.
 *
 * Source: llama.cpp, `src/llama-vocab.cpp`; the patterns are those of the models' own tokenizers.
 *
 * @module
 */
import type { Stage } from "../pipeline/stage.ts";

/** The meaning of a name. */
export interface ByteLevelCut {
  /** The pre-tokenizer. */
  preTokenizer: Stage;
  /** The normalizer, if the models have one. */
  normalizer: Stage | null;
  /** Whether a part that is a token becomes that token without merging. */
  ignoreMerges: boolean;
  /** Whether the begin token is added by default. */
  addsFirst: boolean;
}

const byteLevel = (cuts: boolean): Stage => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: cuts,
});

const isolated = (pattern: string): Stage => ({
  type: "Split",
  pattern: { Regex: pattern },
  behavior: "Isolated",
  invert: false,
});

const sequence = (...pretokenizers: Stage[]): Stage => ({ type: "Sequence", pretokenizers });

/** Splits by patterns, one after another. */
const byPatterns = (...patterns: string[]): Stage => sequence(...patterns.map(isolated), byteLevel(false));

const DIGITS: Stage = { type: "Digits", individual_digits: true };
const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const BLANKS = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** Words with a preceding character, numbers in groups of digits, punctuation with following line ends. */
const words = (numbers: string): string =>
  String.raw`${ENDINGS}|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|${BLANKS}`;

/** Words that end at a change from lower to upper case. */
const cased = (numbers: string, endings = ""): string => {
  const [before, upper, lower] = [
    String.raw`[^\r\n\p{L}\p{N}]?`,
    String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`,
    String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`,
  ];
  return String.raw`${before}${upper}*${lower}+${endings}|${before}${upper}+${lower}*${endings}|${numbers}` +
    String.raw`| ?[^\s\p{L}\p{N}]+[\r\n/]*|${BLANKS}`;
};

const cut = (preTokenizer: Stage, more: Partial<ByteLevelCut> = {}): ByteLevelCut => ({
  preTokenizer,
  normalizer: null,
  ignoreMerges: false,
  addsFirst: false,
  ...more,
});

const NFC: Stage = { type: "NFC" };
const gpt2 = cut(byteLevel(true));
const digits = cut(sequence(DIGITS, byteLevel(true)));
const llama3 = cut(byPatterns(words(String.raw`\p{N}{1,3}`)), { ignoreMerges: true, addsFirst: true });
const chatGlm = cut(byPatterns(words(String.raw`\p{N}{1,3}`)));
const qwen2 = cut(byPatterns(words(String.raw`\p{N}`)), { normalizer: NFC });
const gpt4o = cut(byPatterns(cased(String.raw`\p{N}{1,3}`, `${ENDINGS}?`)));
const qwen35 = String.raw`${ENDINGS}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${BLANKS}`;
const deepSeek3 =
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${"`"}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+` +
  String.raw`| ?[\p{P}\p{S}]+[\r\n]*|${BLANKS}`;

/** By name. */
export const BYTE_LEVEL_CUTS: Readonly<Record<string, ByteLevelCut>> = {
  "gpt-2": gpt2,
  "mpt": gpt2,
  "olmo": gpt2,
  "jais": gpt2,
  "phi-2": gpt2,
  "smollm": digits,
  "starcoder": digits,
  "refact": digits,
  "command-r": digits,
  "codeshell": digits,
  "exaone": digits,
  "minerva-7b": digits,
  "llama-bpe": llama3,
  "llama3": llama3,
  "llama-v3": llama3,
  "falcon3": llama3,
  "falcon-h1": llama3,
  "pixtral": llama3,
  "lfm2": llama3,
  "dbrx": chatGlm,
  "smaug-bpe": chatGlm,
  "chatglm-bpe": chatGlm,
  "glm4": chatGlm,
  "qwen2": qwen2,
  "deepseek-r1-qwen": qwen2,
  "megrez": qwen2,
  "hunyuan": qwen2,
  "stablelm2": cut(byPatterns(words(String.raw`\p{N}`))),
  "qwen35": cut(byPatterns(qwen35), { normalizer: NFC }),
  "tekken": cut(byPatterns(cased(String.raw`\p{N}`)), { ignoreMerges: true, addsFirst: true }),
  "gpt-4o": gpt4o,
  "llama4": gpt4o,
  "deepseek-v3": cut(byPatterns(String.raw`\p{N}{1,3}`, "[一-龥぀-ゟ゠-ヿ]+", deepSeek3)),
  "falcon": cut(byPatterns(String.raw`[\p{P}\$\+<=>\^~\|${"`"}]+`, GPT2, "[0-9][0-9][0-9]")),
  "default": cut(byPatterns(String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, "[0-9][0-9][0-9]")),
};
