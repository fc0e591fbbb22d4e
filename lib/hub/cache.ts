/**
 * The folder of downloads, in the layout that Python's `huggingface_hub` reads and writes:
 * `models--org--name/{blobs/<hash>, refs/<revision>, snapshots/<commit>/<path> → blob}`.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import type { HubSettings } from "./environment.ts";
import { isCommit, type Repository, type RepositoryFile } from "./repository.ts";

/** The places of one repository in the cache. */
export class RepositoryCache {
  /** The repository's folder. */
  readonly folder: string;
  readonly #locks: string;

  /**
   * @param repository The repository.
   * @param settings Where the cache is.
   */
  constructor(repository: Repository, { cacheFolder }: HubSettings) {
    const name = `${repository.type}s--${repository.name.replaceAll("/", "--")}`;
    this.folder = join(cacheFolder, name);
    this.#locks = join(cacheFolder, ".locks", name);
  }

  /** The file that holds bytes of this hash. */
  blob({ hash }: RepositoryFile): string {
    return join(this.folder, "blobs", hash.hex);
  }

  /** The file that is locked while that one is written. */
  lock({ hash }: RepositoryFile): string {
    return join(this.#locks, `${hash.hex}.lock`);
  }

  /** The folder of a commit's files. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that a revision was when it was loaded last, if it was. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    try {
      const commit = (await Deno.readTextFile(join(this.folder, "refs", revision))).trim();
      return isCommit(commit) ? commit : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
  }

  /** Notes which commit a revision is. */
  async remember(revision: string, commit: string): Promise<void> {
    if (await this.commitOf(revision) === commit) return;
    const path = join(this.folder, "refs", revision);
    await Deno.mkdir(dirname(path), { recursive: true });
    // A name of its own: other processes may note the same at the same moment.
    const beside = `${path}.${crypto.randomUUID()}.partial`;
    await Deno.writeTextFile(beside, commit);
    await Deno.rename(beside, path);
  }

  /** Whether this commit's file exists in full. */
  async has(commit: string, file: RepositoryFile): Promise<boolean> {
    return await sizeOf(join(this.snapshot(commit), file.path)) === file.size;
  }

  /**
   * Puts a blob that is there into a commit's folder: as a symbolic link, where Deno permits none (it wants the whole
   * disk for one) as a second name of the same bytes, and where there are no links at all as a copy.
   */
  async place(commit: string, file: RepositoryFile): Promise<void> {
    if (await this.has(commit, file)) return;
    const [blob, path] = [this.blob(file), join(this.snapshot(commit), file.path)];
    await Deno.mkdir(dirname(path), { recursive: true });
    const beside = `${path}.${crypto.randomUUID()}.partial`;
    const linked = await links(() => Deno.symlink(relative(dirname(path), blob), beside)) ||
      await links(() => Deno.link(blob, beside));
    if (!linked) await Deno.copyFile(blob, beside);
    await Deno.rename(beside, path);
  }
}

/** Whether a link could be made; a disk that is full, for instance, is an error. */
async function links(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (error) {
    const { NotCapable, PermissionDenied, NotSupported } = Deno.errors;
    const unable = [NotCapable, PermissionDenied, NotSupported].some((kind) => error instanceof kind);
    if (unable || Deno.build.os === "windows") return false;
    throw error;
  }
}

/** The size of a file, links followed, or undefined if there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    return isFile ? size : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
