/**
 * Answers on disk: a file of JSON lines that grows batch by batch, and a note of what they were made with.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Communicator } from "../distributed/communicator.ts";
import { broadcastValue } from "../distributed/messages.ts";
import { single } from "../distributed/single.ts";
import type { Answer } from "./answer_rows.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { openJsonLines } from "../files/open_json_lines.ts";

/** Means over the answers of one file, in points of 100. */
export interface AnswerScores {
  rougeL: number;
  exactMatch: number;
  count: number;
  /** Answers that reached the longest length without an end. */
  unfinished: number;
}

/** The note beside the answers. */
interface Note {
  /** Hash of all that the answers depend on. */
  key: string;
  /** The means; absent while answers are missing. */
  scores?: AnswerScores;
}

/** Options for {@linkcode answersInFile}. */
export interface AnswersInFileOptions {
  /** Hash of all that the answers depend on; what was made with another one is made again. */
  key: string;
  /** The number of answers wanted. */
  count: number;
  /** Makes the answers that are missing, in batches. */
  answer: (done: ReadonlySet<number>) => AsyncIterable<Answer[]>;
  /** Called for each batch, and first for the answers that were there: with their number. */
  onAnswers?: (count: number) => void;
  /**
   * The ranks that make the answers together; the first one keeps the file.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Completes a file of answers: keeps what was made with the same key, makes what is missing, and sums up.
 *
 * @param path The file, `….jsonl`; what it was made with goes into `….json`.
 * @param options The key, and how to answer.
 * @returns The means over all answers.
 * @throws {Error} If a file cannot be read or written.
 */
export async function answersInFile(path: string, options: AnswersInFileOptions): Promise<AnswerScores> {
  const { key, count, answer, onAnswers, communicator = single() } = options;
  if (communicator.rank !== 0) return await helpAnswer(options, communicator);
  const notePath = path.replace(/\.jsonl$/, ".json");
  const note = await readNote(notePath);
  if (note?.key === key && note.scores?.count === count && note.scores.unfinished >= 0 && await exists(path)) {
    onAnswers?.(count);
    await broadcastValue(communicator, { scores: note.scores });
    return note.scores;
  }
  await Deno.mkdir(dirname(path), { recursive: true });
  const { answers, bytes } = note?.key === key ? await readAnswers(path, count) : { answers: [], bytes: 0 };
  await writeNote(notePath, { key });
  onAnswers?.(answers.length);
  const done = answers.map(({ row }) => row);
  await broadcastValue(communicator, { done });
  {
    using lines = openJsonLines(path, { keep: bytes });
    for await (const batch of answer(new Set(done))) {
      for (const one of batch) lines.append({ ...one });
      lines.flush();
      answers.push(...batch);
      onAnswers?.(batch.length);
    }
  }
  answers.sort((a, b) => a.row - b.row);
  await writeAtomically(path, answers.map((one) => JSON.stringify(one) + "\n").join(""));
  const mean = (of: "rougeL" | "exactMatch") => answers.reduce((sum, one) => sum + one[of], 0) / answers.length;
  const unfinished = answers.filter(({ ended }) => !ended).length;
  const scores = { rougeL: mean("rougeL"), exactMatch: mean("exactMatch"), count: answers.length, unfinished };
  await writeNote(notePath, { key, scores });
  return await broadcastValue(communicator, scores);
}

/** Makes answers with the rank that keeps them. */
async function helpAnswer({ answer }: AnswersInFileOptions, communicator: Communicator): Promise<AnswerScores> {
  const told = await broadcastValue<{ scores?: AnswerScores; done?: number[] }>(communicator, {});
  if (told.scores) return told.scores;
  const batches = answer(new Set(told.done))[Symbol.asyncIterator]();
  while (!(await batches.next()).done);
  return await broadcastValue<AnswerScores>(communicator, { rougeL: 0, exactMatch: 0, count: 0, unfinished: 0 });
}

const writeNote = (path: string, note: Note) => writeAtomically(path, JSON.stringify(note, null, 2) + "\n");

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const exists = async (path: string) => await readText(path) !== undefined;

async function readNote(path: string): Promise<Note | undefined> {
  const text = await readText(path);
  try {
    return text === undefined ? undefined : JSON.parse(text) ?? undefined;
  } catch {
    return undefined; // not ours, or broken: the answers are made again
  }
}

/** The whole lines of a file, up to the first that an interruption has cut. */
async function readAnswers(path: string, count: number): Promise<{ answers: Answer[]; bytes: number }> {
  const answers = new Map<number, Answer>();
  let bytes = 0;
  for (const line of (await readText(path) ?? "").split("\n").slice(0, -1)) {
    let answer: Answer;
    try {
      answer = JSON.parse(line);
    } catch {
      break;
    }
    if (typeof answer?.ended !== "boolean") break; // an older version's
    if (!(Number.isInteger(answer?.row) && answer.row >= 0 && answer.row < count) || answers.has(answer.row)) break;
    answers.set(answer.row, answer);
    bytes += new TextEncoder().encode(line).length + 1;
  }
  return { answers: [...answers.values()], bytes };
}
