/**
 * The built-in models at one place of one answer.
 *
 * @module
 */
import { rowFromText } from "../datasets/row_from_text.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { loadModel } from "../models/load_model.ts";
import { alpacaPrompt } from "../text/alpaca_prompt.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { type NextToken, nextTokens } from "./next_tokens.ts";

/** The built-in models with their tokenizer. */
export interface BuiltInModels {
  /** The larger one, trained for long. */
  teacher: LanguageModel;
  /** The smaller one, as it is before it is distilled. */
  student: LanguageModel;
  /** Their tokenizer. */
  tokenizer: Tokenizer;
}

/**
 * Loads the models that come with the project.
 *
 * @param root The project's folder.
 * @returns The models.
 * @throws {Error} If they are missing; the message names the file.
 */
export async function builtInModels(root: string): Promise<BuiltInModels> {
  const [teacher, student] = [await loadModel(`${root}/data/teacher`), await loadModel(`${root}/data/student-start`)];
  return { teacher, student, tokenizer: await loadTokenizer(`${root}/data/tokenizer`) };
}

/**
 * Computes what both models expect as the first token of an answer.
 *
 * @param models The models.
 * @param question The question and an answer to it.
 * @returns `log p` and `log q`.
 */
export function firstToken(
  { teacher, student, tokenizer }: BuiltInModels,
  { question, answer }: { question: string; answer: string },
): NextToken {
  const row = rowFromText(tokenizer, { prompt: alpacaPrompt({ instruction: question }), response: answer });
  return nextTokens({ teacher, student }, [row])[0];
}
