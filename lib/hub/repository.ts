/**
 * Names of repositories on a hub, and what is in them.
 *
 * @module
 */
import type { HubSettings } from "./environment.ts";
import { pathsOfInfo } from "./file_facts.ts";
import { HubError } from "./hub_error.ts";

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

/** Options for {@linkcode listRepository}. */
export interface ListOptions {
  /** The hub. */
  settings: HubSettings;
  /** A branch, a tag or a commit. */
  revision: string;
  /** What requests are made by; see `hubFetch`. */
  fetch: typeof fetch;
}

/**
 * Asks a hub for the commit of a revision and its files, by the library `@huggingface/hub`.
 *
 * @param repository The repository.
 * @param options The hub and the revision.
 * @returns The commit, and the files; of a model only those in its first folder.
 * @throws {HubError} If the hub refuses, or its answer cannot be right.
 */
export async function listRepository(repository: Repository, options: ListOptions): Promise<RepositoryListing> {
  const { settings: { endpoint: hubUrl }, revision, fetch } = options;
  const { type, name } = repository;
  // The library is large: those who load only from folders do not need it.
  const { datasetInfo, listFiles, modelInfo } = await import("@huggingface/hub");
  const wrong = (what: string) => new HubError(`Cannot load ${name}: ${hubUrl} sent ${what}`);
  const info = type === "model" ? modelInfo<"sha"> : datasetInfo<"sha">;
  const files: RepositoryListing["files"] = new Map();
  let commit: unknown;
  try {
    ({ sha: commit } = await info({ name, revision, hubUrl, fetch, additionalFields: ["sha"] }));
    if (typeof commit !== "string" || !isCommit(commit)) throw wrong(`no commit but ${JSON.stringify(commit)}`);
    try {
      const recursive = type === "dataset";
      for await (const entry of listFiles({ repo: repository, revision: commit, hubUrl, fetch, recursive })) {
        if (entry.type === "file" && isSafePath(entry.path)) files.set(entry.path, fileOf(entry));
      }
    } catch (error) {
      // Some mirrors know no trees.
      if (!(error instanceof HubError && error.status === 404)) throw error;
      for (const path of await pathsOfInfo(repository, { endpoint: hubUrl, commit, fetch })) files.set(path, undefined);
    }
  } catch (cause) {
    if (cause instanceof HubError || !(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
    throw new HubError(`Cannot load ${name}: ${hubUrl} does not speak as a hub does: ${cause.message}`, undefined, {
      cause,
    });
  }
  return { commit, files };
}

/** Paths that stay inside their folder on every system. A repository may have others; they are never wanted. */
export function isSafePath(path: unknown): path is string {
  return typeof path === "string" && path.length <= 400 &&
    // deno-lint-ignore no-control-regex
    path.split("/").every((part) => part !== "" && !/^\.\.?$|[\\:\x00-\x1f]/.test(part));
}

function fileOf(entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } }) {
  const { path, lfs } = entry;
  const size = lfs?.size ?? entry.size;
  const hex = (lfs?.oid ?? entry.oid ?? "").replace(/^sha256:/, "");
  const kind = lfs ? "sha256" as const : "git-sha1" as const;
  if (!Number.isSafeInteger(size) || size < 0 || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return hex.length === (lfs ? 64 : 40) ? { path, size, hash: { kind, hex } } : undefined;
}
