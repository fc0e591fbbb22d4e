/**
 * Downloads one file from a hub: resumed after a broken connection, verified against its hash, moved into place when
 * complete.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import { sizeOf } from "./cache.ts";
import { HubError } from "./hub_error.ts";
import { backoff, type Patience } from "./hub_fetch.ts";
import type { RepositoryFile } from "./repository.ts";

/** Options for {@linkcode downloadBlob}. */
export interface DownloadBlobOptions extends Patience {
  /** Where the bytes are. */
  address: string;
  /** The target; the part loaded so far is beside it as `<path>.incomplete`. */
  path: string;
  /** The function that makes requests; see `hubFetch`. */
  fetch: typeof fetch;
  /** Receives the number of bytes that have been loaded. */
  onBytes?: (received: number) => void;
}

/**
 * Downloads a file. The part left by an interrupted attempt is reused; bytes with a wrong hash are discarded and
 * requested once more.
 *
 * @param file Its size and hash.
 * @param options Source and target.
 * @throws {HubError} If the connection breaks too often without progress, or the bytes do not match the hash.
 */
export async function downloadBlob(file: RepositoryFile, options: DownloadBlobOptions): Promise<void> {
  const { path } = options;
  const partial = `${path}.incomplete`;
  await Deno.mkdir(dirname(path), { recursive: true });
  const left = await sizeOf(partial) ?? 0;
  let found = await attempt(file, partial, options);
  if (found !== file.hash.hex && left > 0) {
    await Deno.remove(partial);
    found = await attempt(file, partial, options);
  }
  if (found !== file.hash.hex) {
    await Deno.remove(partial);
    const { kind, hex } = file.hash;
    throw new HubError(
      `Cannot load ${file.path}: its ${kind} must be ${hex}, that of the received bytes is ${found}; they were discarded`,
    );
  }
  await Deno.rename(partial, path);
}

/** Downloads the missing part of a file; returns the hash of the whole. */
async function attempt(file: RepositoryFile, partial: string, options: DownloadBlobOptions): Promise<string> {
  const { retries = 5, wait = (time) => new Promise((resolve) => setTimeout(resolve, time)), signal } = options;
  using target = await Deno.open(partial, { read: true, write: true, create: true });
  const state = { hash: startHash(file), have: 0 };
  await takeOver(target, file, state);
  for (let failures = 0; state.have < file.size;) {
    const before = state.have;
    options.onBytes?.(state.have);
    try {
      await receive(file, { ...options, target, state });
    } catch (cause) {
      if (cause instanceof HubError || signal?.aborted || isLocal(cause)) throw cause;
      failures = state.have > before ? 1 : failures + 1;
      if (failures > retries) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new HubError(
          `Cannot load ${file.path}: the connection keeps breaking, ${state.have} of ${file.size} bytes ` +
            `are kept for the next attempt: ${reason}`,
          undefined,
          { cause },
        );
      }
      await wait(backoff(failures - 1));
    }
  }
  options.onBytes?.(state.have);
  await target.sync();
  return state.hash.digest("hex");
}

/** Local errors, such as a full disk: a retry would not help. */
const isLocal = (error: unknown): boolean =>
  error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied ||
  (error instanceof Error && /os error (28|122)\b|No space left/.test(error.message));

/** Git hashes a blob with a header of its kind and size. */
function startHash({ hash: { kind }, size }: RepositoryFile): Hash {
  return kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

interface State {
  hash: Hash;
  have: number;
}

/** Reads what an earlier attempt left; anything longer than the whole file is invalid. */
async function takeOver(target: Deno.FsFile, file: RepositoryFile, state: State): Promise<void> {
  if ((await target.stat()).size > file.size) return await target.truncate(0);
  const buffer = new Uint8Array(1 << 20);
  for (let count = await target.read(buffer); count !== null; count = await target.read(buffer)) {
    state.hash.update(buffer.subarray(0, count));
    state.have += count;
  }
}

async function restart(target: Deno.FsFile, file: RepositoryFile, state: State): Promise<void> {
  await target.truncate(0);
  await target.seek(0, Deno.SeekMode.Start);
  state.hash = startHash(file);
  state.have = 0;
}

type Receiving = DownloadBlobOptions & { target: Deno.FsFile; state: State };

/** One connection, until it ends or breaks. */
async function receive(file: RepositoryFile, options: Receiving): Promise<void> {
  const { address, fetch, target, state, onBytes, signal, stallAfter = 30_000 } = options;
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (state.have > 0) headers.range = `bytes=${state.have}-`;
  const response = await fetch(address, { headers });
  const isRest = response.status === 206 &&
    response.headers.get("content-range")?.startsWith(`bytes ${state.have}-`) === true;
  if (!isRest && state.have > 0) await restart(target, file, state);
  if (response.status !== 200 && !isRest || response.body === null) {
    await response.body?.cancel();
    if (response.status === 200 && file.size === 0) return;
    throw new Error(`the hub did not send the requested bytes, status ${response.status}`);
  }
  const reader = response.body.getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await within(stallAfter, reader.read());
      if (done) break;
      if (state.have + value.length > file.size) {
        await restart(target, file, state);
        throw new HubError(`Cannot load ${file.path}: it must have ${file.size} bytes, the hub sent more`);
      }
      for (let written = 0; written < value.length;) written += await target.write(value.subarray(written));
      state.hash.update(value);
      state.have += value.length;
      onBytes?.(state.have);
    }
  } finally {
    // Errors of the stream have been thrown already.
    await reader.cancel().catch(() => {});
  }
  if (state.have < file.size) throw new Error("the connection ended early");
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no byte for ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
