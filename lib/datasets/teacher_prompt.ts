/**
 * The teacher's own prompt of a row, in its tokens.
 *
 * @module
 */
import { fitPrompt } from "../text/fit_prompt.ts";
import { promptIds } from "../text/prompt_ids.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import type { CorpusText } from "./corpus_text.ts";
import type { LengthRules, MadeRow } from "./make_row.ts";

/** Options for {@linkcode withTeacherPrompt}. */
export interface WithTeacherPromptOptions {
  /** The text that the row was made of. */
  text: CorpusText;
  /** The tokenizer of the rows. */
  tokenizer: Tokenizer;
  /** The teacher's context. */
  teacherContext: number;
  /** What becomes of prompts that are too long. */
  rules: Pick<LengthRules, "longPrompts">;
}

/**
 * Gives a row the teacher's prompt, where its text has one. What the response leaves of the teacher's context is its room; a
 * longer one is truncated, or its row dropped, as any prompt.
 */
export function withTeacherPrompt(
  made: MadeRow,
  { text: { taught }, tokenizer, teacherContext, rules: { longPrompts } }: WithTeacherPromptOptions,
): MadeRow {
  if (taught === undefined || "dropped" in made) return made;
  const { row, cut } = made;
  const isOther = taught.tokenizer !== tokenizer;
  // Another tokenizer may need more tokens for the response.
  const response = (row.ids.length - row.promptLength) * (isOther ? 2 : 1);
  const encode = (prompt: string) => isOther ? promptIds(taught.tokenizer, prompt) : taught.tokenizer.encode(prompt);
  const room = Math.max(1, teacherContext + 1 - response);
  const whole = encode(taught.prompt);
  if (whole.length <= room) return { row: { ...row, teacherPrompt: whole }, cut };
  if (longPrompts === "drop") return { dropped: "prompts" };
  const fitted = fitPrompt({ ...taught.tokenizer, encode }, taught.prompt, { maxLength: room, longPrompts });
  return { row: { ...row, teacherPrompt: fitted.ids }, cut: { ...cut, prompt: true } };
}
