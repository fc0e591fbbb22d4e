/**
 * The base models of folders of adapters.
 *
 * @module
 */
import { aText, checkArguments } from "../../arguments/check_arguments.ts";
import { join } from "node:path";
import { exists } from "../../files/exists.ts";
import { ADAPTER_CONFIG, readPeftConfig } from "./lora_config.ts";

/** The base model of adapters. */
export interface AdapterBase {
  /** A folder, or a repository of a hub. */
  base: string;
  /** The repository's revision, if the adapters name one. */
  revision?: string;
}

/**
 * Finds the base model of a folder's adapters.
 *
 * @param folder A folder.
 * @returns The base model in `adapter_config.json`; undefined if there is no such file.
 * @throws {RangeError} If the file names no base model.
 */
export async function adapterBase(folder: string): Promise<AdapterBase | undefined> {
  checkArguments("load a model", { folder: [folder, aText] });
  const path = join(folder, ADAPTER_CONFIG);
  if (!await exists(path)) return undefined;
  const { base_model_name_or_path: base, revision } = await readPeftConfig(path);
  if (!base) throw new RangeError(`Cannot load ${folder}: its adapter_config.json must name base_model_name_or_path`);
  // A folder has no revisions; the name may have been a repository's where the adapters were trained.
  return { base, revision: revision && !await exists(base) ? revision : undefined };
}

/**
 * Finds the name of the base model of a folder's adapters, see {@linkcode adapterBase}.
 *
 * @param folder A folder.
 * @returns The folder or repository that `adapter_config.json` names; undefined if there is no such file.
 * @throws {RangeError} If the file names no model.
 */
export async function baseOfAdapter(folder: string): Promise<string | undefined> {
  return (await adapterBase(folder))?.base;
}
