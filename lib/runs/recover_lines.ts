/**
 * Records of a run that do not match its checkpoint: the good part is kept, the original file is set aside.
 *
 * @module
 */
import { exists } from "../files/exists.ts";
import { writeAtomically } from "../files/atomic_write.ts";

/** A line of a file of records. */
export type RecordLine = Record<string, unknown> & { step: number };

/** The lines of a file that can be read. */
export interface ReadRecords {
  lines: RecordLine[];
  /** The number of lines that cannot be read. */
  damaged: number;
}

/** Options for {@linkcode recoverLines}. */
export interface RecoverLinesOptions {
  /** The step from which the run resumes: lines of later ones are cut off. */
  step: number;
  /** How many bytes the file had at that step; if absent, the steps in the lines decide. */
  offset?: number;
}

/** What was found. */
export interface RecoveredLines {
  /** How many bytes of the file to keep. */
  keep: number;
  /** What was wrong with it, and what was done about it. */
  warning?: string;
}

/**
 * Reads the readable lines of a file of records; no lines if the file is absent.
 *
 * @throws {Error} If the path is not a file, or it may not be read.
 */
export async function readRecords(path: string): Promise<ReadRecords> {
  const all = (await readText(path))?.text.split("\n").filter((line) => line !== "") ?? [];
  const lines = all.flatMap((line) => parsed(line) ?? []);
  return { lines, damaged: all.length - lines.length };
}

/**
 * Makes a file of JSON lines, each with its step, ready to be continued. What is missing or cannot be
 * read is reported and never blocks the run: a damaged file is set aside as `<name>.damaged-<n>.jsonl`, and its good
 * lines take its place.
 *
 * @param path The file, `….jsonl`, which need not be there.
 * @param options Where the run resumes.
 */
export async function recoverLines(path: string, { step, offset }: RecoverLinesOptions): Promise<RecoveredLines> {
  let read: Text | undefined;
  try {
    read = await readText(path);
  } catch (error) {
    const aside = await setAside(path);
    return { keep: 0, warning: `${path} cannot be read: ${(error as Error).message}; it is set aside as ${aside}` };
  }
  if (!read) {
    return {
      keep: 0,
      ...(offset ? { warning: `${path} is missing: the run continues without its earlier lines` } : {}),
    };
  }
  const { text, bytes, exact } = read;
  const belongs = offset === undefined ? linesUpTo(text, step) : decoded(bytes.subarray(0, offset));
  const whole = belongs === "" || belongs.endsWith("\n");
  const good = belongs.split("\n").slice(0, -1).every((line) => (parsed(line)?.step ?? Infinity) <= step);
  if (exact && whole && good && (offset === undefined || bytes.length >= offset)) {
    return { keep: offset ?? new TextEncoder().encode(belongs).length };
  }
  const kept = goodLines(text, step);
  const bad = text.split("\n").filter((line) => line !== "" && !parsed(line)).length;
  const reason = bad > 0
    ? `${bad === 1 ? "a line of it cannot" : `${bad} lines of it cannot`} be read`
    : "it does not end where the checkpoint was saved";
  const aside = await setAside(path);
  await writeAtomically(path, kept.map((line) => `${line}\n`).join(""));
  return {
    keep: (await Deno.stat(path)).size,
    warning: `${path} is damaged, ${reason}: ${kept.length} good lines are kept, the original file is ${aside}`,
  };
}

/** The lines that can be read, of steps that were taken, each once. */
function goodLines(text: string, step: number): string[] {
  const seen = new Set<string>();
  // Where two processes wrote one file, there are zeros before the lines of one of them.
  return text.split("\n").map((line) => line.replace(/^\0+/, "")).filter((line) => {
    const record = parsed(line);
    if (!record || record.step > step) return false;
    const key = record.type === "warning" ? line : `${record.type} ${record.step}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** The whole lines before the first one of a later step. */
function linesUpTo(text: string, step: number): string {
  let end = 0;
  for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", end)) {
    if ((parsed(text.slice(end, next))?.step ?? 0) > step) return text.slice(0, end);
    end = next + 1;
  }
  return text.slice(0, end);
}

function parsed(line: string): RecordLine | undefined {
  try {
    const value = JSON.parse(line);
    return Number.isSafeInteger(value?.step) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Text {
  text: string;
  bytes: Uint8Array;
  /** Whether all bytes are UTF-8; others are U+FFFD in the text. */
  exact: boolean;
}

async function readText(path: string): Promise<Text | undefined> {
  try {
    const bytes = await Deno.readFile(path);
    const text = decoded(bytes);
    const again = new TextEncoder().encode(text);
    return { text, bytes, exact: again.length === bytes.length && again.every((byte, index) => byte === bytes[index]) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const decoded = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

async function setAside(path: string): Promise<string> {
  for (let number = 1;; number += 1) {
    const aside = path.replace(/(\.jsonl)?$/, `.damaged-${number}.jsonl`);
    if (await exists(aside)) continue;
    await Deno.rename(path, aside);
    return aside;
  }
}
