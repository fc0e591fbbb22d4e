/**
 * Teacher, student and rows in one vocabulary.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../lib/files/exists.ts";
import { findGguf } from "../../lib/files/gguf/find_gguf.ts";
import { readText } from "../../lib/files/read_text.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { checkTokenizers } from "../../lib/text/check_tokenizers.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { parseObject } from "../../lib/text/tokenizer_settings.ts";
import type { LoadedTeacher } from "./load_teacher.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { UsageError } from "./usage_error.ts";

/** The models of a run. */
export interface RunModels {
  student?: LanguageModel;
  /** Those that are no models of this process are skipped: they are compared where they are. */
  teachers: readonly LoadedTeacher[];
}

/**
 * Checks that tokenizers beside the models, where there are any, have the vocabulary of the one that makes the rows, and
 * cuts the padding off the models' heads.
 *
 * @param tokenizer What makes the rows.
 * @param models Their heads may be padded to different sizes.
 * @param paths Where the student was loaded from.
 * @throws {UsageError} If vocabularies differ (the first token that does is named), or a head is too small; the message
 * names the flags.
 */
export async function agreeOnVocabulary(
  tokenizer: Tokenizer,
  { student, teachers }: RunModels,
  paths: { student: string },
): Promise<void> {
  const here = [
    ...student ? [{ who: "student", model: student, path: paths.student }] : [],
    ...teachers.flatMap(({ teacher, place }) =>
      teacher instanceof LanguageModel ? [{ who: "teacher", model: teacher, path: place }] : []
    ),
  ];
  for (const { who, path } of here) {
    const specification = await specificationAt(await modelFolder(path, { wanted: "model" }));
    if (!specification) continue;
    try {
      checkTokenizers(tokenizer, { specification }, ["rows", who]);
    } catch (cause) {
      const places = `the rows are made by --tokenizer, the ${who} is --${who} ${path}`;
      throw new UsageError(`${(cause as Error).message}; ${places}`, { cause });
    }
  }
  for (const { who, model, path } of here) limitTo(model, tokenizer, `--${who} ${path}`);
}

/** What a model's own tokenizer is like, where it has one. */
async function specificationAt(place: string): Promise<Record<string, unknown> | undefined> {
  const path = join(place, "tokenizer.json");
  if (await exists(path)) return parseObject(await readText(path), path);
  return await findGguf(place) === undefined ? undefined : (await loadTokenizer(place)).specification;
}
