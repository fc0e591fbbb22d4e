/**
 * From a model's file to the first token of an answer.
 *
 * @module
 */
import { z } from "zod";
import type { StoragePrecision } from "../../lib/engines/mod.ts";
import { generate } from "../../lib/models/generation/generate.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { parseTask } from "../support/schema.ts";
import { runBenchmark } from "./child.ts";
import type { Measured } from "./measured.ts";
import { benchFields, jsonField, place, startEngine } from "./shared.ts";

const schema = z.strictObject({
  file: z.string().describe("a model's folder or GGUF file, with its tokenizer"),
  storage: z.enum(["float32", "bfloat16", "int8", "int4", "stored"]).default("float32").describe(
    "how its parameters are stored",
  ),
  prompt: z.string().default("The capital of France is").describe("what is answered"),
  ...benchFields,
  ...jsonField,
});

/** Measures a process from its start to the first token. */
export async function benchFirst(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench first", description: "Measure the first token.", schema, args });
  const { file, storage, prompt, json } = config;
  // Since the process began, the loading of the program included.
  const startSeconds = sinceStart();
  const [engineSeconds] = await timed(() => startEngine(config));
  const [tokenizerSeconds, tokenizer] = await timed(() => loadTokenizer(file));
  const [modelSeconds, model] = await timed(() => loadModel(file, { precision: storage }));
  const ids = tokenizer.encode(prompt);
  const [forwardSeconds, [answer]] = await timed(() =>
    generate(model, [ids], { maxNewTokens: 1, temperature: 0, stopTokens: [] })
  );
  const seconds = sinceStart();
  const line = {
    benchmark: "first",
    ...place(),
    model: file,
    storage,
    startSeconds,
    engineSeconds,
    tokenizerSeconds,
    modelSeconds,
    forwardSeconds,
    seconds,
    token: tokenizer.decode(answer),
  };
  return { line, json };
}

/** Measures the same in a process of its own. */
export async function firstTokenSeconds(
  file: string,
  { engine, device, precision, storage }: {
    engine: string;
    device?: string;
    precision: string;
    storage: StoragePrecision;
  },
): Promise<number> {
  const flags = ["--engine", engine, "--precision", precision, ...device === undefined ? [] : ["--device", device]];
  const { seconds } = await runBenchmark(["first", "--file", file, "--storage", storage, ...flags, "--json"]);
  return seconds as number;
}

const sinceStart = (): number => performance.now() / 1000;

async function timed<Result>(work: () => Promise<Result>): Promise<[seconds: number, result: Result]> {
  const began = performance.now();
  const result = await work();
  return [(performance.now() - began) / 1000, result];
}
