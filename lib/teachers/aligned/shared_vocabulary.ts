/**
 * The tokens that two vocabularies have in common.
 *
 * Shapes: `V′` the teacher's vocabulary.
 *
 * @module
 */
import type { TokenBytes } from "../../text/token_bytes.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";

/** A tokenizer with the bytes of its tokens. */
export interface SpelledTokenizer {
  tokenizer: Pick<Tokenizer, "decode" | "encode" | "endToken" | "settings" | "vocabularySize">;
  bytes: TokenBytes;
}

/** The common tokens: those of the same bytes, and the end tokens. */
export interface SharedVocabulary {
  /** The student's id of each of the teacher's tokens, −1 where it has none, int32 `[V′]`. */
  studentOf: Int32Array;
  /** The student's ids of the common tokens. */
  ids: number[];
}

/**
 * Finds the common tokens. Of several tokens with the same bytes, as a vocabulary that falls back to bytes has them, the
 * last one counts, which is not the byte.
 *
 * @param student The student's tokenizer.
 * @param teacher The teacher's.
 * @param sizes How many tokens of each there are; a head may lack the last ones.
 */
export function sharedVocabulary(
  student: SpelledTokenizer,
  teacher: SpelledTokenizer,
  sizes: { student: number; teacher: number },
): SharedVocabulary {
  const ours = new Map<string, number>();
  for (let id = 0; id < sizes.student; id++) note(ours, student, id);
  const theirs = new Map<string, number>();
  for (let id = 0; id < sizes.teacher; id++) note(theirs, teacher, id);
  const studentOf = new Int32Array(sizes.teacher).fill(-1);
  for (const [text, id] of theirs) studentOf[id] = ours.get(text) ?? -1;
  const ends = [student.tokenizer.endToken, teacher.tokenizer.endToken];
  if (ends[0] < sizes.student && ends[1] < sizes.teacher) studentOf[ends[1]] = ends[0];
  return { studentOf, ids: Array.from(studentOf).filter((id) => id >= 0) };
}

/** Notes a token by its bytes, written as the characters of the first 256 code points. */
function note(tokens: Map<string, number>, { bytes, tokenizer }: SpelledTokenizer, id: number): void {
  const own = bytes.of(id);
  if (own !== undefined && own.length > 0 && id !== tokenizer.endToken) tokens.set(String.fromCharCode(...own), id);
}
