/**
 * Folders whose files can be verified: a list of their sizes and hashes is stored beside them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "./atomic_write.ts";

/** The list's name in its folder. */
export const MANIFEST = "manifest.json";

/** The list's entry for a file. */
interface ManifestEntry {
  bytes: number;
  sha256: string;
}

/**
 * Writes the list of a folder's files, those in subfolders included.
 *
 * @param folder The folder, with all its files in place.
 */
export async function writeManifest(folder: string): Promise<void> {
  const entries: Record<string, ManifestEntry> = {};
  for (const path of await filesOf(folder)) entries[path] = await entryOf(join(folder, path));
  await writeAtomically(join(folder, MANIFEST), JSON.stringify(entries, null, 2) + "\n");
}

/**
 * Checks that a folder's files match its list.
 *
 * @param folder The folder.
 * @throws {SyntaxError} If the list or a file is missing, truncated or changed; the message names the file.
 */
export async function checkManifest(folder: string): Promise<void> {
  const list = join(folder, MANIFEST);
  for (const [path, { bytes, sha256 }] of Object.entries(await readList(list))) {
    const file = join(folder, path);
    const actual = await entryOf(file).catch((error) => {
      if (error instanceof Deno.errors.NotFound) throw new SyntaxError(`Cannot read ${file}: it is missing`);
      throw error;
    });
    if (actual.bytes !== bytes) {
      throw new SyntaxError(`Cannot read ${file}: it must have ${bytes} bytes, it has ${actual.bytes}`);
    }
    if (actual.sha256 !== sha256) throw new SyntaxError(`Cannot read ${file}: its content is not what was written`);
  }
}

async function readList(path: string): Promise<Record<string, ManifestEntry>> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof Deno.errors.NotFound)) throw cause;
    const reason = cause instanceof SyntaxError ? "it is not JSON" : "it is missing";
    throw new SyntaxError(`Cannot read ${path}: ${reason}`, { cause });
  }
  const entries = typeof json === "object" && json !== null ? Object.entries(json) : [];
  const whole = entries.length > 0 &&
    entries.every(([name, entry]) =>
      !name.split("/").includes("..") && typeof entry?.bytes === "number" && typeof entry?.sha256 === "string"
    );
  if (!whole) throw new SyntaxError(`Cannot read ${path}: it must list files with their bytes and sha256`);
  return json as Record<string, ManifestEntry>;
}

async function filesOf(folder: string, within = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, within))) {
    const path = within ? `${within}/${name}` : name;
    if (isDirectory) paths.push(...await filesOf(folder, path));
    else if (path !== MANIFEST) paths.push(path);
  }
  return paths.sort();
}

async function entryOf(path: string): Promise<ManifestEntry> {
  const hash = createHash("sha256");
  let bytes = 0;
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
    bytes += count;
  }
  return { bytes, sha256: hash.digest("hex") };
}
