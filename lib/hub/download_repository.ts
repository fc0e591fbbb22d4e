/**
 * Repositories of a hub as local folders.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import { RepositoryCache, sizeOf } from "./cache.ts";
import { cachedFolder } from "./cached_folder.ts";
import { downloadBlob } from "./download_blob.ts";
import { checkEndpoint, type HubSettings, hubSettings } from "./environment.ts";
import { factsOfFile } from "./file_facts.ts";
import { withFileLock } from "../files/file_lock.ts";
import { HubError } from "./hub_error.ts";
import { hubFetch, type Patience } from "./hub_fetch.ts";
import {
  addressOf,
  checkRevision,
  isCommit,
  isRepositoryName,
  pageOf,
  type Repository,
  type RepositoryFile,
} from "./repository.ts";
import { listRepository } from "./list_repository.ts";
import { type WantedFiles, wantedFiles } from "./wanted_files.ts";

/** The progress of a download. */
export interface DownloadProgress {
  /** The current file. */
  path: string;
  /** Bytes of it loaded so far. */
  received: number;
  /** Its size in bytes. */
  size: number;
}

/** How a hub is used. */
export interface HubOptions extends Patience, Partial<HubSettings> {
  /** Called for each chunk that arrives. */
  onProgress?: (progress: DownloadProgress) => void;
}

/** Options for {@linkcode downloadRepository}. */
export interface DownloadRepositoryOptions extends HubOptions {
  /**
   * A branch, a tag, or a commit.
   *
   * @default {"main"}
   */
  revision?: string;
  /**
   * Which files are needed; nothing else is loaded.
   *
   * @default {"both"}
   */
  wanted?: WantedFiles;
}

/**
 * Returns the folder of a repository in the cache after downloading what is missing: resumable, verified by hash, safe
 * with concurrent processes. The cache is that of Python's `huggingface_hub`. Without permission for the network
 * (`--allow-net`), or with `HF_HUB_OFFLINE=1`, only the cache is used.
 *
 * @param repository The repository; a name alone is that of a model.
 * @param options Revision, files, and settings that override those of the environment.
 * @returns The folder with the files of one commit.
 * @throws {HubError} If the repository, the revision or a file does not exist or may not be read, the hub cannot be
 * reached, or the bytes are wrong.
 * @throws {TypeError} If name, revision or endpoint are malformed.
 *
 * @example Offline, a file that was never loaded is an error with advice
 * ```ts
 * import assert from "node:assert/strict";
 * import { downloadRepository, HubError } from "@amid/amid/hub";
 *
 * const settings = { offline: true, cacheFolder: "absent", endpoint: "https://huggingface.co" };
 * await assert.rejects(() => downloadRepository("openai-community/gpt2", settings), HubError);
 * ```
 */
export async function downloadRepository(
  repository: Repository | string,
  options: DownloadRepositoryOptions = {},
): Promise<string> {
  if (typeof repository !== "string") {
    checkArguments("load a repository", {
      repository: [repository, { ...objectWith("name"), what: "a name like org/name" }],
    });
  }
  const { revision = "main", wanted = "both" } = options;
  const asked: Repository = typeof repository === "string" ? { type: "model", name: repository } : repository;
  if (!isRepositoryName(asked.name)) {
    throw new TypeError(`Cannot load a repository: its name must be like org/name, current value is ${asked.name}`);
  }
  checkRevision(revision);
  const settings = await settingsOf(options);
  const cache = new RepositoryCache(asked, settings);
  const known = await cachedFolder(cache, asked, { revision, wanted });
  if (typeof known === "string" && isCommit(revision)) return known;
  const mayAsk = Deno.permissions.querySync({ name: "net", host: new URL(settings.endpoint).host }).state === "granted";
  if (settings.offline || !mayAsk) {
    if (typeof known === "string") return known;
    const host = new URL(settings.endpoint).host;
    const why = settings.offline
      ? "HF_HUB_OFFLINE is set"
      : `this program may not use the network (--allow-net=${host})`;
    throw new HubError(
      `Cannot load ${asked.name}: ${why}, and the cache (${cache.folder}) is incomplete: ${known.lacks}; ` +
        `load it first: deno task fetch --repo ${asked.name}`,
    );
  }
  return await load(asked, { ...options, revision, wanted, settings, cache });
}

async function settingsOf(options: HubOptions): Promise<HubSettings> {
  const { endpoint, cacheFolder, token, offline } = options;
  const byEnvironment = endpoint !== undefined && cacheFolder !== undefined && offline !== undefined
    ? { endpoint, cacheFolder, offline }
    : await hubSettings();
  return {
    endpoint: checkEndpoint(endpoint ?? byEnvironment.endpoint),
    cacheFolder: cacheFolder ?? byEnvironment.cacheFolder,
    token: token ?? byEnvironment.token,
    offline: offline ?? byEnvironment.offline,
  };
}

interface Loading extends HubOptions {
  revision: string;
  wanted: WantedFiles;
  settings: HubSettings;
  cache: RepositoryCache;
}

async function load(repository: Repository, options: Loading): Promise<string> {
  const { revision, wanted, settings, cache } = options;
  const { name } = repository;
  const page = pageOf(repository, settings);
  const hasToken = settings.token !== undefined;
  const shown = revision === "main" ? undefined : revision;
  const fetch = hubFetch(settings, { ...options, asked: { repo: name, revision: shown, page, hasToken } });
  const { commit, files } = await listRepository(repository, { settings, revision, fetch });
  const folder = cache.snapshot(commit);
  const obtain = async (path: string) => {
    const address = addressOf(repository, path, { ...settings, commit });
    const file = files.get(path) ?? await factsOfFile(path, address, fetch);
    await loadFile(file, { ...options, fetch, commit, address });
  };
  const read = async (path: string) => {
    await obtain(path);
    return await Deno.readTextFile(join(folder, path));
  };
  for (const path of await wantedFiles(wanted, { name, paths: new Set(files.keys()), read })) await obtain(path);
  // Last, so that offline a revision never resolves to an incomplete commit.
  if (!isCommit(revision)) await cache.remember(revision, commit);
  return folder;
}

async function loadFile(
  file: RepositoryFile,
  options: Loading & { commit: string; address: string; fetch: typeof fetch },
): Promise<void> {
  const { cache, commit, address, onProgress, signal } = options;
  if (await cache.has(commit, file)) return;
  const path = cache.blob(file);
  const onBytes = (received: number) => onProgress?.({ path: file.path, received, size: file.size });
  await withFileLock(cache.lock(file), async () => {
    // Another process may have finished first.
    if (await sizeOf(path) !== file.size) await downloadBlob(file, { ...options, path, address, onBytes });
    await cache.place(commit, file);
  }, { signal });
}
