/**
 * A folder of teacher states, which later runs find again.
 *
 * It holds `teacher.json`, which says of which teacher and engine the states are, and a file for each company of rows,
 * named by its hash. Runs share a folder where they have the teacher, the engine and its precision in common; they
 * share files where their rows come in the same company: with the same rows, seed, batches and micro-batches.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type Row, rowKey } from "../batches/row.ts";
import { currentEngine } from "../engines/mod.ts";
import { isFile } from "../files/exists.ts";
import { withFileLock } from "../files/file_lock.ts";
import { writeTogether } from "../files/write_together.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { modelDigest } from "../models/model_identity.ts";
import { readHiddenFile, writeHiddenFile } from "./hidden_file.ts";
import { type HiddenStore, type HiddenType, perRow } from "./hidden_store.ts";
import { keptTokens } from "../batches/training_batch.ts";

/**
 * Opens a folder, or creates it.
 *
 * @param folder The folder; it is created if absent.
 * @param options The teacher, whose parameters are hashed, and how states are stored.
 * @returns A store that holds nothing in memory but the names of files.
 * @throws {RangeError} If the folder holds something else, or states of another teacher, engine or type; the message
 * names both.
 * @throws {SyntaxError} If its teacher.json is damaged.
 * @throws {Error} If it cannot be written or read.
 */
export async function openHiddenFolder(
  folder: string,
  { teacher, type }: { teacher: LanguageModel; type: HiddenType },
): Promise<HiddenStore> {
  const identity = { teacher: await modelDigest(teacher), ...engineOf(), type };
  await checkFolder(folder, identity);
  const hash = createHash("sha256").update(JSON.stringify(Object.values(identity))).digest("hex");
  return folderStore(folder, { teacher: hash, type, width: teacher.head.shape[1]! });
}

/** What decides the states' bits. */
type FolderIdentity = Record<"teacher" | "engine" | "precision" | "device" | "type", string>;

function engineOf(): Pick<FolderIdentity, "engine" | "precision" | "device"> {
  const backend = tf.getBackend();
  const engine = currentEngine() ?? { name: backend, precision: "float32", device: backend };
  return { engine: engine.name, precision: engine.precision, device: engine.device.replace(/:\d+$/, "") };
}

/** Checks whose folder it is, or begins it. */
async function checkFolder(folder: string, identity: FolderIdentity): Promise<void> {
  const path = join(folder, "teacher.json");
  const text = await readOrBegin(folder, path, identity);
  if (text === undefined) return;
  const there = identityIn(text, path);
  const names = Object.keys(identity) as (keyof FolderIdentity)[];
  const different = names.filter((name) => there[name] !== identity[name])
    .map((name) => `${name} is ${there[name]} there, ${identity[name]} here`);
  if (different.length === 0) return;
  throw new RangeError(
    `Cannot use the teacher's states in ${folder}: they are from another teacher; ${different.join("; ")}; ` +
      "choose another folder, or delete this one",
  );
}

async function readOrBegin(folder: string, path: string, identity: FolderIdentity): Promise<string | undefined> {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const read = () => isFile(path) ? Deno.readTextFileSync(path) : undefined;
    const begin = (): string | undefined => {
      const text = read();
      if (text !== undefined) return text;
      const other = [...Deno.readDirSync(folder)].find(({ name }) => !/\.partial$|^\.lock$/.test(name));
      if (other) throw new RangeError(`it must be empty or hold such states, it has ${other.name} and no teacher.json`);
      return void writeTogether(path, [JSON.stringify(identity, null, 2) + "\n"]);
    };
    // Runs that begin a folder at the same time must agree on its teacher.
    const lock = join(folder, ".lock");
    return read() ?? await withFileLock(lock, async () => {
      const text = begin();
      await Deno.remove(lock).catch(() => {}); // those who wait for it will find teacher.json
      return text;
    });
  } catch (cause) {
    const Kind = cause instanceof RangeError ? RangeError : Error;
    throw new Kind(`Cannot cache the teacher's states in ${folder}: ${(cause as Error).message}`, { cause });
  }
}

function identityIn(text: string, path: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && "teacher" in json) return json as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new SyntaxError(
    `Cannot use the teacher's states: ${path} must be a JSON object that names the teacher, it is not; delete its folder`,
  );
}

/** Keeps a file for each company, and nothing in memory but the files' names. */
function folderStore(
  folder: string,
  { teacher, type, width }: { teacher: string; type: HiddenType; width: number },
): HiddenStore {
  const names = new WeakMap<readonly Row[], string>();
  const pathOf = (company: readonly Row[]) => {
    let name = names.get(company);
    if (name === undefined) names.set(company, name = join(folder, `${hashed(company.map(rowHash).join())}.states`));
    return name;
  };
  return {
    has(_row, company) {
      try {
        return Deno.statSync(pathOf(company)).isFile;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    },
    read(row, company) {
      const count = keptTokens([row]) * width;
      return readHiddenFile(pathOf(company), { row: rowHash(row), count, teacher, type });
    },
    write(company, states) {
      const rows = perRow(company, states).map(([row, states]) => ({ row: rowHash(row), states }));
      writeHiddenFile(pathOf(company), { teacher, type, rows });
    },
    dispose() {},
  };
}

const hashed = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
const rowHash = (row: Row): string => hashed(rowKey(row));
