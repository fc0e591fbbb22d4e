/**
 * A teacher on a server.
 *
 * Shapes: `c` response tokens of a batch, `k` best tokens for each.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { aText, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import { definedOptions } from "../../arguments/defined_options.ts";
import { sliceAnswer } from "../../distributions/sparse_answer.ts";
import type { Row } from "../../batches/row.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { SparseTargets, Teacher } from "../teacher.ts";
import { serverAddress } from "./address.ts";
import type { OpenedServer } from "./opened_server.ts";
import { PROBE_TEXTS } from "./probe_texts.ts";
import type { ProtocolName } from "./protocol.ts";
import { checkServedOptions, SERVED_DEFAULTS } from "./served_options.ts";
import { ThreadClient } from "./thread_client.ts";
import { textsOfTokens } from "./token_texts.ts";
import type { RetryEvent } from "./transport.ts";

/** Options for {@linkcode servedTeacher}. */
export interface ServedTeacherOptions {
  /**
   * The server's tokenizer, which must make the same tokens of texts: the one that makes the rows, or another one, for
   * `alignedTeacher()`.
   */
  tokenizer: Pick<Tokenizer, "encode" | "decode" | "vocabularySize">;
  /**
   * How many tokens each answer names.
   *
   * @default {64}
   */
  topK?: number;
  /**
   * The kind of server: vLLM, SGLang, or one with OpenAI's completions that gives log-probabilities of a prompt.
   *
   * @default {the server is asked}
   */
  protocol?: ProtocolName;
  /**
   * The most requests in flight.
   *
   * @default {4}
   */
  inFlight?: number;
  /**
   * The most rows of a request.
   *
   * @default {8}
   */
  rowsPerRequest?: number;
  /**
   * Seconds that an answer may take, its last byte included.
   *
   * @default {300}
   */
  timeLimit?: number;
  /**
   * How often a request is tried again after a broken connection, half an answer, or one that asks for patience (408, 429,
   * 5xx), the time limit included: after half a second at first, then twice as long each time.
   *
   * @default {6}
   */
  retries?: number;
  /**
   * The key that is sent as `Authorization: Bearer`.
   *
   * @default {no key}
   */
  key?: string;
  /**
   * Is called before a request is tried again.
   *
   * @default {nothing is called}
   */
  onRetry?: (event: RetryEvent) => void;
  /**
   * Its name in reports.
   *
   * @default {its model and its address}
   */
  name?: string;
}

/** A teacher on a server. */
export interface ServedTeacher extends Teacher, AsyncDisposable {
  /** How many tokens each answer names. */
  readonly topK: number;
  /** The number of retries so far. */
  readonly retries: number;
  /** Asks the server what it is, and checks that its tokens are those of the rows; `open` and `prepare` do so too. */
  connect(): Promise<OpenedServer>;
  /** Asks for a batch's answers. */
  prepare(batch: Parameters<Teacher["prepare"]>[0]): Promise<SparseTargets>;
  /** Closes the connections. A program that does not call it ends all the same. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a teacher of a model on a server: vLLM, SGLang, or a server with OpenAI's completions that returns log-probabilities
 * of a prompt, as that of llama-cpp-python does. Answers name the k best tokens, the row's own, and the mass of the rest.
 *
 * Requests are sent and answers are read in a thread of its own, while the student learns from the batch before. Each batch
 * is followed by a short request whose numbers must be those of the first one: a server that was started again with
 * another model is detected.
 *
 * @param url As `http://host:port/v1#model`; a server with one model needs no `#model`.
 * @param options The tokenizer, and how the server is asked.
 * @throws {TypeError} If the address or an option is of another kind.
 * @throws {RangeError} If a number is invalid. In a run, a {@linkcode TeacherError} if the server cannot be used.
 *
 * @example A step with a teacher on a server
 * ```ts ignore
 * import { loadModel, loadTokenizer, objective, rowFromText, Trainer, useEngine } from "@amid/amid";
 * import { servedTeacher } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * await using teacher = servedTeacher("http://127.0.0.1:8000/v1", { tokenizer, topK: 64 });
 * const student = await loadModel("data/student-start");
 * const options = { totalSteps: 10, optimizer: { learningRate: 1e-3 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("amid"), ...options });
 * const row = rowFromText(tokenizer, { prompt: "What kind of thing is a heron?\n", response: "animal" });
 * console.log(await trainer.step([row]));
 * ```
 */
export function servedTeacher(url: string, options: ServedTeacherOptions): ServedTeacher {
  checkArguments("use a served teacher", { url: [url, aText], options: [options, objectWith("tokenizer")] });
  const { tokenizer, protocol, key, onRetry = () => {} } = options;
  const settings = checkServedOptions({ ...SERVED_DEFAULTS, ...definedOptions(options) }, tokenizer);
  const { topK, inFlight, rowsPerRequest, timeLimit, retries } = settings;
  const address = serverAddress(url);
  const { vocabularySize } = tokenizer;
  let thread: ThreadClient | undefined, opened: Promise<OpenedServer> | undefined;
  let tried = 0, contextLength: number | undefined;
  const connected = (): Promise<OpenedServer> =>
    opened ??= connect().catch((error) => {
      opened = undefined;
      throw error;
    });
  const connect = async () => {
    thread ??= new ThreadClient({
      onRetry(event) {
        tried += 1;
        onRetry(event);
      },
      texts: () => textsOfTokens(tokenizer),
    });
    const probes = PROBE_TEXTS.map((text) => ({ text, ids: tokenizer.encode(text) }));
    const sent = { address, protocol, key, topK, vocabularySize, inFlight, rowsPerRequest, timeLimit, retries };
    const found = await thread.open(sent, probes);
    contextLength = found.contextLength;
    return found;
  };
  const asked = ({ ids, promptLength }: Row, { needsText, lead }: OpenedServer) => {
    if (!needsText) return { ids, promptLength };
    return { ids, promptLength, text: tokenizer.decode(ids[0] === lead ? ids.slice(1) : ids) };
  };
  return {
    name: options.name ?? `${address.model ?? "the model"} at ${address.base}, its ${topK} best tokens`,
    topK,
    vocabularySize,
    worksBeside: true,
    get contextLength() {
      return contextLength;
    },
    get retries() {
      return tried;
    },
    async identity() {
      const { model, probe } = await connected();
      const settings = { kind: "served", model, topK };
      const digest = () => Promise.resolve(createHash("sha256").update(JSON.stringify(settings)).digest("hex"));
      return { settings, probe, digest };
    },
    connect: connected,
    async open() {
      await connected();
    },
    async prepare({ rows }) {
      const found = await connected();
      const answer = await thread!.answer(rows.map((row) => asked(row, found)));
      return { answer: (start, size) => sliceAnswer(answer, { start, size }), dispose: () => {} };
    },
    async [Symbol.asyncDispose]() {
      await thread?.close();
      thread = opened = undefined;
    },
  };
}
