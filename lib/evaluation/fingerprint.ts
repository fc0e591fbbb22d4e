/**
 * Hashes by which a task knows that something has been done already.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { isFolder } from "../files/exists.ts";
import { readGguf } from "../files/gguf/read_gguf.ts";
import { modelFolder } from "../hub/model_folder.ts";
import { adapterBase } from "../models/lora/adapter_base.ts";

/** The files of a model's folder that decide what it answers. */
const COUNTS =
  /\.(safetensors(\.index\.json)?|gguf|(bin|pt|pth)(\.index\.json)?)$|^(config|generation_config|tokenizer|tokenizer_config|adapter_config)\.json$|\.jinja$/;

/**
 * Hashes what a model's folder holds: configuration, weights, adapter, tokenizer; or a GGUF file, which holds them all.
 *
 * @param place The folder, or the file; any of them where a model is in several.
 * @returns SHA-256 over names and contents, hexadecimal.
 * @throws {Error} If the folder or a file cannot be read.
 */
export async function folderFingerprint(place: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of await countingFiles(place)) {
    const name = basename(path);
    hash.update(`${name}\0${(await Deno.stat(path)).size}\0`);
    for await (const piece of (await Deno.open(path)).readable) hash.update(piece);
  }
  return hash.digest("hex");
}

async function countingFiles(place: string): Promise<readonly string[]> {
  if (!await isFolder(place)) return (await readGguf(place)).paths;
  const names = (await Array.fromAsync(Deno.readDir(place))).map(({ name }) => name);
  return names.filter((name) => COUNTS.test(name)).sort().map((name) => join(place, name));
}

/**
 * Hashes what decides a model's answers: its folder, and the model that the folder's adapters belong to.
 *
 * @param path The model's folder or repository.
 */
export async function modelFingerprint(path: string): Promise<string> {
  const folderOf = (path: string, revision?: string) => modelFolder(path, { wanted: "model", revision });
  const own = await folderFingerprint(await folderOf(path));
  const found = await adapterBase(path);
  if (found === undefined) return own;
  return valueFingerprint([own, await folderFingerprint(await folderOf(found.base, found.revision))]);
}

/** Hashes a tokenizer's folder or repository. */
export async function tokenizerFingerprint(path: string): Promise<string> {
  return await folderFingerprint(await modelFolder(path, { wanted: "tokenizer" }));
}

/** Hashes a value that JSON can hold: SHA-256, hexadecimal. */
export function valueFingerprint(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
