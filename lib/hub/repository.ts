/**
 * Names of repositories on a hub, and what is in them.
 *
 * @module
 */
import type { HubSettings } from "./environment.ts";

/** A repository on a hub. */
export interface Repository {
  /** What it holds. */
  type: "model" | "dataset";
  /** Its name: `org/name`, or `name` alone for the oldest models. */
  name: string;
}

/** A file of a repository. */
export interface RepositoryFile {
  /** Its path, with slashes, inside the repository. */
  path: string;
  /** Its size in bytes. */
  size: number;
  /** What its bytes must hash to: SHA-256 for large files, git's SHA-1 of a blob for the others. */
  hash: { kind: "sha256" | "git-sha1"; hex: string };
}

/** A repository at one commit. */
export interface RepositoryListing {
  /** The commit, 40 hexadecimal digits. */
  commit: string;
  /** Its files by path; without size and hash where the hub's list has none. */
  files: Map<string, RepositoryFile | undefined>;
}

/**
 * Says whether a text can be the name of a repository; a path such as `./folder`, `/folder` or `a/b/c` cannot.
 *
 * @param name The text.
 */
export function isRepositoryName(name: string): boolean {
  return name.length <= 200 && /^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/.test(name) && !/--|\.\.|\.git$/.test(name);
}

/**
 * Checks a revision: a branch, a tag, `refs/pr/1`, or a commit.
 *
 * @throws {TypeError} If it could lead out of a folder or is not the name of a revision.
 */
export function checkRevision(revision: string): string {
  const parts = revision.split("/");
  if (revision.length <= 200 && parts.every((part) => /^[\w+@-][\w.+@-]*$/.test(part) && !part.includes(".."))) {
    return revision;
  }
  throw new TypeError(
    `Cannot use the revision: it must be the name of a branch or tag, or a commit, current value is ${
      JSON.stringify(revision)
    }`,
  );
}

/** Whether a revision is a whole commit, which never changes. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Where a repository's page is. */
export const pageOf = ({ type, name }: Repository, { endpoint }: HubSettings): string =>
  `${endpoint}/${type === "dataset" ? "datasets/" : ""}${name}`;

/** Where a file's bytes are. */
export function addressOf(repository: Repository, path: string, at: HubSettings & { commit: string }): string {
  return `${pageOf(repository, at)}/resolve/${at.commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Paths that stay inside their folder on every system. A repository may have others; they are never wanted. */
export function isSafePath(path: unknown): path is string {
  return typeof path === "string" && path.length <= 400 &&
    // deno-lint-ignore no-control-regex
    path.split("/").every((part) => part !== "" && !/^\.\.?$|[\\:\x00-\x1f]/.test(part));
}
