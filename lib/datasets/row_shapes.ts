/**
 * The shapes that a row of instruction data may have.
 *
 * @module
 */
import { alpacaPrompt } from "../text/alpaca_prompt.ts";
import { nearest } from "../text/nearest.ts";
import { isMessages, readTurn } from "./chat_turn.ts";
import type { InstructionFields, InstructionRow } from "./instruction_row.ts";
import { teacherTask } from "./teacher_task.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Keys of conversations, questions, their inputs, answers, and the system message, in order of precedence.
 */
const KEYS = {
  messages: ["messages", "conversations", "conversation"],
  instruction: ["instruction", "question"],
  input: ["input", "context"],
  output: ["output", "response", "completion", "answer", "outputs", "responses", "answers"],
  system: ["system", "system_prompt"],
};

/** An example of each shape, for messages. */
const EXAMPLES = [
  '{"messages": [{"role": "user", "content": "Name a wader."}, {"role": "assistant", "content": "heron"}]}',
  '{"prompt": "A wader is the", "completion": " heron"}',
  '{"instruction": "Name a wader.", "input": "", "output": "heron"}',
  '{"question": "Which wader is grey?", "answer": "heron"}',
  '{"text": "The heron wades."}',
];

/**
 * Reads a row in any known shape: `messages` (or ShareGPT's `conversations`) of one turn; `prompt` with its answer,
 * both texts or both lists of messages; `instruction` or `question`, with `input` or `context` where it has one, and
 * its answer; or `text` alone. Without an instruction, `input` is the question. The answer is called `output`,
 * `response`, `completion` or `answer`, and is a string or a list of accepted ones. Null counts as absent, other keys
 * are ignored.
 *
 * @param value A value of a file.
 * @param names The file's keys for the parts, if they differ from the usual ones.
 * @returns The row, or what is wrong with it. Its first answer may be empty.
 */
export function readShape(value: unknown, names: InstructionFields = {}): InstructionRow | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `it must be a JSON object, current value is ${shown(value)}`;
  }
  const row = Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
  const { kind } = row;
  if (kind !== undefined && typeof kind !== "string") return `kind must be text, current value is ${shown(kind)}`;
  const read = shapeOf(row, names);
  if (typeof read === "string") return read;
  const more = (names.more ?? []).filter((key) => row[key] !== undefined).map((key) => [key, row[key]]);
  const fields = more.length > 0 ? { fields: Object.fromEntries(more) } : {};
  const whole = { ...read, ...(kind === undefined ? {} : { kind }), ...fields };
  const { teacherPrompt: name } = names;
  if (name === undefined || row[name] === undefined) return whole;
  const task = teacherTask(row[name], { name, row: whole });
  return typeof task === "string" ? task : { ...whole, teacherTask: task };
}

function shapeOf(row: Json, names: InstructionFields): InstructionRow | string {
  const keyOf = (part: keyof typeof KEYS) => {
    const own = part in names ? names[part as Exclude<keyof InstructionFields, "more" | "teacherPrompt">] : undefined;
    const keys = own === undefined || own === KEYS[part][0] ? KEYS[part] : [own];
    return keys.find((key) => row[key] !== undefined);
  };
  if (Array.isArray(row.history) && row.history.length > 0) {
    return `history has ${row.history.length} earlier turns, only conversations of one turn are supported`;
  }
  const systemKey = keyOf("system");
  const system = systemKey === undefined ? "" : row[systemKey];
  if (typeof system !== "string") return `${systemKey} must be text, current value is ${shown(system)}`;
  const [messages, about, answer] = [keyOf("messages"), keyOf("input"), keyOf("output")];
  const alone = row.prompt === undefined && about === (names.input ?? KEYS.input[0]) ? about : undefined;
  const question = keyOf("instruction") ?? (names.instruction === undefined ? alone : undefined);
  if (messages !== undefined) return conversation(row[messages], { name: messages, system });
  if (isMessages(row.prompt)) return asked(row, { system, answer });
  if ((question !== undefined || row.prompt !== undefined) && answer !== undefined) {
    return instruction(row, { question, answer, system, about });
  }
  if (question === undefined && row.prompt === undefined && answer === undefined && typeof row.text === "string") {
    if (row.text.trim() === "") return "its text must not be empty";
    return { instruction: "", input: "", outputs: [row.text], prompt: "", form: "text" };
  }
  return noShape(row, { question: question ?? (row.prompt === undefined ? undefined : "prompt"), answer, names });
}

/**
 * What is wrong where a file's own name for the input is that of no row: rows may lack an input, so that none of them
 * shows it alone.
 *
 * @param names What the file calls its parts.
 * @param keys The keys of all its rows.
 */
export function missingInput({ input }: InstructionFields, keys: ReadonlySet<string>): string | undefined {
  if (input === undefined || input === KEYS.input[0] || keys.has(input)) return undefined;
  const near = nearest(input, [...keys]);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return `no row has "${input}", the name given for the input, their keys are ${listed([...keys])}${hint}`;
}

interface Parts {
  question?: string;
  about?: string;
  answer: string;
  system: string;
}

