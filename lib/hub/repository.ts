/**
 * Names of repositories on a hub, and their contents.
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
  /** Its path in the repository, with slashes. */
  path: string;
  /** Its size in bytes. */
  size: number;
  /** The hash of its bytes: SHA-256 for large files, git's SHA-1 of a blob for the others. */
  hash: { kind: "sha256" | "git-sha1"; hex: string };
}

/** A repository at one commit. */
export interface RepositoryListing {
  /** The commit, 40 hexadecimal digits. */
  commit: string;
  /** Its files by path; without size and hash if the hub's list does not have them. */
  files: Map<string, RepositoryFile | undefined>;
}

/**
 * Whether a string can be the name of a repository; a path such as `./folder`, `/folder` or `a/b/c` cannot.
 *
 * @param name The text.
 */
export function isRepositoryName(name: string): boolean {
  return name.length <= 200 && /^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/.test(name) && !/--|\.\.|\.git$/.test(name);
}

/**
 * Checks a revision: a branch, a tag, `refs/pr/1`, or a commit.
 *
 * @throws {TypeError} If it could escape a folder or is not a revision's name.
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

/** The URL of a repository's page. */
export const pageOf = ({ type, name }: Repository, { endpoint }: HubSettings): string =>
  `${endpoint}/${type === "dataset" ? "datasets/" : ""}${name}`;

/** The URL of a file's bytes. */
export function addressOf(repository: Repository, path: string, at: HubSettings & { commit: string }): string {
  return `${pageOf(repository, at)}/resolve/${at.commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Paths that stay inside their folder on every system. A repository may have others; they are ignored. */
export function isSafePath(path: unknown): path is string {
  return typeof path === "string" && path.length <= 400 &&
    // deno-lint-ignore no-control-regex
    path.split("/").every((part) => part !== "" && !/^\.\.?$|[\\:\x00-\x1f]/.test(part));
}
