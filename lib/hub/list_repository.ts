/**
 * The commit of a revision and its files, as a hub lists them.
 *
 * @module
 */
import type { HubSettings } from "./environment.ts";
import { pathsOfInfo } from "./file_facts.ts";
import { HubError } from "./hub_error.ts";
import { isCommit, isSafePath, type Repository, type RepositoryListing } from "./repository.ts";

/** Options for {@linkcode listRepository}. */
export interface ListOptions {
  /** The hub. */
  settings: HubSettings;
  /** A branch, a tag or a commit. */
  revision: string;
  /** The function that makes requests; see `hubFetch`. */
  fetch: typeof fetch;
}

/**
 * Asks a hub for the commit of a revision and its files, by the library `@huggingface/hub`.
 *
 * @param repository The repository.
 * @param options The hub and the revision.
 * @returns The commit, and the files; of a model only those at the top level.
 * @throws {HubError} If the hub refuses, or its response is invalid.
 */
export async function listRepository(repository: Repository, options: ListOptions): Promise<RepositoryListing> {
  const { settings: { endpoint: hubUrl }, revision, fetch } = options;
  const { type, name } = repository;
  // The library is large and is not needed to load from folders.
  const { datasetInfo, listFiles, modelInfo } = await import("@huggingface/hub");
  const wrong = (what: string) => new HubError(`Cannot load ${name}: ${hubUrl} sent ${what}`);
  const info = type === "model" ? modelInfo<"sha"> : datasetInfo<"sha">;
  const files: RepositoryListing["files"] = new Map();
  let commit: unknown;
  try {
    ({ sha: commit } = await info({ name, revision, hubUrl, fetch, additionalFields: ["sha"] }));
    if (typeof commit !== "string" || !isCommit(commit)) throw wrong(`${JSON.stringify(commit)} instead of a commit`);
    try {
      const recursive = type === "dataset";
      for await (const entry of listFiles({ repo: repository, revision: commit, hubUrl, fetch, recursive })) {
        if (entry.type === "file" && isSafePath(entry.path)) files.set(entry.path, fileOf(entry));
      }
    } catch (error) {
      // Some mirrors do not serve trees.
      if (!(error instanceof HubError && error.status === 404)) throw error;
      for (const path of await pathsOfInfo(repository, { endpoint: hubUrl, commit, fetch })) files.set(path, undefined);
    }
  } catch (cause) {
    if (cause instanceof HubError || !(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
    throw new HubError(`Cannot load ${name}: ${hubUrl} does not respond like a hub: ${cause.message}`, undefined, {
      cause,
    });
  }
  return { commit, files };
}

function fileOf(entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } }) {
  const { path, lfs } = entry;
  const size = lfs?.size ?? entry.size;
  const hex = (lfs?.oid ?? entry.oid ?? "").replace(/^sha256:/, "");
  const kind = lfs ? "sha256" as const : "git-sha1" as const;
  if (!Number.isSafeInteger(size) || size < 0 || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return hex.length === (lfs ? 64 : 40) ? { path, size, hash: { kind, hex } } : undefined;
}
