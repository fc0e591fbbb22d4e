/**
 * The thread that communicates with a server, so that answers arrive and are parsed while the student's step occupies
 * the main one.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "./messages.ts";
import { Session } from "./session.ts";
import type { RetryEvent } from "./transport.ts";

const port = parentPort!;
let session: Session | undefined;
let receiveTexts: ((texts: readonly string[]) => void) | undefined;

/** The tokens' texts, which few servers need. */
function texts(): Promise<readonly string[]> {
  port.postMessage({ wantsTexts: true } satisfies FromThread);
  return new Promise((resolve) => receiveTexts = resolve);
}

port.on("message", async (message: ToThread) => {
  if ("texts" in message) return receiveTexts?.(message.texts);
  const { id } = message;
  try {
    if ("open" in message) {
      const onRetry = (retry: RetryEvent) => port.postMessage({ retry } satisfies FromThread);
      session = await Session.open({ ...message.open, onRetry }, { probes: message.probes, texts });
      port.postMessage({ id, opened: session.opened } satisfies FromThread);
    } else {
      const answer = await session!.answer(message.rows);
      const { ids, logProbs, own, rest } = answer;
      const buffers = [ids, logProbs, own, rest].map(({ buffer }) => buffer as ArrayBuffer);
      port.postMessage({ id, answer } satisfies FromThread, [...new Set(buffers)]);
    }
  } catch (error) {
    const { name, message } = error as Error;
    port.postMessage({ id, error: { name, message } } satisfies FromThread);
  }
});
