/**
 * Requests to a server: patience where it helps, and an error that names the server where it does not.
 *
 * @module
 */
import { backoff } from "../../hub/hub_fetch.ts";
import { TeacherError } from "../teacher_error.ts";
import { JsonStream, type JsonVisitor } from "./json_stream.ts";

/** How requests are sent to a server. */
export interface TransportOptions {
  /** What messages call the server. */
  server: string;
  /** The key that is sent as `Authorization: Bearer`, if there is one. */
  key?: string;
  /** Seconds that an answer may take, its last byte included. */
  timeLimit: number;
  /** How often a request is tried again. */
  retries: number;
  /** Is called before each new try. */
  onRetry: (event: RetryEvent) => void;
  /**
   * Waits between two tries, half a second at first, then twice as long each time.
   *
   * @default {a timer}
   */
  wait?: (milliseconds: number) => Promise<void>;
}

/** A request that is tried again. */
export interface RetryEvent {
  /** Why, as in "it answered 503". */
  reason: string;
  /** The number of tries so far. */
  tries: number;
  /** Seconds until the next try. */
  seconds: number;
}

/** A request, and who reads its answer; each try has a reader of its own. */
export interface Exchange<Result> {
  url: string;
  /** What is sent, as JSON; without it the request is a GET. */
  body?: unknown;
  read: () => { root: JsonVisitor; finish(): Result };
  /**
   * What to do about a refusal, for messages.
   *
   * @default {nothing}
   */
  hint?: (status: number, message: string) => string | undefined;
}

/** A failure that may pass. */
class PassingError extends Error {
  constructor(readonly reason: string, readonly delay = 0) {
    super(reason);
  }
}

/** A refusal. */
export class RefusedError extends TeacherError {
  constructor(reason: string, readonly status: number) {
    super(reason);
  }
}

/** Statuses after which the same request may succeed. */
const PASSING = [408, 425, 429, 500, 502, 503, 504, 529];
/** The longest message of a server that is read, in bytes. */
const LONGEST_MESSAGE = 1 << 16;
const LONGEST_WAIT = 60_000;
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Sends a request.
 *
 * @param exchange The request, and who reads its answer.
 * @param options How patient to be.
 * @returns What the reader makes of the answer.
 * @throws {TeacherError} If the server refuses the request, cannot be reached, or what it sends cannot be used.
 */
export async function exchangeJson<Result>(exchange: Exchange<Result>, options: TransportOptions): Promise<Result> {
  const { server, retries, onRetry, wait = sleep } = options;
  for (let tries = 1;; tries += 1) {
    try {
      return await once(exchange, options);
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (tries > retries) {
        const times = tries === 1 ? "once" : `${tries} times`;
        throw new TeacherError(`Cannot learn from ${server}: it was asked ${times}, the last time ${error.reason}`);
      }
      const milliseconds = Math.max(backoff(tries - 1), error.delay);
      onRetry({ reason: error.reason, tries, seconds: milliseconds / 1000 });
      await wait(milliseconds);
    }
  }
}

async function once<Result>({ url, body, read, hint }: Exchange<Result>, options: TransportOptions): Promise<Result> {
  const { server, key, timeLimit } = options;
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), 1000 * timeLimit);
  const asPassing = (error: unknown): Error => {
    if (slow.signal.aborted) return new PassingError(`it had not answered within ${timeLimit} s`);
    if (error instanceof Deno.errors.NotCapable || error instanceof TeacherError) return error;
    return new PassingError(reasonOf(error));
  };
  let response: Response | undefined;
  try {
    response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        accept: "application/json",
        ...body === undefined ? {} : { "content-type": "application/json" },
        ...key === undefined ? {} : { authorization: `Bearer ${key}` },
      },
      // A key is for this server alone.
      redirect: "manual",
      signal: slow.signal,
    });
    if (!response.ok) {
      const { status } = response;
      const message = messageIn(await textOf(response));
      const answered = `it answered ${status}${message === "" ? "" : `: ${message}`}`;
      if (PASSING.includes(status)) throw new PassingError(answered, retryAfter(response));
      const what = hint?.(status, message) ?? HINTS[status];
      throw new RefusedError(
        `Cannot learn from ${server}: ${answered}${what === undefined ? "" : `; ${what}`}`,
        status,
      );
    }
    const reader = read();
    const stream = new JsonStream(reader.root);
    try {
      for await (const piece of response.body ?? []) stream.push(piece);
      stream.end();
    } catch (error) {
      if (error instanceof SyntaxError) throw new PassingError(error.message);
      throw error;
    }
    return reader.finish();
  } catch (error) {
    throw error instanceof PassingError ? error : asPassing(error);
  } finally {
    clearTimeout(timer);
    await response?.body?.cancel().catch(() => {});
  }
}

const HINTS: Readonly<Record<number, string>> = {
  401: "give the key that it wants",
  403: "give a key that may use it",
  404: "check the address and the model's name",
};

function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) parts.push(cause.message);
  return `it could not be reached: ${parts.at(-1) ?? String(error)}`;
}

function retryAfter({ headers }: Response): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.min(1000 * Math.max(0, seconds), LONGEST_WAIT) : 0;
}

async function textOf(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LONGEST_MESSAGE) break;
  }
  return text;
}

/** A server's message in one of the usual forms, as one line. */
function messageIn(text: string): string {
  let found: unknown = text;
  try {
    const json = JSON.parse(text);
    found = json?.error?.message ?? json?.message ?? json?.detail ?? json?.error ?? text;
  } catch {
    // As it stands.
  }
  const line = (typeof found === "string" ? found : JSON.stringify(found)).replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
