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
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { checkTokenizers } from "../../lib/text/check_tokenizers.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { parseObject } from "../../lib/text/tokenizer_settings.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { UsageError } from "./usage_error.ts";

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
 * @param models Their heads may be padded to different sizes. A teacher that is not a local model is skipped: it is
 * compared where it is.
 * @param paths Where they were loaded from.
 * @throws {UsageError} If vocabularies differ (the first token that does is named), or a head is too small; the message
 * names the flags.
 */
export async function agreeOnVocabulary(
  tokenizer: Tokenizer,
  models: Partial<Pair<LanguageModel | Teacher>>,
  paths: Pair<string>,
): Promise<void> {
  const here = (["student", "teacher"] as const).filter((who) => models[who] instanceof LanguageModel);
  for (const who of here) {
    const specification = await specificationAt(await modelFolder(paths[who], { wanted: "model" }));
    if (!specification) continue;
    try {
      checkTokenizers(tokenizer, { specification }, ["rows", who]);
    } catch (cause) {
      const places = `the rows are made by --tokenizer, the ${who} is --${who} ${paths[who]}`;
      throw new UsageError(`${(cause as Error).message}; ${places}`, { cause });
    }
  }
  for (const who of here) limitTo(models[who] as LanguageModel, tokenizer, `--${who} ${paths[who]}`);
}

/** What a model's own tokenizer is like, where it has one. */
async function specificationAt(place: string): Promise<Record<string, unknown> | undefined> {
  const path = join(place, "tokenizer.json");
  if (await exists(path)) return parseObject(await readText(path), path);
  return await findGguf(place) === undefined ? undefined : (await loadTokenizer(place)).specification;
}
