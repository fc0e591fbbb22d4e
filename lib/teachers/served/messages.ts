/**
 * The messages between a teacher and the thread that communicates with its server.
 *
 * @module
 */
import type { SparseAnswer } from "../../distributions/sparse_answer.ts";
import type { AskedRow } from "./asked_row.ts";
import type { OpenedServer } from "./opened_server.ts";
import type { SessionOptions } from "./session.ts";
import type { Probe } from "./token_agreement.ts";
import type { RetryEvent } from "./transport.ts";

/** What decides a session, without what cannot be sent. */
export type SentOptions = Omit<SessionOptions, "onRetry">;

/** To the thread. `texts` answers its `wantsTexts`. */
export type ToThread =
  | { id: number; open: SentOptions; probes: readonly Probe[] }
  | { id: number; rows: readonly AskedRow[] }
  | { texts: readonly string[] };

/** From the thread. */
export type FromThread =
  | { id: number; opened: OpenedServer }
  | { id: number; answer: SparseAnswer }
  | { id: number; error: { name: string; message: string } }
  | { retry: RetryEvent }
  | { wantsTexts: true };
