/**
 * The normalizer of BERT.
 *
 * Source: J. Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding", 2019, and
 * its released code.
 *
 * @module
 */
import { characterRanges } from "./character_sets.ts";
import { type MarkedText, rewritten } from "./marked_text.ts";
import { lowercase, normalForm } from "./normal_forms.ts";
import type { Settings } from "./stage.ts";

const control = new RegExp(`[\\0\ufffd\\p{Co}${characterRanges("control")}]`, "gu");
const nonspacing = new RegExp(`[${characterRanges("nonspacing")}]+`, "gu");
const chinese = new RegExp(
  "[\\u4e00-\\u9fff\\u3400-\\u4dbf\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}" +
    "\\uf900-\\ufaff\\u{2f800}-\\u{2fa1f}]",
  "gu",
);

/**
 * Makes the normalizer of BERT: removes control characters, adds blanks around Chinese characters, lowercases and
 * strips accents.
 *
 * @param settings Which of these it does.
 * @returns The normalizer.
 */
export function bertNormalizer({ read }: Settings): (text: MarkedText) => MarkedText {
  const isLower = read("lowercase", "boolean");
  const steps: [boolean, (text: string) => string][] = [
    [read("clean_text", "boolean"), (text) => text.replace(control, "").replace(/\p{White_Space}/gu, " ")],
    [read("handle_chinese_chars", "boolean"), (text) => text.replace(chinese, " $& ")],
    [read("strip_accents", "boolean", isLower), (text) => normalForm(text, "NFD").replace(nonspacing, "")],
    [isLower, lowercase],
  ];
  const wanted = steps.flatMap(([isWanted, step]) => isWanted ? [step] : []);
  return (text) => wanted.reduce(rewritten, text);
}
