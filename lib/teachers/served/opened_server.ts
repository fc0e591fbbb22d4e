/**
 * What was found out about a server, as far as it concerns who asks it.
 *
 * @module
 */
import type { ProtocolName } from "./protocol.ts";

/** What was found out about a server. */
export interface OpenedServer {
  server: string;
  protocol: ProtocolName;
  model: string;
  /** Tokens that a row may have. */
  contextLength?: number;
  /** Whether rows are sent as texts. */
  needsText: boolean;
  /** The token that the server puts before every text, if it does. */
  lead?: number;
}
