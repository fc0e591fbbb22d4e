/**
 * Data sets as token stores: tokenized once, on all cores, counted and hashed.
 *
 * @module
 */
import { anObject, aText, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import { dirname } from "node:path";
import type { Communicator } from "../../distributed/communicator.ts";
import { broadcastValue } from "../../distributed/messages.ts";
import { single } from "../../distributed/single.ts";
import { hashFile } from "../../files/file_hash.ts";
import { lockPathOf, withFileLock } from "../../files/file_lock.ts";
import { tokenizerOf } from "../../text/tokenizer.ts";
import { isWhole, type PreparedManifest, readManifest, tokenizerHash } from "./manifest.ts";
import { preparedInstructions } from "./prepare_instructions.ts";
import { preparedText } from "./prepare_text.ts";
import type { NamedTokenizerTexts } from "./tokenize_pool.ts";
import { writePrepared } from "./write_prepared.ts";
import type { PrepareDataOptions } from "./prepare_options.ts";

/** What {@linkcode prepareData} did. */
export interface Prepared {
  /** The folder's manifest. */
  manifest: PreparedManifest;
  /** Whether this call created it; if not, it already existed. */
  fresh: boolean;
}

/**
 * Prepares a data set: `<split>.tokens` (see `openTokenStore`), `<split>.jsonl` with the same rows as text, references
 * included, and `manifest.json`. If the folder was made from the same inputs, tokenizer and settings, nothing is done.
 *
 * @param options Inputs, plan, tokenizer.
 * @returns The manifest, and whether anything was done.
 * @throws {Error} If an input cannot be read, or has a broken line (its number is named); nothing is then written, and
 * the folder's previous contents remain.
 * @throws {RangeError} If no rows are left.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTokenStore, prepareData } from "@amid/amid/datasets";
 *
 * const folder = await Deno.makeTempDir();
 * const line = JSON.stringify({ instruction: "Name a wader.", output: ["heron", "stork"] }) + "\n";
 * await Deno.writeTextFile(`${folder}/birds.jsonl`, line.repeat(20));
 * const read = (name: string) => Deno.readTextFile(`data/tokenizer/${name}`);
 *
 * const { manifest } = await prepareData({
 *   name: "birds",
 *   output: `${folder}/prepared`,
 *   inputs: { train: `${folder}/birds.jsonl` },
 *   plan: {
 *     kind: "instructions",
 *     maxPromptLength: 256,
 *     maxLength: 512,
 *     longPrompts: "cut",
 *     longRows: "cut",
 *     style: "auto",
 *     fields: {},
 *     seed: 1,
 *   },
 *   tokenizer: { name: "", tokenizer: await read("tokenizer.json"), config: await read("tokenizer_config.json") },
 *   workers: 0,
 * });
 * assert.equal(manifest.splits.train?.rows, 16);
 * using store = openTokenStore(`${folder}/prepared/train.tokens`);
 * assert.equal(store.length, 16);
 * ```
 */
export async function prepareData(options: PrepareDataOptions): Promise<Prepared> {
  checkArguments("prepare data", { options: [options, objectWith("name", "output", "inputs", "plan", "tokenizer")] });
  const { output, inputs, plan, tokenizer } = options;
  checkArguments("prepare data", {
    name: [options.name, aText],
    output: [output, aText],
    inputs: [inputs, anObject],
    plan: [plan, anObject],
    tokenizer: [tokenizer, anObject],
  });
  if (Object.values(inputs).every((path) => path === undefined)) {
    throw new RangeError(`Cannot prepare ${options.name}: at least one input is needed, current count is 0`);
  }
  const hashes: Record<string, string> = {};
  for (const [split, path] of Object.entries(inputs)) hashes[split] = (await hashFile(path)).sha256;
  const recipe = {
    inputs: hashes,
    tokenizer: tokenizerHash(tokenizerOf(tokenizer, tokenizer)),
    // The template does not determine ids, but it does determine prompts.
    options: JSON.parse(
      JSON.stringify(
        plan.kind === "text"
          ? plan
          : { ...plan, template: templateOf(tokenizer), cuts: "within the template", keys: "of texts" },
      ),
    ),
  };
  const communicator = options.communicator ?? single();
  if (communicator.rank !== 0) return await helpPrepare(options, communicator);
  await Deno.mkdir(dirname(output), { recursive: true });
  return await withFileLock(lockPathOf(output), async () => {
    const old = await readManifest(output);
    if (old && JSON.stringify(old.recipe) === JSON.stringify(recipe) && await isWhole(output, old)) {
      return await broadcastValue(communicator, { manifest: old, fresh: false });
    }
    if (!old && await isOccupied(output)) {
      throw new Error(`Cannot prepare ${output}: it must be empty or hold prepared data, it holds other files`);
    }
    await broadcastValue(communicator, {});
    const splits = await preparedSplits(options);
    const manifest = {
      format: "amid-prepared-data" as const,
      version: 1 as const,
      name: options.name,
      kind: plan.kind,
      recipe,
    };
    return await broadcastValue(communicator, {
      manifest: await writePrepared(output, { splits, manifest }),
      fresh: true,
    });
  }, { signal: options.signal, onWait: options.onWait });
}

const preparedSplits = (options: PrepareDataOptions): ReturnType<typeof preparedText> =>
  options.plan.kind === "text" ? preparedText(options, options.plan) : preparedInstructions(options, options.plan);

/** Helps the writing rank if there is work. */
async function helpPrepare(options: PrepareDataOptions, communicator: Communicator): Promise<Prepared> {
  const made = await broadcastValue<Partial<Prepared>>(communicator, {});
  if (made.manifest) return made as Prepared;
  await preparedSplits(options);
  return await broadcastValue(communicator, made as Prepared);
}

const templateOf = ({ chatTemplate, config }: NamedTokenizerTexts): unknown =>
  chatTemplate ?? JSON.parse(config).chat_template ?? null;

async function isOccupied(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}
