/**
 * SGLang: its route `/generate` with `top_logprobs_num`, which takes token ids and names tokens by their ids.
 *
 * @module
 */
import { AnswerBuilder } from "./answer_builder.ts";
import type { JsonVisitor } from "./json_stream.ts";
import type { Protocol } from "./protocol.ts";

/** The tokens of a place, `[log-probability, id, text]` each. */
interface Named {
  ids: number[];
  logProbs: number[];
}

/** The protocol. */
export const sglang: Protocol = {
  name: "sglang",
  mostRows: Infinity,
  reserved: 0,
  needsText: false,
  limitHint: () => "ask for fewer",
  request: (rows, { topK }, { root }) => ({
    url: `${root}/generate`,
    body: {
      input_ids: rows.map(({ ids }) => ids),
      sampling_params: { max_new_tokens: 0, temperature: 0 },
      return_logprob: true,
      // The first one has no log-probability: it stands for what the others follow.
      logprob_start_len: rows.map(({ promptLength }) => promptLength - 1),
      top_logprobs_num: rows.map(() => topK),
    },
  }),
  reader(rows, asking) {
    const builder = new AnswerBuilder(rows, asking);
    let row = 0;
    let own: Named = { ids: [], logProbs: [] }, best: Named[] = [], named: Named = own;
    const number = (take: (value: number) => void): JsonVisitor => ({
      value: (value) => take(typeof value === "number" ? value : NaN),
    });
    const logProb = number((value) => named.logProbs.push(value));
    const id = number((value) => named.ids.push(value));
    const token: JsonVisitor = { item: (index) => index === 0 ? logProb : index === 1 ? id : undefined };
    const place: JsonVisitor = { item: () => token };
    const owns: JsonVisitor = {
      item() {
        named = own;
        return token;
      },
    };
    const places: JsonVisitor = {
      item() {
        best.push(named = { ids: [], logProbs: [] });
        return place;
      },
    };
    const meta: JsonVisitor = {
      key: (name) => name === "input_token_logprobs" ? owns : name === "input_top_logprobs" ? places : undefined,
    };
    const answer: JsonVisitor = {
      key: (name) => name === "meta_info" ? meta : undefined,
      end() {
        const { ids = [], promptLength = 0 } = rows[row] ?? {};
        // Places count from the row's end, whether those of the prompt are among them or not.
        const first = ids.length - own.ids.length;
        if (first < 0 || first >= promptLength) {
          builder.checkCount(row, first < 0 ? own.ids.length : ids.length - (first - promptLength + 1));
        }
        if (best.length !== own.ids.length) {
          throw builder.fault(`row ${row} has ${own.ids.length} tokens and the best ones of ${best.length} places`);
        }
        if (own.ids.some((each, index) => each !== ids[first + index])) {
          throw builder.fault(`it must answer for the tokens of row ${row} of the request, it does for others`);
        }
        for (let at = promptLength; at < ids.length; at += 1) {
          builder.fill(row, at, { ...best[at - first], own: own.logProbs[at - first] });
        }
      },
    };
    const answers: JsonVisitor = {
      item(index) {
        row = index;
        own = { ids: [], logProbs: [] };
        best = [];
        return answer;
      },
    };
    return { root: answers, finish: () => builder.finish() };
  },
};
