/** A small server on loopback that speaks each protocol for a model of ours, and misbehaves on demand. */
import * as tf from "@tensorflow/tfjs-core";
import { trainingBatch } from "../../../lib/batches/training_batch.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { localTeacher } from "../../../lib/teachers/local_teacher.ts";
import type { Tokenizer } from "../../../lib/text/tokenizer_interface.ts";
import { tinyModel } from "../../support/tiny_model.ts";

/** What goes wrong with the next answers about rows, one each. */
export type Trouble =
  | { status: number; headers?: Record<string, string>; body?: string }
  | { cutAfter: number }
  | { dripEvery: number }
  | { change: (text: string) => string };

/** A vocabulary of 53 characters. */
export const tokenizer = {
  vocabularySize: 53,
  encode: (text: string): number[] => [...text].map((char) => (char.codePointAt(0)! + 20) % 53),
  decode: (ids: readonly number[]): string => String.fromCharCode(...ids.map((id) => id + 33)),
};

/** A teacher of that vocabulary whose context has room for the texts that are compared. */
export const servedModel = (seed: number): LanguageModel => tinyModel(seed, { n_positions: 256 });

/** One place: the best tokens, and the row's own. */
interface Place {
  best: [id: number, logProb: number][];
  own: number;
}

/** A running server. */
export class FakeServer implements AsyncDisposable {
  /** What was asked: the route, and how many rows. */
  readonly log: string[] = [];
  readonly keys: (string | null)[] = [];
  readonly troubles: Trouble[] = [];
  /** The most requests about rows at once. */
  most = 0;
  /** The most log-probabilities that it gives. */
  cap = Infinity;
  /** Tokens that the server puts before each text. */
  lead: number[] = [];
  /** The token that begins texts for the model; the server treats it as llama-cpp-python does. */
  begin?: number;
  readonly name: string;
  /** How it makes ids of texts, and texts of ids. */
  encode: (text: string) => number[];
  readonly decode: (ids: readonly number[]) => string;
  #running = 0;
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(
    readonly protocol: "vllm" | "sglang" | "openai",
    public model: LanguageModel,
    { tokens = tokenizer, name = "tiny" }: { tokens?: Pick<Tokenizer, "encode" | "decode">; name?: string } = {},
  ) {
    this.name = name;
    this.decode = tokens.decode;
    this.encode = tokens.encode;
    this.#server = this.#start(0);
  }

  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  /** Ends it, and begins again at the same address. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { port } = this.#server.addr;
    await this.#server.shutdown();
    await between();
    this.#server = this.#start(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #start(port: number): Deno.HttpServer<Deno.NetAddr> {
    const options = {
      hostname: "127.0.0.1",
      port,
      onListen: () => {},
      onError: () => new Response("", { status: 500 }),
    };
    return Deno.serve(options, async (request) => {
      this.keys.push(request.headers.get("authorization"));
      const { pathname } = new URL(request.url);
      const body = request.method === "POST" ? await request.json() : undefined;
      const answer = this.#answer(pathname, body);
      if (answer === undefined) return new Response("", { status: 404 });
      if (!("rows" in answer)) return Response.json(answer.json);
      this.#running += 1;
      this.most = Math.max(this.most, this.#running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.#running -= 1;
      this.log.push(`${pathname} ${answer.rows}`);
      return this.#send(JSON.stringify(answer.json));
    });
  }

  #send(text: string): Response {
    const headers = { "content-type": "application/json" };
    const trouble = this.troubles.shift();
    if (!trouble) return new Response(text, { headers });
    if ("status" in trouble) return new Response(trouble.body ?? "", trouble);
    if ("change" in trouble) return new Response(trouble.change(text), { headers });
    const bytes = new TextEncoder().encode(text);
    if ("cutAfter" in trouble) return new Response(bytes.slice(0, trouble.cutAfter), { headers });
    let at = 0, timer: ReturnType<typeof setInterval>;
    const drip = new ReadableStream({
      start(controller) {
        timer = setInterval(() => controller.enqueue(bytes.slice(at, ++at)), trouble.dripEvery);
      },
      cancel: () => clearInterval(timer!),
    });
    return new Response(drip, { headers });
  }

  // deno-lint-ignore no-explicit-any
  #answer(path: string, body: any): { json: unknown; rows?: number } | undefined {
    const { protocol, name } = this;
    const owner = { vllm: "vllm", sglang: "sglang", openai: "me" }[protocol];
    if (path === "/v1/models") {
      return {
        json: { data: [{ id: name, owned_by: owner, ...protocol === "openai" ? {} : { max_model_len: 200 } }] },
      };
    }
    if (path === "/tokenize" && this.begin === undefined) {
      return { json: { tokens: [...this.lead, ...this.encode(body.prompt)] } };
    }
    if (path === "/extras/tokenize" && this.begin !== undefined) {
      return { json: { tokens: [...this.lead, ...this.encode(body.input)] } };
    }
    if (path === "/v1/completions" && protocol === "vllm") {
      const rows: number[][] = body.prompt;
      return {
        rows: rows.length,
        json: { model: name, choices: rows.map((ids, index) => this.#vllm(ids, index, body)) },
      };
    }
    if (path === "/generate" && protocol === "sglang") {
      const rows: number[][] = body.input_ids;
      return { rows: rows.length, json: rows.map((ids, index) => this.#sglang(ids, index, body)) };
    }
    if (path === "/v1/completions" && protocol === "openai") {
      return { rows: 1, json: { choices: [this.#openai([...this.lead, ...this.encode(body.prompt)], body.logprobs)] } };
    }
    return undefined;
  }

  #vllm(ids: number[], index: number, { prompt_logprobs: k }: { prompt_logprobs: number }) {
    const places = this.#places(ids, k).map(({ best, own }, at) => {
      const entry = (logprob: number, rank: number) => ({ logprob, rank, decoded_token: '"\\é' });
      const named = Object.fromEntries(best.map(([id, logProb], rank) => [id, entry(logProb, rank)]));
      return { [ids[at + 1]]: entry(own, k + 1), ...named };
    });
    return { index, text: "!", logprobs: null, prompt_logprobs: [null, ...places] };
  }

  #sglang(ids: number[], index: number, body: { logprob_start_len: number[]; top_logprobs_num: number[] }) {
    const first = body.logprob_start_len[index];
    const places = this.#places(ids, body.top_logprobs_num[index]).slice(first);
    return {
      text: "",
      meta_info: {
        input_token_logprobs: [
          [null, ids[first], null],
          ...places.map(({ own }, at) => [own, ids[first + at + 1], "x"]),
        ],
        input_top_logprobs: [null, ...places.map(({ best }) => best.map(([id, logProb]) => [logProb, id, null]))],
      },
    };
  }

  #openai(ids: number[], k: number) {
    if (this.begin !== undefined) return this.#llamaCppPython(ids, k, this.begin);
    const places = this.#places(ids, k);
    const texts = ids.map((id) => this.decode([id]));
    const named = places.map(({ best, own }, at) => ({
      ...Object.fromEntries(best.map(([id, logProb]) => [this.decode([id]), logProb])),
      [texts[at + 1]]: own,
    }));
    return {
      text: "",
      index: 0,
      logprobs: {
        tokens: [...texts, "!"],
        token_logprobs: [null, ...places.map(({ own }) => own), -1],
        top_logprobs: [null, ...named, {}],
      },
    };
  }

  /**
   * The lists of llama-cpp-python 0.3.36, whose `create_completion` drops the first token if it begins texts, pairs the
   * tokens that remain, and the one that was generated, with the distributions in their order, and leaves out all others
   * that begin texts.
   */
  #llamaCppPython(ids: number[], k: number, begin: number) {
    const distributions = this.#distributions(ids);
    const generated = distributions.at(-1)!.reduce((best, value, id, all) => value > all[best] ? id : best, 0);
    const tokens = [...ids[0] === begin ? ids.slice(1) : ids, generated];
    const listed = tokens.slice(0, distributions.length).flatMap((id, at) => id === begin ? [] : [{ id, at }]);
    const named = listed.map(({ id, at }) => ({
      ...Object.fromEntries(this.#best(distributions[at], k).map(([id, logProb]) => [this.decode([id]), logProb])),
      [this.decode([id])]: distributions[at][id],
    }));
    return {
      text: "",
      index: 0,
      logprobs: {
        tokens: listed.map(({ id }) => this.decode([id])),
        token_logprobs: [null, ...listed.slice(1).map(({ id, at }) => distributions[at][id])],
        top_logprobs: [null, ...named.slice(1)],
      },
    };
  }

  /** What the model says where each token but the first is predicted. */
  #places(ids: number[], k: number): Place[] {
    return this.#distributions(ids).slice(0, -1).map((logProbs, at) => ({
      best: this.#best(logProbs, k),
      own: logProbs[ids[at + 1]],
    }));
  }

  #best(logProbs: readonly number[], k: number): [id: number, logProb: number][] {
    const order = logProbs.map((_, id) => id).sort((a, b) => logProbs[b] - logProbs[a]);
    return order.slice(0, Math.min(k, this.cap)).map((id) => [id, logProbs[id]]);
  }

  /** The log-probabilities behind each token. */
  #distributions(ids: number[]): number[][] {
    const batch = trainingBatch([{ ids: [...ids, 0], promptLength: 1 }]);
    const teacher = localTeacher(this.model);
    return tf.tidy(() => {
      const states = teacher.states(batch);
      return tf.logSoftmax(tf.matMul(states, this.model.head, false, true)).arraySync() as number[][];
    });
  }
}
