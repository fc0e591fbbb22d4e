/**
 * Requests to one server: it is identified first and checked with each batch, with several requests in flight.
 *
 * @module
 */
import { joinAnswers, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { PROBE_TOLERANCE, probeDifference } from "../teacher.ts";
import { TeacherError } from "../teacher_error.ts";
import type { ServerAddress } from "./address.ts";
import type { AskedRow, Asking } from "./asked_row.ts";
import type { OpenedServer } from "./opened_server.ts";
import { discover, type Discovered } from "./discover.ts";
import { openai } from "./openai.ts";
import type { Protocol, ProtocolName } from "./protocol.ts";
import { sglang } from "./sglang.ts";
import { checkTokens, type Probe } from "./token_agreement.ts";
import { TokenTexts } from "./token_texts.ts";
import { exchangeJson, type TransportOptions } from "./transport.ts";
import { vllm } from "./vllm.ts";

/** What a session is opened with. */
export interface SessionOptions extends Omit<TransportOptions, "server" | "wait">, Omit<Asking, "model" | "server"> {
  /** Where the server is. */
  address: ServerAddress;
  /** Its kind; it is found out by asking if it is absent. */
  protocol?: ProtocolName;
  /** Requests in flight. */
  inFlight: number;
  /** Rows per request. */
  rowsPerRequest: number;
}

/** What a batch is asked with. */
export interface SessionContext {
  /** Texts with the ids that the rows' tokenizer makes of them. */
  probes: readonly Probe[];
  /** The text of each token, for servers that name tokens by texts. */
  texts: () => Promise<readonly string[]>;
}

/** A server that was found and checked. */
export class Session {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #probe?: AskedRow;
  #check?: Float32Array;

  private constructor(
    readonly options: SessionOptions,
    readonly found: Discovered & { lead?: number },
    readonly protocol: Protocol,
  ) {}

  /**
   * Identifies the server, and checks that its tokens are those of the rows.
   *
   * @throws {TeacherError} If it cannot be used.
   */
  static async open(options: SessionOptions, context: SessionContext): Promise<Session> {
    const found = await discover(options);
    const transport = { ...options, server: found.server };
    const { lead, isLlamaCppPython } = await checkTokens(context.probes, {
      address: options.address,
      found,
      transport,
    });
    const protocol = found.protocol === "openai"
      ? openai({ texts: new TokenTexts(await context.texts()), lead, isLlamaCppPython })
      : { vllm, sglang }[found.protocol];
    const session = new Session(options, { ...found, lead }, protocol);
    // Texts of ours do not begin as llama-cpp-python wants it where it puts nothing before them.
    if (isLlamaCppPython && lead === undefined) return session;
    // All tokens of a text but the first are compared; of a server that leaves the first out, all but two.
    const [{ ids, text }] = context.probes;
    const led = lead === undefined ? ids : [lead, ...ids];
    await session.#checkModel({ ids: led, text, promptLength: isLlamaCppPython ? 2 : 1 });
    return session;
  }

  /** What was found out. */
  get opened(): OpenedServer {
    const { needsText, reserved } = this.protocol;
    const { contextLength = Infinity, ...found } = this.found;
    return {
      ...found,
      needsText,
      probe: this.#check && [...this.#check],
      contextLength: Number.isFinite(contextLength) ? contextLength - reserved : undefined,
    };
  }

  /**
   * Asks about rows.
   *
   * @throws {TeacherError} If the server does not answer, or another model does.
   */
  async answer(rows: readonly AskedRow[]): Promise<SparseAnswer> {
    const { contextLength } = this.opened;
    const long = rows.findIndex(({ ids }) => contextLength !== undefined && ids.length > contextLength);
    if (long >= 0) {
      throw new TeacherError(
        `Cannot learn from ${this.found.server}: rows may have ${contextLength} tokens there, row ${long} has ` +
          `${rows[long].ids.length}`,
      );
    }
    const size = Math.min(this.options.rowsPerRequest, this.protocol.mostRows);
    const parts: AskedRow[][] = [];
    for (let start = 0; start < rows.length; start += size) parts.push(rows.slice(start, start + size));
    const answers = await Promise.all(parts.map((part) => this.#ask(part)));
    await this.#checkModel(rows.reduce((short, row) => row.ids.length < short.ids.length ? row : short));
    return answers.length === 1 ? answers[0] : joinAnswers(answers);
  }

  /** One request, once fewer than the most are in flight. */
  async #ask(rows: readonly AskedRow[]): Promise<SparseAnswer> {
    const { address, topK, vocabularySize, inFlight } = this.options;
    const { server, model } = this.found;
    const asking: Asking = { server, model, topK, vocabularySize };
    const { url, body } = this.protocol.request(rows, asking, address);
    while (this.#running >= inFlight) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await exchangeJson({
        url,
        body,
        read: () => this.protocol.reader(rows, asking),
        hint: (_status, message) => /logprob/i.test(message) ? this.protocol.limitHint(topK) : undefined,
      }, { ...this.options, server });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /**
   * A server that was started again may serve another model by the same name.
   *
   * @param first What is asked each time from now on, if nothing was yet.
   */
  async #checkModel(first: AskedRow): Promise<void> {
    const { own } = await this.#ask([this.#probe ??= first]);
    const before = this.#check ??= own;
    const mean = probeDifference(own, before);
    if (mean <= PROBE_TOLERANCE) return;
    throw new TeacherError(
      `Cannot learn from ${this.found.server}: another model answers than at the start of the run; the ` +
        `log-probabilities of the same ${own.length} tokens differ by ${mean.toFixed(2)} nats on average`,
    );
  }
}
