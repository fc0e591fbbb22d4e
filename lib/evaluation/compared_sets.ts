/**
 * The sets that models are compared on, read with the prompts that each model is asked with.
 *
 * @module
 */
import { loadCorpus } from "../datasets/corpus.ts";
import { exists } from "../files/exists.ts";
import { alpacaPrompt } from "../text/alpaca_prompt.ts";
import { renderPrompt } from "../text/render_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { type EvaluationSet, type PromptTemplate, readEvaluationSet } from "./evaluation_set.ts";

/** The prompts that a set can be asked with. */
export const TEMPLATES = ["own", "alpaca", "chat", "auto"] as const;

/**
 * The files' own prompts, Alpaca's, those of the chat template of each model's tokenizer, or the chat template's where
 * there is one and else the files' own.
 */
export type SetTemplate = "own" | "alpaca" | "chat" | "auto";

/** A set that models are compared on. */
export interface ComparedSet {
  /** What tables and folders call it. */
  name: string;
  /** A file of JSON lines, a folder with `test.jsonl` or `valid.jsonl`, or `wordnet` for the built-in corpus. */
  path: string;
}

/** Options for {@linkcode readSets}. */
export interface ReadSetsOptions {
  /** The prompts. */
  template: SetTemplate;
  /** Rows of each set, its first ones; all if absent. */
  limit?: number;
  /** The tokenizer of the model that is asked; without it, chat templates are not rendered. */
  tokenizer?: Tokenizer;
}

/** Reads the sets, with the prompts that a tokenizer's model is asked with. */
export async function readSets(
  sets: readonly ComparedSet[],
  { template, limit, tokenizer }: ReadSetsOptions,
): Promise<EvaluationSet[]> {
  const read: EvaluationSet[] = [];
  for (const { name, path } of sets) {
    if (path === "wordnet" && !await exists(path)) {
      const { test } = await loadCorpus(path, { counts: { test: limit ?? 400 }, seed: 1 });
      read.push({ name, path, rows: test });
      continue;
    }
    read.push(await readEvaluationSet(path, { name, limit, template: templateOf(template, tokenizer) }));
  }
  return read;
}

function templateOf(template: SetTemplate, tokenizer?: Tokenizer): PromptTemplate | undefined {
  if (template === "alpaca") {
    return ({ instruction, input, form, prompt }) => form === "chat" ? prompt : alpacaPrompt({ instruction, input });
  }
  if (!tokenizer) return undefined;
  // Messages have no prompt of their own.
  if (template === "own") return (task) => task.form === "chat" ? renderPrompt(task, { tokenizer }) : task.prompt;
  return (task) => renderPrompt(task, { tokenizer, style: template });
}
