/**
 * A row of the student's tokens as the teacher reads it.
 *
 * @module
 */
import type { Row } from "../../batches/row.ts";
import { promptIds } from "../../text/prompt_ids.ts";
import { type AlignedSpan, alignTokens } from "./align_tokens.ts";
import type { SpelledTokenizer } from "./shared_vocabulary.ts";

/** The teacher's row, and which of its response tokens go with which of the student's. */
export interface AlignedRow {
  /** The row in the teacher's tokens. Its response may have tokens that are in no span. */
  row: Row;
  /** Spans of response tokens, counted from the first of each response. */
  spans: readonly AlignedSpan[];
}

/** Options for {@linkcode alignRow}. */
export interface AlignRowOptions {
  student: SpelledTokenizer;
  teacher: SpelledTokenizer;
  /** Tokens that the teacher's row may have; its response is cut there. */
  contextLength: number;
}

const BLANK = 0x20;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Aligns a row. The teacher's prompt is that of the row, `teacherPrompt`, or else the text of the student's; its response
 * has the same text, and its end token where the student's ends with one.
 *
 * @throws {RangeError} If the prompt leaves the teacher no room for a response.
 */
export function alignRow(row: Row, { student, teacher, contextLength }: AlignRowOptions): AlignedRow {
  const { ids, promptLength, teacherPrompt, fields } = row;
  const response = ids.slice(promptLength);
  const special = response.findIndex((id) => student.bytes.of(id) === undefined);
  const ends = special >= 0 && special === response.length - 1;
  const spelled = response.slice(0, special < 0 ? response.length : special).map((id) => student.bytes.of(id)!);
  const prompt = teacherPrompt ?? promptIds(teacher.tokenizer, student.tokenizer.decode(ids.slice(0, promptLength)));
  const text = wholeText(spelled);
  const answer = text === "" ? [] : encoded(text, { prompt, teacher });
  const theirs = answer.map((id) => teacher.bytes.of(id) ?? new Uint8Array());
  if (theirs[0]?.[0] === BLANK && spelled[0]?.[0] !== BLANK) theirs[0] = theirs[0].subarray(1);
  const { spans, isWhole } = alignTokens(spelled, theirs);
  if (ends && isWhole) {
    spans.push({ start: spelled.length, size: 1, teacherStart: answer.length, teacherSize: 1 });
  }
  const room = contextLength + 1 - prompt.length; // the last token is predicted, not read
  if (room < 1) {
    throw new RangeError(
      `Cannot align a row: the teacher's prompt must leave room in its context of ${contextLength} tokens, current ` +
        `length is ${prompt.length}`,
    );
  }
  const whole = ends && isWhole ? [...answer, teacher.tokenizer.endToken] : answer;
  // A row without a response teaches nothing, but has its place in the batch.
  const kept = whole.length === 0 ? [teacher.tokenizer.endToken] : whole.slice(0, room);
  const taught = { ids: [...prompt, ...kept], promptLength: prompt.length, ...fields && { fields } };
  return {
    row: taught,
    spans: spans.filter(({ teacherStart, teacherSize }) => teacherStart + teacherSize <= kept.length),
  };
}

/** The text of bytes; a character that is cut off at their end is left out. */
function wholeText(spelled: readonly Uint8Array[]): string {
  return decoder.decode(Uint8Array.from(spelled.flatMap((bytes) => [...bytes]))).replace(/\ufffd+$/, "");
}

/** The tokens of a response behind a prompt; where it merges with the prompt's last token, those of the response alone. */
function encoded(
  text: string,
  { prompt, teacher }: { prompt: readonly number[]; teacher: SpelledTokenizer },
): number[] {
  const whole = teacher.tokenizer.encode(teacher.tokenizer.decode(prompt) + text);
  const follows = prompt.every((id, place) => whole[place] === id);
  return follows ? whole.slice(prompt.length) : teacher.tokenizer.encode(text);
}