function instruction(row: Json, { question, about, answer, system }: Parts): InstructionRow | string {
  const { prompt } = row;
  const instructed = question === undefined ? prompt : row[question];
  const subject = question === undefined || about === undefined || about === question ? "" : row[about];
  if (typeof instructed !== "string") {
    return `${question ?? "prompt"} must be text, current value is ${shown(instructed)}`;
  }
  if (typeof subject !== "string") return `${about} must be text, current value is ${shown(subject)}`;
  if (prompt !== undefined && typeof prompt !== "string") {
    return `prompt must be text, current value is ${shown(prompt)}`;
  }
  const [task, input] = instructed.trim() === "" ? [subject, ""] : [instructed, subject];
  const whole = prompt ?? task;
  if (whole.trim() === "") return `its prompt must not be empty, current value is ${shown(whole)}`;
  const outputs = answersOf(row[answer], answer);
  if (typeof outputs === "string") return outputs;
  return question === undefined
    ? { instruction: task, input, outputs, prompt: task, ...systemOf(system), form: "prompt" }
    : {
      instruction: task,
      input,
      outputs,
      prompt: prompt ?? plainPrompt({ instruction: task, input, system }),
      ...systemOf(system),
    };
}

const systemOf = (system: string) => system === "" ? {} : { system };

/** The Alpaca prompt; the system message can only go before the instruction. */
const plainPrompt = ({ instruction, input, system }: { instruction: string; input: string; system: string }) =>
  alpacaPrompt({ instruction: system === "" ? instruction : `${system}\n\n${instruction}`, input });

function conversation(value: unknown, { name, system }: { name: string; system: string }): InstructionRow | string {
  const turn = readTurn(value, name);
  if (typeof turn === "string") return turn;
  if (turn.answer === undefined) {
    return `${name} must end with an assistant message, it ends with a user message`;
  }
  return spoken({ ...turn, system: turn.system ?? system }, [turn.answer], name);
}

/** A prompt of messages, with an answer that is a string, a list of strings, or one message. */
function asked(row: Json, { system, answer }: { system: string; answer?: string }): InstructionRow | string {
  const turn = readTurn(row.prompt, "prompt");
  if (typeof turn === "string") return turn;
  if (turn.answer !== undefined) return "prompt must end with a user message, it ends with an assistant message";
  if (answer === undefined) return noShape(row, { question: "prompt", names: {} });
  const outputs = answersOf(row[answer], answer);
  return typeof outputs === "string" ? outputs : spoken({ ...turn, system: turn.system ?? system }, outputs, "prompt");
}

function spoken(
  { system, user }: { system: string; user: string },
  outputs: string[],
  name: string,
): InstructionRow | string {
  if (user.trim() === "") return `${name} has an empty user message`;
  const prompt = plainPrompt({ instruction: user, input: "", system });
  return { instruction: user, input: "", outputs, prompt, ...systemOf(system), form: "chat" };
}

/** The non-empty accepted answers; a single empty one if all are empty. */
function answersOf(value: unknown, key: string): string[] | string {
  if (isMessages(value)) {
    const turn = readTurn([{ role: "user", content: "-" }, ...value], key);
    if (typeof turn === "string") return `${key} must be one assistant message, or text: ${turn}`;
    return turn.answer === undefined ? `${key} must be one assistant message, or text` : [turn.answer];
  }
  const answers: unknown[] = Array.isArray(value) ? value : [value];
  if (answers.length === 0 || !answers.every((answer) => typeof answer === "string")) {
    return `${key} must be a string or a list of strings, none of them empty, current value is ${shown(value)}`;
  }
  const texts = (answers as string[]).filter((answer) => answer.trim() !== "");
  return texts.length > 0 ? texts : [answers[0] as string];
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

const listed = (keys: readonly string[]) => keys.slice(0, 12).map((key) => `"${key}"`).join(", ");

/** Names what is missing, the key that was probably meant, and the accepted shapes. */
function noShape(
  row: Json,
  { question, answer, names }: { question?: string; answer?: string; names: InstructionFields },
): string {
  const keys = Object.keys(row);
  const { instruction, input, output } = names;
  const own = Object.entries({ instruction, input, output }).filter(([part, name]) =>
    name !== undefined && name !== part
  );
  const missing = question === undefined && answer === undefined
    ? "no question and no answer"
    : question === undefined
    ? `no question to its "${answer}"`
    : `no answer to its "${question}"`;
  const known = own.length > 0 ? own.map(([, name]) => name!) : [
    ...(question === undefined ? ["prompt", ...KEYS.instruction, ...KEYS.messages.slice(0, 2)] : []),
    ...(answer === undefined ? KEYS.output.slice(0, 4) : []),
    "text",
  ];
  const meant = keys.flatMap((key) => {
    const near = known.includes(key) ? undefined : nearest(key, known);
    return near === undefined ? [] : [`; did you mean "${near}" by "${key}"?`];
  });
  const list = keys.find((key) => isMessages(row[key]));
  const hint = meant[0] ??
    (list === undefined ? "" : `; are the rows in "${list}"? Only a list of the rows themselves can be read`);
  const has = keys.length === 0 ? "it is empty" : `its keys are ${listed(keys)}`;
  const wanted = own.length > 0 ? `; the configured keys are ${own.map(([, name]) => `"${name}"`).join(", ")}` : "";
  const end = `${hint}${wanted}`.endsWith("?") ? "" : ".";
  return `it has ${missing}, ${has}${hint}${wanted}${end} Rows look like one of these, other keys are allowed:\n` +
    EXAMPLES.map((example) => `  ${example}`).join("\n");
}
