/**
 * Writes prepared splits to a folder, all or nothing.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { type FileHash, hashFile } from "../../files/file_hash.ts";
import { encodeTokenStore } from "../encode_token_store.ts";
import { checksumOf, type PreparedManifest, type SplitName } from "./manifest.ts";
import type { PreparedSplit } from "./prepare_instructions.ts";

/** Options for {@linkcode writePrepared}. */
export interface WritePreparedOptions {
  /** The splits. */
  splits: Partial<Record<SplitName, PreparedSplit>>;
  /** The manifest without its splits and its checksum. */
  manifest: Omit<PreparedManifest, "splits" | "checksum">;
}

/**
 * Fills a temporary folder beside the output, then moves it into place; an existing one is replaced.
 *
 * @param output The folder.
 * @param options Splits and manifest.
 * @returns The whole manifest.
 */
export async function writePrepared(
  output: string,
  { splits, manifest: begun }: WritePreparedOptions,
): Promise<PreparedManifest> {
  const manifest: PreparedManifest = { ...begun, splits: {}, checksum: "" };
  const [partial, old] = [`${output}.partial`, `${output}.old`];
  try {
    for (const left of [partial, old]) await removeIfThere(left);
    await Deno.mkdir(partial);
    for (const [split, { rows, lines, counts }] of Object.entries(splits) as [SplitName, PreparedSplit][]) {
      const names = [`${split}.tokens`, ...(lines ? [`${split}.jsonl`] : [])];
      await writeAtomically(join(partial, names[0]), encodeTokenStore(rows));
      if (lines) await writeAtomically(join(partial, names[1]), encoded(lines));
      const files: Record<string, FileHash> = {};
      for (const name of names) files[name] = await hashFile(join(partial, name));
      manifest.splits[split] = { ...counts, ...sizes(rows), files };
    }
    manifest.checksum = checksumOf(manifest.splits);
    await writeAtomically(join(partial, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
    await Deno.rename(output, old).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await Deno.rename(partial, output);
    return manifest;
  } finally {
    for (const left of [partial, old]) await removeIfThere(left);
  }
}

function sizes({ lengths, promptLengths }: PreparedSplit["rows"]) {
  const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((sum, number) => sum + number, 0);
  const tokens = sum(lengths);
  return { rows: lengths.length, tokens, responseTokens: tokens - sum(promptLengths) };
}

function* encoded(lines: readonly string[]): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let start = 0; start < lines.length; start += 500) {
    yield encoder.encode(lines.slice(start, start + 500).join(""));
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
