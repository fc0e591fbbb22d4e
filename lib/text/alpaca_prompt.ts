/**
 * The Alpaca prompt, with which the models of MiniLLM, DistiLLM and AMiD are trained and evaluated.
 *
 * @module
 */
import { aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";

/** The parts of a prompt. */
export interface Instruction {
  /** The task, in words. */
  instruction: string;
  /**
   * The input of the task.
   *
   * @default {""}
   */
  input?: string;
}

const REQUEST = "Write a response that appropriately completes the request.";

/**
 * Renders an instruction as a prompt; the response follows its last line break.
 *
 * Source: R. Taori et al., "Stanford Alpaca: an instruction-following LLaMA model", 2023.
 *
 * @param task The instruction, and its input if it has one.
 * @returns The prompt.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { alpacaPrompt } from "@amid/amid/text";
 *
 * assert(alpacaPrompt({ instruction: "Name a bird." }).endsWith("Name a bird.\n\n### Response:\n"));
 * ```
 */
export function alpacaPrompt(task: Instruction): string {
  checkArguments("make a prompt", { task: [task, objectWith("instruction")] });
  const { instruction, input = "" } = task;
  checkArguments("make a prompt", { instruction: [instruction, aText], input: [input, aText] });
  const begin = "Below is an instruction that describes a task";
  return input === ""
    ? `${begin}. ${REQUEST}\n\n### Instruction:\n${instruction}\n\n### Response:\n`
    : `${begin}, paired with an input that provides further context. ${REQUEST}\n\n` +
      `### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
}
