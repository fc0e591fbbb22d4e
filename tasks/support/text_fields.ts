/**
 * Settings of the plain text whose next-token loss joins the run.
 *
 * @module
 */
import { z } from "zod";
import { readTextRows } from "../../lib/datasets/text_rows.ts";
import type { Row } from "../../lib/batches/row.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** The text, its weight and its batches. */
export const textFields = inGroup("Plain text besides the rows", {
  text: z.string().optional().describe(
    "plain text whose next-token loss is added: a .txt file, a .jsonl file with one text per line, or a prepared folder",
  ),
  textWeight: z.number().min(0).optional().describe("weight of that loss; 1 with --text if absent"),
  textBatchSize: z.int().min(1).optional().describe("rows of plain text per step; those of --batch-size if absent"),
  textLength: z.int().min(2).optional().describe("tokens of such a row; the model's context, at most 512, if absent"),
});

/** The settings of {@linkcode textFields}, as they are parsed. */
export type TextSettings = z.output<z.ZodObject<typeof textFields>>;

/** Plain text whose loss joins. */
export interface PlainText {
  rows: Row[];
  weight: number;
  batchSize?: number;
}

/**
 * Reads the plain text.
 *
 * @returns Its rows and their weight; undefined if no text is requested.
 * @throws {UsageError} If rows longer than the context are requested.
 */
export async function plainTextOf(
  { text, textWeight, textBatchSize, textLength }: TextSettings,
  { student, tokenizer }: { student: LanguageModel; tokenizer: Tokenizer },
): Promise<PlainText | undefined> {
  if (text === undefined) return undefined;
  const { contextLength } = student.config;
  const length = textLength ?? Math.min(512, contextLength);
  if (length > contextLength) {
    throw new UsageError(
      `Cannot use --text-length: it must be at most the student's context of ${contextLength}, current value is ${length}`,
    );
  }
  return {
    rows: await readTextRows(text, { tokenizer, length }),
    weight: textWeight ?? 1,
    batchSize: textBatchSize,
  };
}
