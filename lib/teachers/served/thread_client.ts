/**
 * The main thread's side of the communication with a server.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { SparseAnswer } from "../../distributions/sparse_answer.ts";
import { TeacherError } from "../teacher_error.ts";
import type { AskedRow } from "./asked_row.ts";
import type { FromThread, SentOptions, ToThread } from "./messages.ts";
import type { OpenedServer } from "./opened_server.ts";
import type { Probe } from "./token_agreement.ts";
import type { RetryEvent } from "./transport.ts";

/** What the thread asks of the main one. */
export interface ThreadHooks {
  /** Is called before a request is tried again. */
  onRetry: (event: RetryEvent) => void;
  /** Gives the text of each token. */
  texts: () => readonly string[];
}

/** A request that the thread has not answered yet. */
interface OpenRequest {
  resolve: (message: FromThread) => void;
  reject: (error: Error) => void;
}

/** The thread that communicates with a server. It does not keep a program running once it has answered. */
export class ThreadClient {
  readonly #worker = new Worker(new URL("./thread.ts", import.meta.url));
  readonly #open = new Map<number, OpenRequest>();
  #count = 0;

  /** @param hooks What the thread may ask. */
  constructor(hooks: ThreadHooks) {
    this.#worker.unref();
    this.#worker.on("message", (message: FromThread) => {
      if ("retry" in message) return hooks.onRetry(message.retry);
      if ("wantsTexts" in message) return this.#worker.postMessage({ texts: hooks.texts() } satisfies ToThread);
      this.#settle(message.id, ({ resolve, reject }) => {
        if (!("error" in message)) return resolve(message);
        const { name, message: text } = message.error;
        reject(name === "TeacherError" ? new TeacherError(text) : withName(name, text));
      });
    });
    this.#worker.on("error", (error: Error) => {
      for (const id of [...this.#open.keys()]) this.#settle(id, ({ reject }) => reject(error));
    });
  }

  /** Identifies the server, and checks its tokens. */
  async open(options: SentOptions, probes: readonly Probe[]): Promise<OpenedServer> {
    const message = await this.#send((id) => ({ id, open: options, probes }));
    return (message as FromThread & { opened: OpenedServer }).opened;
  }

  /** Asks about rows. */
  async answer(rows: readonly AskedRow[]): Promise<SparseAnswer> {
    const message = await this.#send((id) => ({ id, rows }));
    return (message as FromThread & { answer: SparseAnswer }).answer;
  }

  /** Ends the thread; pending requests are rejected. */
  async close(): Promise<void> {
    for (const id of [...this.#open.keys()]) {
      this.#settle(id, ({ reject }) => reject(new TeacherError("Cannot learn from a server: its teacher was closed")));
    }
    await this.#worker.terminate();
  }

  #send(make: (id: number) => ToThread): Promise<FromThread> {
    const id = this.#count++;
    // A program waits for its pending requests.
    if (this.#open.size === 0) this.#worker.ref();
    const answered = new Promise<FromThread>((resolve, reject) => this.#open.set(id, { resolve, reject }));
    this.#worker.postMessage(make(id));
    return answered;
  }

  #settle(id: number, settle: (request: OpenRequest) => void): void {
    const request = this.#open.get(id);
    if (!request) return;
    this.#open.delete(id);
    if (this.#open.size === 0) this.#worker.unref();
    settle(request);
  }
}

/** An error of the thread, by the name of its class: a refused permission is found by it. */
function withName(name: string, message: string): Error {
  const error = name === "NotCapable" ? new Deno.errors.NotCapable(message) : new Error(message);
  error.name = name;
  return error;
}
