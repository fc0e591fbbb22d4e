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
  /** Those that are no models of this process have the tokens of the rows, unless they come with another tokenizer. */
  teachers: readonly LoadedTeacher[];
}

/**
 * Checks that tokenizers beside the models, where there are any, have the vocabulary of the one that makes the rows, and
 * cuts the padding off the models' heads.
 *
 * @param tokenizer What makes the rows.
 * @param models Their heads may be padded to different sizes.
 * @param settings Where the student was loaded from, and what becomes of a teacher with another tokenizer.
 * @returns The teachers, with their tokenizers where those differ.
 * @throws {UsageError} If vocabularies differ (the first token that does is named), or a head is too small; the message
 * names the flags.
 */
export async function agreeOnVocabulary(
  tokenizer: Tokenizer,
  { student, teachers }: RunModels,
  { student: path, crossTokenizer }: { student: string; crossTokenizer?: "span" | "uld" | "single" | "off" },
): Promise<LoadedTeacher[]> {
  const differs = async (
    who: "student" | "teacher",
    { path, own }: { path: string; own?: Tokenizer },
  ): Promise<Error | undefined> => {
    const specification = own?.specification ?? await specificationAt(await modelFolder(path, { wanted: "model" }));
    try {
      if (specification) checkTokenizers(tokenizer, { specification }, ["rows", who]);
      return undefined;
    } catch (cause) {
      const places = `the rows are made by --tokenizer, the ${who} is --${who} ${path}`;
      const hint = who === "student" || crossTokenizer === undefined ? "" : "; --cross-tokenizer span aligns the two";
      return new UsageError(`${(cause as Error).message}; ${places}${hint}`, { cause });
    }
  };
  const other = student && await differs("student", { path });
  if (other) throw other;
  const found: LoadedTeacher[] = [];
  for (const one of teachers) {
    const { teacher, place, tokenizer: own } = one;
    const comparable = teacher instanceof LanguageModel || own !== undefined;
    const error = comparable ? await differs("teacher", { path: place, own }) : undefined;
    if (error && (crossTokenizer ?? "off") === "off") throw error;
    found.push({ ...one, tokenizer: error && (own ?? await ownTokenizer(place, error)) });
  }
  if (student) limitTo(student, tokenizer, `--student ${path}`);
  for (const { teacher, place, tokenizer: own = tokenizer } of found) {
    if (teacher instanceof LanguageModel) limitTo(teacher, own, `--teacher ${place}`);
  }
  return found;
}

/**
 * The tokenizer beside a teacher, which is needed whole where it differs from that of the rows.
 *
 * @throws {UsageError} If it cannot be loaded; the message begins with how it differs.
 */
async function ownTokenizer(place: string, difference: Error): Promise<Tokenizer> {
  try {
    return await loadTokenizer(place);
  } catch (cause) {
    throw new UsageError(`${difference.message}, which it cannot do: ${(cause as Error).message}`, { cause });
  }
}

/** What a model's own tokenizer is like, where it has one. */
async function specificationAt(place: string): Promise<Record<string, unknown> | undefined> {
  const path = join(place, "tokenizer.json");
  if (await exists(path)) return parseObject(await readText(path), path);
  return await findGguf(place) === undefined ? undefined : (await loadTokenizer(place)).specification;
}
