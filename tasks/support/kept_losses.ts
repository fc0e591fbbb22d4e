/**
 * The losses by which task prune chooses blocks, kept in a file beside its output until the choice is made: the same
 * command, given again after it was stopped, goes on where it was.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Row } from "../../lib/batches/row.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { parseJson } from "../../lib/files/parse_json.ts";
import { readText } from "../../lib/files/read_text.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { modelDigest } from "../../lib/models/model_identity.ts";
import type { KnownLosses } from "../../lib/models/prune/choose_layers.ts";

/** What the losses are of. */
export interface KeptLossesOptions {
  model: LanguageModel;
  rows: readonly Row[];
  /** Receives a message about losses that there are. */
  say: (text: string) => void;
}

/** Losses in a file. */
export interface KeptLosses extends KnownLosses {
  /** Removes the file: the choice is made. */
  finish(): Promise<void>;
}

/** The file for a folder that is to be made. */
export const lossesPathOf = (output: string): string => join(dirname(output), `.${basename(output)}.losses.json`);

/**
 * Opens the losses of a choice; those of another model or of other rows are dropped.
 *
 * @param output The folder that is to be made.
 * @throws {SyntaxError} If there is a file that is no JSON.
 */
export async function keptLosses(output: string, { model, rows, say }: KeptLossesOptions): Promise<KeptLosses> {
  const path = lossesPathOf(output);
  const of = createHash("sha256").update(JSON.stringify([await modelDigest(model), rows])).digest("hex");
  const losses = new Map(Object.entries(await lossesIn(path, of)));
  if (losses.size > 0) say(`${losses.size} losses of ${path} need not be computed again`);
  const key = (layers: readonly number[]) => layers.join();
  return {
    get: (layers) => losses.get(key(layers)),
    async set(layers, loss) {
      losses.set(key(layers), loss);
      await writeAtomically(path, JSON.stringify({ of, losses: Object.fromEntries(losses) }));
    },
    finish: () => Deno.remove(path).catch(ignoreAbsent),
  };
}

/** The losses that a file holds, if they are of that model and those rows. */
async function lossesIn(path: string, of: string): Promise<Record<string, number>> {
  const text = await readText(path).catch(ignoreAbsent);
  const kept = text === undefined ? {} : parseJson(text, { name: path }) as { of?: string; losses?: object };
  return kept.of === of ? { ...kept.losses } as Record<string, number> : {};
}

function ignoreAbsent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
