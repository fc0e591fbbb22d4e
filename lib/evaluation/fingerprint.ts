/**
 * Hashes by which a task knows that something has been done already.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { modelFolder } from "../hub/model_folder.ts";
import { adapterBase } from "../models/lora/load_adapted.ts";

/** The files of a model's folder that decide what it answers. */
const COUNTS =
  /\.safetensors(\.index\.json)?$|^(config|generation_config|tokenizer|tokenizer_config|adapter_config)\.json$|\.jinja$/;

/**
 * Hashes what a model's folder holds: configuration, weights, adapter, tokenizer.
 *
 * @param folder The folder.
 * @returns SHA-256 over names and contents, hexadecimal.
 * @throws {Error} If the folder or a file cannot be read.
 */
export async function folderFingerprint(folder: string): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (COUNTS.test(name)) names.push(name);
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const path = join(folder, name);
    hash.update(`${name}\0${(await Deno.stat(path)).size}\0`);
    for await (const piece of (await Deno.open(path)).readable) hash.update(piece);
  }
  return hash.digest("hex");
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
