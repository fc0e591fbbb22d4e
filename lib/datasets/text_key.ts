/**
 * The identity of a row's text.
 *
 * @module
 */
import { hashPieces } from "../files/file_hash.ts";
import type { InstructionRow } from "./instruction_row.ts";

/**
 * The key of a row's text, used to find its tokens: a hash of everything in the row.
 *
 * @param row The row as it is read from its file.
 * @returns 32 hexadecimal digits.
 */
export function textKey({ instruction, input, outputs, prompt, kind, system, form }: InstructionRow): string {
  const parts = [instruction, input, outputs, prompt, kind ?? null, system ?? null, form ?? null];
  return hashPieces([JSON.stringify(parts)]).slice(0, 32);
}
