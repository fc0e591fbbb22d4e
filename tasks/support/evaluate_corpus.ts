/**
 * One model scored on one corpus.
 *
 * @module
 */
import { dirname } from "node:path";
import { placeOf } from "../../lib/engines/place.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { constantScores, scoreModel } from "../../lib/runs/scores.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { EvaluateConfig } from "./evaluate_setup.ts";
import { checkNewTokens } from "./length_fields.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { joinRanks } from "./ranks.ts";
import { readTexts, readyCorpus } from "./ready_corpus.ts";
import { repetitionOf } from "./repetition_fields.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";

/**
 * Scores the model, and writes its answers where the settings name a file.
 *
 * @returns The scores, on the first rank.
 */
export async function evaluateCorpus(
  config: EvaluateConfig,
  origins: Readonly<Record<string, string>>,
): Promise<object | undefined> {
  const { communicator, engine, first } = await joinRanks(config);
  // What keeps the file from being written is found before the answers are.
  if (first && config.answers !== undefined) await Deno.mkdir(dirname(config.answers), { recursive: true });
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [config.model]));
  const model = limitTo(await loadModel(config.model, { precision: engine.precision }), tokenizer);
  checkNewTokens(config, model.config.contextLength);
  const counts = { valid: config.validRows, test: config.testRows };
  const { contextLength } = model.config;
  const say = first ? console.error : () => {};
  const { longPrompts, maxNewTokens, temperature = 0, topP, topK, seed } = config;
  const settings = { ...config, maxPromptLength: undefined, maxLength: undefined };
  const texts = await readTexts(settings, { counts, origins, say });
  const { valid, test } = readyCorpus(texts, { settings, tokenizer, contextLength, say });
  const asking = { maxNewTokens, temperature, topP, topK, ...repetitionOf(config), seed, longPrompts };
  const { answers, scores } = await scoreModel(model, { valid, test, asking }, { tokenizer, communicator });
  if (!first) return undefined;
  if (config.answers !== undefined) {
    const lines = test.map(({ kind, prompt, outputs }, index) =>
      JSON.stringify({ kind, prompt, outputs, answer: answers[index] }) + "\n"
    );
    await writeAtomically(config.answers, lines.join(""));
  }
  const { rougeL, exactMatch } = constantScores(test);
  const { answered: count, ...others } = scores;
  return { ...placeOf(engine), ...others, count, constant: { rougeL, exactMatch } };
}
