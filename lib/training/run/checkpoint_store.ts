/**
 * A folder of checkpoints: lists them, finds the last whole one, and deletes those that are not kept.
 *
 * @module
 */
import { join } from "node:path";
import { removeFolder, sweepFolder, writeFolderAtomically } from "../../files/atomic_folder.ts";
import { type FileLock, takeLock } from "../../files/file_lock.ts";
import { checkManifest } from "../../files/manifest.ts";

/** A checkpoint to resume from, and warnings about broken ones. */
export interface FoundCheckpoint {
  /** Its folder; absent for a new run. */
  path?: string;
  warnings: string[];
}

const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;

/**
 * Lists the checkpoints of a folder.
 *
 * @param folder The folder; it need not exist.
 * @returns Their paths in the order of their steps.
 */
export async function checkpointsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (/^step-\d+$/.test(name)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const stepOf = (name: string) => Number(name.slice("step-".length));
  return names.sort((a, b) => stepOf(a) - stepOf(b)).map((name) => join(folder, name));
}

/** The checkpoints of a run. */
export class CheckpointStore {
  #lock?: FileLock;

  /**
   * Uses a folder.
   *
   * @param folder Where checkpoints lie; it is created if absent.
   * @param keepLast How many of the last ones are kept.
   */
  constructor(readonly folder: string, readonly keepLast: number) {}

  /** The path of a step's checkpoint, which need not exist. */
  pathOf(step: number): string {
    return join(this.folder, nameOf(step));
  }

  /**
   * Prepares the folder for a run, which owns it until {@linkcode close}, and finds the checkpoint to resume
   * from.
   *
   * @param resume Whether to resume; with `"auto"`, broken checkpoints are set aside under another name.
   * @throws {LockedError} If another run uses the folder; the message names its process.
   * @throws {SyntaxError} If the checkpoint is broken, or with `"auto"` if all of them are; the message names the file.
   * @throws {RangeError} If there are checkpoints and the run does not resume.
   */
  async open(resume: boolean | "auto"): Promise<FoundCheckpoint> {
    await Deno.mkdir(this.folder, { recursive: true });
    this.#lock = takeLock(join(this.folder, ".lock"), { what: this.folder });
    try {
      return await this.#find(resume);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Releases the folder. */
  close(): void {
    this.#lock?.release();
  }

  async #find(resume: boolean | "auto"): Promise<FoundCheckpoint> {
    await sweepFolder(this.folder);
    const paths = await checkpointsIn(this.folder);
    const warnings: string[] = [];
    if (paths.length === 0) return { warnings };
    if (!resume) {
      throw new RangeError(
        `Cannot start a run: ${this.folder} must have no checkpoints, it has ${paths.length}; resume from them or choose ` +
          "another folder",
      );
    }
    const broken: { path: string; error: Error }[] = [];
    for (const path of paths.reverse()) {
      try {
        await checkManifest(path);
        for (const { path, error } of broken) warnings.push(await setAside(path, error));
        return { path, warnings };
      } catch (error) {
        if (resume !== "auto" || !(error instanceof SyntaxError)) throw error;
        broken.push({ path, error });
      }
    }
    throw new SyntaxError(`Cannot resume: no checkpoint in ${this.folder} is intact; ${broken[0].error.message}`);
  }

  /**
   * Writes a checkpoint, then deletes those that are not kept.
   *
   * @param step Steps taken.
   * @param write Writes the files into the folder that it is given.
   * @param best The step of the best checkpoint, which is kept too.
   * @returns The checkpoint's path.
   * @throws {Error} If it cannot be written; the checkpoints before it then remain.
   */
  async save(step: number, write: (folder: string) => Promise<void>, best?: number): Promise<string> {
    const path = this.pathOf(step);
    await writeFolderAtomically(path, write);
    const kept = new Set((await checkpointsIn(this.folder)).slice(-this.keepLast));
    if (best !== undefined) kept.add(this.pathOf(best));
    for (const other of await checkpointsIn(this.folder)) if (!kept.has(other)) await removeFolder(other);
    return path;
  }
}

async function setAside(path: string, { message }: Error): Promise<string> {
  await removeFolder(`${path}.broken`);
  await Deno.rename(path, `${path}.broken`);
  return `a checkpoint is broken and was set aside as ${path}.broken: ${message}`;
}
