/**
 * Two sequences of tokens of one text, aligned by its bytes.
 *
 * @module
 */

/** Tokens of the one sequence that stand for the same bytes as tokens of the other. */
export interface AlignedSpan {
  /** The student's first token. */
  start: number;
  /** How many there are of the student's. */
  size: number;
  /** The teacher's first token. */
  teacherStart: number;
  /** How many there are of the teacher's. */
  teacherSize: number;
}

/** Aligned tokens. */
export interface Alignment {
  /** The spans in their order, the shortest that both sequences begin and end together. */
  spans: AlignedSpan[];
  /** Whether all bytes of both sequences are in spans. */
  isWhole: boolean;
}

/**
 * Finds the shortest spans that both sequences begin and end together, from the start on, as far as their bytes agree.
 * Tokens from the first byte on that differs, or that only one has, are in no span.
 *
 * @param student The bytes of the student's tokens.
 * @param teacher The bytes of the teacher's.
 */
export function alignTokens(student: readonly Uint8Array[], teacher: readonly Uint8Array[]): Alignment {
  const spans: AlignedSpan[] = [];
  let [start, teacherStart] = [0, 0];
  let [ours, theirs] = [0, 0];
  let [left, right] = [0, 0]; // bytes of this span, on either side
  while (ours < student.length || theirs < teacher.length) {
    const mine = left <= right && ours < student.length;
    if (!mine && theirs >= teacher.length) break;
    if (mine) left += student[ours++].length;
    else right += teacher[theirs++].length;
    if (left !== right || ours === start || theirs === teacherStart) continue;
    const [one, other] = [joined(student, start, ours), joined(teacher, teacherStart, theirs)];
    if (one.some((byte, index) => byte !== other[index])) return { spans, isWhole: false };
    spans.push({ start, size: ours - start, teacherStart, teacherSize: theirs - teacherStart });
    [start, teacherStart, left, right] = [ours, theirs, 0, 0];
  }
  return { spans, isWhole: start === student.length && teacherStart === teacher.length };
}

function joined(tokens: readonly Uint8Array[], start: number, end: number): number[] {
  return tokens.slice(start, end).flatMap((bytes) => [...bytes]);
}
