/**
 * The folder of downloads, in the layout that Python's `huggingface_hub` reads and writes:
 * `models--org--name/{blobs/<hash>, refs/<revision>, snapshots/<commit>/<path> → blob}`.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import type { HubSettings } from "./environment.ts";
import { isCommit, type Repository, type RepositoryFile } from "./repository.ts";

/** The paths of one repository in the cache. */
export class RepositoryCache {
  /** The repository's folder. */
  readonly folder: string;
  readonly #locks: string;

  /**
   * @param repository The repository.
   * @param settings The hub's settings, with the cache's folder.
   */
  constructor(repository: Repository, { cacheFolder }: HubSettings) {
    const name = `${repository.type}s--${repository.name.replaceAll("/", "--")}`;
    this.folder = join(cacheFolder, name);
    this.#locks = join(cacheFolder, ".locks", name);
  }

  /** The file that holds the bytes with this hash. */
  blob({ hash }: RepositoryFile): string {
    return join(this.folder, "blobs", hash.hex);
  }

  /** The lock file held while that file is written. */
  lock({ hash }: RepositoryFile): string {
    return join(this.#locks, `${hash.hex}.lock`);
  }

  /** The folder of a commit's files. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that a revision pointed to when it was last loaded, if any. */
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

  /** Records which commit a revision points to. */
  async remember(revision: string, commit: string): Promise<void> {
    if (await this.commitOf(revision) === commit) return;
    const path = join(this.folder, "refs", revision);
    await Deno.mkdir(dirname(path), { recursive: true });
    // A unique name: other processes may record the same revision at the same time.
    const beside = `${path}.${crypto.randomUUID()}.partial`;
    await Deno.writeTextFile(beside, commit);
    await Deno.rename(beside, path);
  }

  /** Whether this commit's file is complete. */
  async has(commit: string, file: RepositoryFile): Promise<boolean> {
    return await sizeOf(join(this.snapshot(commit), file.path)) === file.size;
  }

  /**
   * Places an existing blob in a commit's folder: as a symbolic link; as a hard link if Deno permits no symbolic one,
   * which needs access to the whole disk; as a copy if links are not supported.
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

/** Whether the link could be created; other failures, such as a full disk, throw. */
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

/** The size of a file, following links, or undefined if it does not exist. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    return isFile ? size : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
