/**
 * What is known of a server, for its caller.
 *
 * @module
 */
import type { ProtocolName } from "./protocol.ts";

/** What is known of a server. */
export interface OpenedServer {
  /** The server's name and version, as it states them. */
  server: string;
  /** How it is asked. */
  protocol: ProtocolName;
  /** The name of its model. */
  model: string;
  /** Tokens that a row may have. */
  contextLength?: number;
  /** The log-probabilities that it gives a fixed text, if it was asked about one. */
  probe?: readonly number[];
  /** Whether rows are sent as texts. */
  needsText: boolean;
  /** The token that the server puts before every text, if it does. */
  lead?: number;
}
