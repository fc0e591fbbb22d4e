/**
 * vLLM: its completions with `prompt_logprobs`, which takes token ids and names tokens by their ids.
 *
 * @module
 */
import { AnswerBuilder } from "./answer_builder.ts";
import type { JsonVisitor } from "./json_stream.ts";
import type { Protocol } from "./protocol.ts";

/** vLLM writes this, or less, for −∞. */
const LOWEST = -9999;

/** The protocol. */
export const vllm: Protocol = {
  name: "vllm",
  mostRows: Infinity,
  // The server generates a token, which must fit.
  reserved: 1,
  needsText: false,
  limitHint: (topK) => `start the server with --max-logprobs ${topK}`,
  request: (rows, { model, topK }, { base }) => ({
    url: `${base}/completions`,
    body: { model, prompt: rows.map(({ ids }) => ids), max_tokens: 1, temperature: 0, prompt_logprobs: topK },
  }),
  reader(rows, asking) {
    const builder = new AnswerBuilder(rows, asking);
    let row = 0, token = 0, count = 0;
    let ids: number[] = [], logProbs: number[] = [];
    const logProb: JsonVisitor = {
      value: (value) => void logProbs.push(typeof value !== "number" ? NaN : value <= LOWEST ? -Infinity : value),
    };
    const entry: JsonVisitor = { key: (name) => name === "logprob" ? logProb : undefined };
    const place: JsonVisitor = {
      key(name) {
        ids.push(Number(name));
        return entry;
      },
      end() {
        const label = rows[row].ids[token];
        const at = ids.indexOf(label);
        if (at < 0) throw builder.fault(`it must name each token of row ${row} of the request, it names others`);
        const own = logProbs[at];
        // It names the row's own token beside the k best ones.
        if (ids.length === asking.topK + 1 && logProbs.every((other) => !(other < own))) {
          [ids, logProbs] = [ids, logProbs].map((list) => list.toSpliced(at, 1));
        }
        builder.fill(row, token, { ids, logProbs, own });
      },
    };
    const places: JsonVisitor = {
      item(index) {
        count = index + 1;
        if (index >= (rows[row]?.ids.length ?? 0) || !builder.wants(row, index)) return undefined;
        [ids, logProbs, token] = [[], [], index];
        return place;
      },
      end: () => builder.checkCount(row, count),
    };
    const index: JsonVisitor = { value: (value) => void (row = Number(value)) };
    const choice: JsonVisitor = {
      key: (name) => name === "index" ? index : name === "prompt_logprobs" ? places : undefined,
    };
    const choices: JsonVisitor = {
      item(index) {
        [row, count] = [index, 0];
        return choice;
      },
    };
    return {
      root: { key: (name) => name === "choices" ? choices : undefined },
      finish: () => builder.finish(),
    };
  },
};
