/**
 * Settings of a teacher on a server.
 *
 * @module
 */
import { z } from "zod";
import { SERVED_DEFAULTS } from "../../lib/teachers/served/served_options.ts";
import { type ServedTeacher, servedTeacher } from "../../lib/teachers/served/served_teacher.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** How a teacher on a server is asked. */
export const servedFields = inGroup("Teacher on a server", {
  teacherTopK: z.int().min(1).default(SERVED_DEFAULTS.topK).describe(
    "best tokens that it names for each token of a row",
  ),
  teacherProtocol: z.enum(["auto", "vllm", "sglang", "openai"]).default("auto").describe(
    "its kind: vLLM, SGLang, or OpenAI's completions with echo and logprobs, as llama-cpp-python has them; auto asks it",
  ),
  teacherRows: z.int().min(1).default(SERVED_DEFAULTS.rowsPerRequest).describe("rows of a request"),
  teacherInFlight: z.int().min(1).default(SERVED_DEFAULTS.inFlight).describe("requests in flight"),
  teacherTimeLimit: z.number().positive().default(SERVED_DEFAULTS.timeLimit).describe(
    "seconds that an answer may take",
  ),
  teacherRetries: z.int().min(0).default(SERVED_DEFAULTS.retries).describe(
    "how often a request is tried again after a broken connection, half an answer, 429 or 5xx",
  ),
  teacherTokenizer: z.string().min(1).optional().describe(
    "folder or repository of its tokenizer, if that is not the student's; see --cross-tokenizer",
  ),
  teacherKeyFile: z.string().optional().describe(
    "file with the key that is sent to it; if absent the variable AMID_TEACHER_KEY, where it is set",
  ),
});

/** The settings of {@linkcode servedFields}, as they are parsed. */
export type ServedSettings = z.output<z.ZodObject<typeof servedFields>>;

/** What else a teacher on a server needs. */
export interface ServedContext {
  /** Its tokenizer. */
  tokenizer: Tokenizer;
  /** Receives what is worth knowing: that a request is tried again. */
  say: (text: string) => void;
}

/**
 * Finds the server of a teacher, and checks its tokens.
 *
 * @throws {UsageError} If the address or the key's file is invalid.
 * @throws {TeacherError} If the server cannot be used.
 */
export async function connectTeacher(
  settings: ServedSettings & { teacher: string },
  { tokenizer, say }: ServedContext,
): Promise<ServedTeacher> {
  const { teacher: url, teacherTopK: topK, teacherProtocol: protocol, teacherTimeLimit: timeLimit } = settings;
  const { teacherRows: rowsPerRequest, teacherInFlight: inFlight, teacherRetries: retries } = settings;
  const key = await keyOf(settings);
  const onRetry = ({ reason, tries, seconds }: { reason: string; tries: number; seconds: number }) =>
    say(`the teacher is asked again in ${seconds} s, after ${tries} of at most ${retries + 1} tries: ${reason}`);
  const asked = { topK, rowsPerRequest, inFlight, timeLimit, retries, key, onRetry };
  let teacher: ServedTeacher;
  try {
    teacher = servedTeacher(url, { tokenizer, ...asked, protocol: protocol === "auto" ? undefined : protocol });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message} (--teacher ${url}, --teacher-top-k ${topK})`, { cause });
  }
  await teacher.connect();
  return teacher;
}

async function keyOf({ teacherKeyFile: path }: ServedSettings): Promise<string | undefined> {
  if (path === undefined) return Deno.env.get("AMID_TEACHER_KEY") || undefined;
  let key: string;
  try {
    key = (await Deno.readTextFile(path)).trim();
  } catch (cause) {
    throw new UsageError(`Cannot use --teacher-key-file ${path}: ${(cause as Error).message}`, { cause });
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(`Cannot use --teacher-key-file ${path}: it must hold a key in one line, it does not`);
}
