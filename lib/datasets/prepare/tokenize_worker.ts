/**
 * A worker that turns rows or texts into token ids: it first receives the tokenizer, then chunks of work.
 *
 * @module
 */
import { tokenizerOf } from "../../text/tokenizer.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { NamedTokenizerTexts, Work, WorkDone } from "./tokenize_pool.ts";
import { doWork } from "./tokenize_pool.ts";

interface Scope {
  onmessage: ((event: MessageEvent<NamedTokenizerTexts | Work>) => void) | null;
  postMessage(message: WorkDone | { error: string }, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let tokenizer: Tokenizer | undefined;

scope.onmessage = ({ data }) => {
  if ("tokenizer" in data) {
    tokenizer = tokenizerOf(data, { name: data.name });
    return;
  }
  try {
    const done = doWork(data, tokenizer!);
    scope.postMessage(done, [done.ids.buffer]);
  } catch (error) {
    scope.postMessage({ error: error instanceof Error ? error.message : String(error) }, []);
  }
};
