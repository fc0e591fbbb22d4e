/**
 * What the teacher is asked in place of a row's own question.
 *
 * @module
 */
import { alpacaPrompt } from "../text/alpaca_prompt.ts";
import type { PromptTask } from "../text/render_prompt.ts";
import { isMessages, readTurn } from "./chat_turn.ts";
import type { InstructionRow } from "./instruction_row.ts";

/**
 * Reads the teacher's question: a text, which takes the place of the row's instruction and input, or of its verbatim prompt,
 * or a list of messages that ends with the user's.
 *
 * @param value What the file has.
 * @param options What the file calls it, and the row.
 * @returns The question, or what is wrong with it.
 */
export function teacherTask(value: unknown, { name, row }: { name: string; row: InstructionRow }): PromptTask | string {
  if (row.form === "text") return `${name} needs a prompt to replace, the row is plain text`;
  const turn = isMessages(value) ? readTurn(value, name) : undefined;
  if (typeof turn === "string") return turn;
  if (turn?.answer !== undefined) return `${name} must end with a user message, it ends with an assistant message`;
  const text = turn ? turn.user : value;
  if (typeof text !== "string" || text.trim() === "") {
    return `${name} must be a text or a list of messages, none of them empty, current value is ${
      JSON.stringify(value)
    }`;
  }
  if (row.form === "prompt" && !turn) return { instruction: text, input: "", prompt: text, form: "prompt" };
  const system = turn?.system ?? row.system;
  const prompt = alpacaPrompt({ instruction: system === undefined ? text : `${system}\n\n${text}`, input: "" });
  const form = turn ? "chat" as const : row.form;
  return { instruction: text, input: "", prompt, ...system === undefined ? {} : { system }, ...form && { form } };
}
