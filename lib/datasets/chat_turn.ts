/**
 * One turn of a conversation, in the forms that files use.
 *
 * @module
 */
import { kindOf } from "../files/parse_json.ts";

/** A message with its normalised role. */
interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

/** One turn. */
export interface ChatTurn {
  /** The text of the system message, if there is one. */
  system?: string;
  /** The text of the user's message. */
  user: string;
  /** What the assistant answers; absent if the list ends with the user. */
  answer?: string;
}

/** Roles by the names used in files. */
const ROLES: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  chatgpt: "assistant",
  model: "assistant",
  bot: "assistant",
};

/** Whether a value is a list of messages rather than of texts. */
export function isMessages(value: unknown): value is Record<string, unknown>[] {
  const isMessage = (entry: unknown) => typeof entry === "object" && entry !== null && !Array.isArray(entry);
  return Array.isArray(value) && value.length > 0 && value.every(isMessage);
}

/**
 * Reads one turn from a list of messages, `{role, content}` as chat models have them or `{from, value}` as ShareGPT.
 *
 * @param value The list.
 * @param name Its name in messages, such as its key.
 * @returns The turn, or what is wrong: other roles, more than one turn, a message that is not a string.
 */
export function readTurn(value: unknown, name: string): ChatTurn | string {
  if (!isMessages(value)) return `${name} must be a list of messages, ${notMessages(value)}`;
  const messages: Message[] = [];
  for (const [place, entry] of value.entries()) {
    const message = readMessage(entry, `${name}[${place}]`);
    if (typeof message === "string") return message;
    messages.push(message);
  }
  const system = messages[0].role === "system" ? messages.shift()!.content : undefined;
  const roles = messages.map(({ role }) => role).join(", ");
  if (roles !== "user" && roles !== "user, assistant") {
    const wanted = `one message of the user, then one of the assistant, is needed${
      system === undefined ? "" : " after that of the system"
    }`;
    const turns = messages.filter(({ role }) => role === "user").length;
    if (turns > 1) return `${name} has ${turns} turns, only conversations of one turn are supported: ${wanted}`;
    return `${name} cannot be read: ${wanted}, the current order is ${roles || "nothing"}`;
  }
  const [{ content: user }, answer] = messages;
  return { ...(system ? { system } : {}), user, ...(answer === undefined ? {} : { answer: answer.content }) };
}

function readMessage(entry: Record<string, unknown>, name: string): Message | string {
  const [roleKey, role] = entry.role !== undefined ? ["role", entry.role] : ["from", entry.from];
  if (typeof role !== "string") {
    return `${name} must have a "role" (or "from"), it has ${Object.keys(entry).join(", ")}`;
  }
  const known = Object.hasOwn(ROLES, role.toLowerCase()) ? ROLES[role.toLowerCase()] : undefined;
  if (!known) {
    return `${name} has the ${roleKey} ${JSON.stringify(role)}, supported roles are system, user and assistant`;
  }
  const content = contentOf(entry.content ?? entry.value ?? entry.text);
  if (content !== undefined) return { role: known, content };
  return `${name} must have a string as its "content" (or "value"), ${notText(entry.content ?? entry.value ?? null)}`;
}

/** What is there instead of a list of messages. */
function notMessages(value: unknown): string {
  if (!Array.isArray(value)) return `it is ${kindOf(value)}`;
  const odd = value.findIndex((entry) => !isMessages([entry]));
  return odd < 0 ? "it is an empty list" : `its element ${odd} is ${kindOf(value[odd])}`;
}

/** What is there instead of a text or parts with texts. */
function notText(value: unknown): string {
  if (!isMessages(value)) return notMessages(value);
  const odd = value.find(({ type = "text", text }) => type !== "text" || typeof text !== "string")!;
  return odd.type === undefined || odd.type === "text"
    ? `it has a part without text, ${JSON.stringify(odd).slice(0, 80)}`
    : `it has a part of the type ${JSON.stringify(odd.type)}, parts of text alone are supported`;
}

/** A text, or the concatenated texts of a list of parts. */
function contentOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isMessages(value)) return undefined;
  const texts = value.map(({ type = "text", text }) => type === "text" ? text : undefined);
  return texts.every((text) => typeof text === "string") ? texts.join("") : undefined;
}
