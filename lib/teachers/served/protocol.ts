/**
 * How a kind of server is asked, and how it answers.
 *
 * @module
 */
import type { SparseAnswer } from "../../distributions/sparse_answer.ts";
import type { AskedRow, Asking } from "./asked_row.ts";
import type { JsonVisitor } from "./json_stream.ts";

/** The kinds of servers. */
export type ProtocolName = "vllm" | "sglang" | "openai";

/** A request, and who reads its answer. */
export interface ProtocolRequest {
  /** The route. */
  url: string;
  /** What is sent, as JSON. */
  body: unknown;
}

/** Reads one answer while it arrives. */
export interface AnswerReader {
  /** Receives the JSON. */
  root: JsonVisitor;
  /**
   * Ends the answer.
   *
   * @throws {TeacherError} If it is incomplete, or cannot be learned from.
   */
  finish(): SparseAnswer;
}

/** A kind of server. */
export interface Protocol {
  /** Its name among the flags. */
  readonly name: ProtocolName;
  /** The most rows that a request may have. */
  readonly mostRows: number;
  /**
   * Tokens that a row may have, of those that the model may see.
   *
   * @default {all}
   */
  readonly reserved: number;
  /** Whether rows must have their text, because the server takes no ids. */
  readonly needsText: boolean;
  /** What lifts the server's limit of log-probabilities, for messages. */
  limitHint(topK: number): string;
  /** Makes a request. */
  request(rows: readonly AskedRow[], asking: Asking, address: { base: string; root: string }): ProtocolRequest;
  /** Makes a reader for the answer. */
  reader(rows: readonly AskedRow[], asking: Asking): AnswerReader;
}
