/**
 * The description of a prepared folder, `manifest.json`.
 *
 * @module
 */
import { join } from "node:path";
import { type FileHash, hashFile, hashPieces } from "../../files/file_hash.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { RowCounts } from "./tokenize_rows.ts";

/** The parts of a data set. */
export type SplitName = "train" | "valid" | "test";

/** A split, counted. */
export interface SplitSummary extends RowCounts {
  /** Rows in the store. */
  rows: number;
  /** Their tokens. */
  tokens: number;
  /** Response tokens, on which the loss is computed. */
  responseTokens: number;
  /** Files by name: `<split>.tokens`, and `<split>.jsonl` with the same rows as text. */
  files: Record<string, FileHash>;
}

/** What the folder was made from; the same inputs give the same folder. */
export interface Recipe {
  /** The hash of each input's bytes, by split. */
  inputs: Record<string, string>;
  /** The hash of the tokenizer. */
  tokenizer: string;
  /** All settings that affect the result. */
  options: Record<string, unknown>;
}

/** The manifest. */
export interface PreparedManifest {
  /** A constant that identifies the file. */
  format: "amid-prepared-data";
  /** The version of the layout. */
  version: 1;
  /** The data set's name. */
  name: string;
  /** Instructions with responses, or windows of plain text. */
  kind: "instructions" | "text";
  /** What it was made from. */
  recipe: Recipe;
  /** The splits. */
  splits: Partial<Record<SplitName, SplitSummary>>;
  /** The hash of all files' hashes. */
  checksum: string;
}

/** Hashes everything that determines a tokenizer's ids. */
export function tokenizerHash({ specification, endToken }: Pick<Tokenizer, "specification" | "endToken">): string {
  return hashPieces([JSON.stringify([specification, endToken])]);
}

/** The hash over all files of all splits, in any order. */
export function checksumOf(splits: PreparedManifest["splits"]): string {
  const files = Object.values(splits).flatMap(({ files }) => Object.entries(files));
  return hashPieces(files.map(([name, { sha256 }]) => `${name} ${sha256}\n`).sort());
}

/**
 * Reads a folder's manifest.
 *
 * @param folder The folder.
 * @returns The manifest, or undefined if the folder has no manifest of this project.
 * @throws {SyntaxError} If it is one of another version.
 */
export async function readManifest(folder: string): Promise<PreparedManifest | undefined> {
  let value: Partial<PreparedManifest> | null;
  try {
    value = JSON.parse(await Deno.readTextFile(join(folder, "manifest.json")));
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (absent || error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (value?.format !== "amid-prepared-data") return undefined;
  if (value.version !== 1) {
    throw new SyntaxError(
      `Cannot read ${folder}/manifest.json: its version must be 1, current value is ${value.version}; prepare it again`,
    );
  }
  return value as PreparedManifest;
}

/** Whether a folder's files match its manifest byte for byte. */
export async function isWhole(folder: string, { splits }: PreparedManifest): Promise<boolean> {
  for (const { files } of Object.values(splits)) {
    for (const [name, { sha256 }] of Object.entries(files)) {
      try {
        if ((await hashFile(join(folder, name))).sha256 !== sha256) return false;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    }
  }
  return true;
}
