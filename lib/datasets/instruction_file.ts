/**
 * Instruction data from JSON Lines files, in the layout of the MiniLLM evaluation sets.
 *
 * @module
 */
import { alpacaPrompt } from "../text/alpaca_prompt.ts";

/** An instruction with the answers that count as right. */
export interface InstructionRow {
  /** The task. */
  instruction: string;
  /** What the task is about; may be empty. */
  input: string;
  /** The accepted answers, at least one; the first is the one to learn from. */
  outputs: string[];
  /** The whole prompt: the file's own, or else instruction and input in the Alpaca form. */
  prompt: string;
  /** The kind of question, where the file says it. */
  kind?: string;
}

/**
 * Reads a file of instructions.
 *
 * @param path The file: a JSON object a line with `instruction`, `output` (text, or a list of accepted answers), and, if
 * it has them, `input`, `prompt` and `kind`.
 * @returns Its rows, in order.
 * @throws {Error} If the file is missing, empty or has a broken line; the message names the file and the line's number.
 */
export async function readInstructions(path: string): Promise<InstructionRow[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`Cannot read instructions: ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  return parseInstructions(text, { name: path });
}

/**
 * Parses the text of such a file; blank lines are passed over.
 *
 * @param text The text.
 * @param options Its name, for messages.
 * @returns Its rows, in order.
 * @throws {Error} If a line is broken or there is none; the message names the text and the line's number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseInstructions } from "@amid/amid";
 *
 * const [row] = parseInstructions('{"instruction": "Name a wader.", "output": ["heron", "stork"]}', { name: "birds" });
 * assert(row.outputs[1] === "stork" && row.prompt.endsWith("### Response:\n"));
 * ```
 */
export function parseInstructions(text: string, { name }: { name: string }): InstructionRow[] {
  const rows: InstructionRow[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const row = parseInstruction(line);
    if (typeof row === "string") throw new Error(`Cannot read instructions: ${name}, line ${i + 1}: ${row}`);
    rows.push(row);
  });
  if (rows.length === 0) throw new Error(`Cannot read instructions: ${name} has no row`);
  return rows;
}

/** What a file calls the parts of an instruction. */
export interface InstructionFields {
  /**
   * The task.
   *
   * @default {"instruction"}
   */
  instruction?: string;
  /**
   * What the task is about.
   *
   * @default {"input"}
   */
  input?: string;
  /**
   * The response, or the list of accepted ones.
   *
   * @default {"output"}
   */
  output?: string;
}

/**
 * Parses one line of such a file.
 *
 * @param line A JSON object.
 * @param names What the file calls its parts.
 * @returns The row, or what is wrong with the line.
 */
export function parseInstruction(line: string, names: InstructionFields = {}): InstructionRow | string {
  const { instruction: task = "instruction", input: about = "input", output: answer = "output" } = names;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it must be a JSON object";
  const { [task]: instruction, [about]: input = "", [answer]: output, prompt, kind } = value as Record<string, unknown>;
  const found = (field: unknown): string => `current value is ${JSON.stringify(field)?.slice(0, 80)}`;
  if (typeof instruction !== "string") return `${task} must be text, ${found(instruction)}`;
  if (typeof input !== "string") return `${about} must be text, ${found(input)}`;
  if (prompt !== undefined && typeof prompt !== "string") return `prompt must be text, ${found(prompt)}`;
  if (kind !== undefined && typeof kind !== "string") return `kind must be text, ${found(kind)}`;
  if ((prompt ?? instruction) === "") return `its prompt must not be empty, ${found(prompt ?? instruction)}`;
  const outputs: unknown[] = Array.isArray(output) ? output : [output];
  if (outputs.length === 0 || !outputs.every((answer) => typeof answer === "string" && answer !== "")) {
    return `${answer} must be text or a list of texts, none of them empty, ${found(output)}`;
  }
  return {
    instruction,
    input,
    outputs: outputs as string[],
    prompt: prompt ?? alpacaPrompt({ instruction, input }),
    ...(kind === undefined ? {} : { kind }),
  };
}
