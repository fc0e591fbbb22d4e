/**
 * Teacher, student and rows in one vocabulary.
 *
 * @module
 */
import { join } from "node:path";
import { checkTokenizer } from "../../lib/evaluation/evaluate.ts";
import { readText } from "../../lib/files/read_text.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { checkTokenizers } from "../../lib/text/check_tokenizers.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";
import { parseObject } from "../../lib/text/tokenizer_library.ts";
import { checkVocabularies } from "../../lib/training/trainer.ts";

/** The two models. */
export interface Pair<T> {
  teacher: T;
  student: T;
}

/**
 * Checks that tokenizers beside the models, where there are any, have the vocabulary of the one that makes the rows, and
 * cuts the padding off the models' heads.
 *
 * @param tokenizer What makes the rows.
 * @param models Their heads may be padded to different sizes.
 * @param paths Where they were loaded from.
 * @throws {RangeError} If vocabularies differ (the first token that does is named), or a head is too small.
 */
export async function agreeOnVocabulary(
  tokenizer: Tokenizer,
  models: Pair<LanguageModel>,
  paths: Pair<string>,
): Promise<void> {
  for (const who of ["student", "teacher"] as const) {
    const path = join(await modelFolder(paths[who], { wanted: "model" }), "tokenizer.json");
    const specification = await specificationAt(path);
    if (specification) checkTokenizers(tokenizer, { specification }, ["rows", who]);
  }
  for (const model of [models.student, models.teacher]) {
    if (model.config.vocabularySize >= tokenizer.vocabularySize) model.limitVocabulary(tokenizer.vocabularySize);
  }
  checkVocabularies(models.student, models.teacher);
  for (const model of [models.teacher, models.student]) checkTokenizer(tokenizer, model);
}

async function specificationAt(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return parseObject(await readText(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
