/**
 * Finds the user's text within a rendered prompt.
 *
 * @module
 */
import type { ChatTemplate } from "./chat_template.ts";

/** A span of a prompt that is the user's text. */
export interface TextSpan {
  /** Its start. */
  start: number;
  /** Its exclusive end. */
  end: number;
}

/**
 * Finds the user's texts in a prompt that was made by the Alpaca template or by a tokenizer's chat template.
 *
 * @param prompt The prompt.
 * @param chatTemplate The tokenizer's template, if it has one.
 * @returns The texts, in the order in which to shorten them: in an Alpaca prompt the input before the instruction, in a
 * conversation the last user message. Undefined if the prompt is of neither form.
 */
export function userTexts(prompt: string, chatTemplate?: ChatTemplate): TextSpan[] | undefined {
  return alpacaTexts(prompt) ?? (chatTemplate ? chatText(prompt, chatTemplate) : undefined);
}

function alpacaTexts(prompt: string): TextSpan[] | undefined {
  const end = /\n\n### Response:\s*$/.exec(prompt)?.index;
  const head = /### Instruction:\n/.exec(prompt);
  if (end === undefined || !head) return undefined;
  const start = head.index + head[0].length;
  if (start > end) return undefined;
  const mark = "\n\n### Input:\n";
  const input = prompt.indexOf(mark, start);
  if (input < 0 || input + mark.length > end) return [{ start, end }];
  return [{ start: input + mark.length, end }, { start, end: input }];
}

function chatText(prompt: string, template: ChatTemplate): TextSpan[] | undefined {
  const frame = frameOf(template);
  if (!frame || !prompt.endsWith(frame.tail)) return undefined;
  const end = prompt.length - frame.tail.length;
  const last = frame.opening === "" ? -1 : prompt.lastIndexOf(frame.opening, end);
  const start = last >= 0 ? last + frame.opening.length : prompt.startsWith(frame.head) ? frame.head.length : undefined;
  return start === undefined || start > end ? undefined : [{ start, end }];
}

/** The text that a chat template adds around a user message. */
interface ChatFrame {
  /** Everything before the text of the first message. */
  head: string;
  /** The start of every user message; empty if it cannot be determined. */
  opening: string;
  /** What follows the text of the last message. */
  tail: string;
}

const frames = new WeakMap<ChatTemplate, ChatFrame | undefined>();

/** Determines the frame from two conversations: with only a user message, and with a system message before it. */
function frameOf(template: ChatTemplate): ChatFrame | undefined {
  if (frames.has(template)) return frames.get(template);
  const mark = "amid-text-between";
  const around = (system: string[]) => {
    const before = system.map((content) => ({ role: "system" as const, content }));
    try {
      const parts = template.render([...before, { role: "user", content: mark }]).split(mark);
      return parts.length === 2 ? parts : undefined;
    } catch {
      return undefined; // some templates do not support a system message
    }
  };
  const [head, tail] = around([]) ?? [];
  const [other] = around(["amid-system"]) ?? [];
  const opening = head === undefined || other === undefined ? "" : commonEnd(head, other);
  const frame = head === undefined || head + tail === ""
    ? undefined
    : { head, tail, opening: opening.trim().length < 3 ? "" : opening };
  frames.set(template, frame);
  return frame;
}

function commonEnd(one: string, other: string): string {
  let length = 0;
  while (length < Math.min(one.length, other.length) && one.at(-1 - length) === other.at(-1 - length)) length += 1;
  return one.slice(one.length - length);
}
