/**
 * Whether a server makes the same tokens of texts as the tokenizer of the rows.
 *
 * @module
 */
import { TeacherError } from "../teacher_error.ts";
import type { ServerAddress } from "./address.ts";
import type { Discovered } from "./discover.ts";
import { type JsonValue, jsonValue } from "./json_value.ts";
import { exchangeJson, RefusedError, type TransportOptions } from "./transport.ts";

/** A text, and the ids that the tokenizer of the rows makes of it. */
export interface Probe {
  text: string;
  ids: readonly number[];
}

/** A route by which a server shows its tokens. */
interface TokenRoute {
  path: string;
  body: (text: string, model: string) => unknown;
  ids: (answer: JsonValue) => unknown;
}

const tokensIn = (answer: JsonValue) => (answer as { tokens?: unknown } | null)?.tokens;

const LLAMA_CPP_PYTHON = "/extras/tokenize";

/** vLLM's and SGLang's, that of llama-cpp-python, and SGLang's log-probabilities of a text. */
const ROUTES: readonly TokenRoute[] = [
  { path: "/tokenize", body: (prompt, model) => ({ model, prompt, add_special_tokens: false }), ids: tokensIn },
  { path: LLAMA_CPP_PYTHON, body: (input, model) => ({ model, input }), ids: tokensIn },
  {
    path: "/generate",
    body: (text) => ({
      text,
      sampling_params: { max_new_tokens: 0 },
      return_logprob: true,
      logprob_start_len: 0,
    }),
    ids(answer) {
      const { meta_info: meta } = (answer ?? {}) as { meta_info?: { input_token_logprobs?: unknown } };
      const list = meta?.input_token_logprobs;
      return Array.isArray(list) ? list.map((token) => Array.isArray(token) ? token[1] : undefined) : undefined;
    },
  },
];

/** Options for {@linkcode checkTokens}. */
export interface CheckTokensOptions {
  address: ServerAddress;
  found: Discovered;
  transport: TransportOptions;
}

/**
 * Sends texts to a server and compares its tokens.
 *
 * @param probes Texts with their ids.
 * @param options The server.
 * @returns The token that the server puts before every text, if it does, and whether it is llama-cpp-python's.
 * @throws {TeacherError} If a token differs, or the server has no route that shows its tokens.
 */
export async function checkTokens(
  probes: readonly Probe[],
  { address: { root }, found: { server, model }, transport }: CheckTokensOptions,
): Promise<{ lead?: number; isLlamaCppPython: boolean }> {
  for (const { path, body, ids } of ROUTES) {
    let lead: number | undefined;
    try {
      for (const [index, probe] of probes.entries()) {
        const exchange = { url: root + path, body: body(probe.text, model), read: jsonValue };
        const theirs = ids(await exchangeJson(exchange, transport));
        if (!isIds(theirs)) throw new TeacherError(`Cannot learn from ${server}: ${root + path} must list token ids`);
        if (index === 0 && theirs.length === probe.ids.length + 1) lead = theirs[0];
        compare(probe, lead === undefined ? theirs : theirs.slice(1), server);
      }
      return { lead, isLlamaCppPython: path === LLAMA_CPP_PYTHON };
    } catch (error) {
      // It has no such route.
      if (!(error instanceof RefusedError) || ![404, 405, 501].includes(error.status)) throw error;
    }
  }
  throw new TeacherError(
    `Cannot learn from ${server}: it must show its tokens, so that they can be compared with those of the rows; it has ` +
      `none of the routes ${ROUTES.map(({ path }) => path).join(", ")}`,
  );
}

const isIds = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((id) => typeof id === "number");

function compare({ text, ids }: Probe, theirs: readonly number[], server: string): void {
  const at = Array.from({ length: Math.max(ids.length, theirs.length) }).findIndex((_, i) => ids[i] !== theirs[i]);
  if (at < 0) return;
  const shown = (id: number | undefined) => id === undefined ? "absent" : String(id);
  throw new TeacherError(
    `Cannot learn from ${server}: it must have the tokenizer that it is asked with; of ${
      JSON.stringify(text)
    }, token ` +
      `${at} is ${shown(ids[at])} here, ${shown(theirs[at])} there; one that is not the student's must be named ` +
      "(alignedTeacher(), --teacher-tokenizer)",
  );
}
