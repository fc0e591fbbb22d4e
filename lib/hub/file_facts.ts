/**
 * Requests the size and hash of a single file, for hubs whose file lists do not have them.
 *
 * @module
 */
import { HubError } from "./hub_error.ts";
import { isSafePath, type Repository, type RepositoryFile } from "./repository.ts";

/**
 * Reads the names of a repository's files from a hub's description of the repository.
 *
 * @param repository The repository.
 * @param at The hub, a commit, and the function that makes requests.
 * @returns The paths.
 * @throws {HubError} If the hub does not list them.
 */
export async function pathsOfInfo(
  { type, name }: Repository,
  { endpoint, commit, fetch: request }: { endpoint: string; commit: string; fetch: typeof fetch },
): Promise<string[]> {
  const response = await request(`${endpoint}/api/${type}s/${name}/revision/${commit}`);
  const { siblings } = await response.json() as { siblings?: { rfilename?: unknown }[] };
  if (!Array.isArray(siblings)) throw new HubError(`Cannot load ${name}: ${endpoint} does not list its files`);
  return siblings.map((sibling) => sibling?.rfilename).filter(isSafePath);
}

/**
 * Makes a HEAD request for a file: its hash is the ETag, 64 hexadecimal digits of SHA-256 for large files, otherwise 40
 * of git's SHA-1.
 *
 * @param path The file.
 * @param address The URL of its bytes.
 * @param request The function that makes requests; it returns the first response to a HEAD request.
 * @throws {HubError} If the response has no size or no hash.
 */
export async function factsOfFile(path: string, address: string, request: typeof fetch): Promise<RepositoryFile> {
  const { headers } = await request(address, { method: "HEAD", headers: { "accept-encoding": "identity" } });
  const hex = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? NaN);
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) || !Number.isSafeInteger(size) || size < 0) {
    throw new HubError(`Cannot load ${path}: ${address} must report its size and hash, they are ${size} and "${hex}"`);
  }
  return { path, size, hash: { kind: hex.length === 64 ? "sha256" : "git-sha1", hex } };
}
