/**
 * The hub and its cache, as set by the environment variables of the Hugging Face tools.
 *
 * @module
 */
import { join } from "node:path";

/** Reads an environment variable. */
export type Environment = (name: string) => string | undefined;

/** A hub's address, cache and access settings. */
export interface HubSettings {
  /** The hub's address, without a slash at its end. */
  endpoint: string;
  /** The folder of downloads, in the layout of the Hugging Face tools. */
  cacheFolder: string;
  /** The access token, if there is one. It is sent only to the endpoint's host. */
  token?: string;
  /** Whether only the cache is used, never the network. */
  offline: boolean;
}

/** The variables of this process; one that it may not read counts as unset. */
export const processEnvironment: Environment = (name) => {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
};

const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

/**
 * Reads the settings: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, `HF_HUB_OFFLINE`, and the token from
 * `HF_TOKEN` or the file that `HF_TOKEN_PATH` names (`$HF_HOME/token` if it is not set).
 *
 * @param environment Where the variables come from.
 * @returns The settings.
 * @throws {TypeError} If the endpoint is not an http(s) address, or no variable determines the cache.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hubSettings } from "@amid/amid/hub";
 *
 * const { cacheFolder, offline } = await hubSettings((name) => ({ HF_HOME: "/models", HF_HUB_OFFLINE: "1" })[name]);
 * assert(cacheFolder === "/models/hub" && offline);
 * ```
 */
export async function hubSettings(environment: Environment = processEnvironment): Promise<HubSettings> {
  const user = environment("HOME") || environment("USERPROFILE");
  const read = (name: string): string | undefined => {
    const value = environment(name) || undefined;
    return value !== undefined && user && /^~(?=$|[/\\])/.test(value) ? user + value.slice(1) : value;
  };
  const caches = read("XDG_CACHE_HOME") ?? (user && join(user, ".cache"));
  const home = read("HF_HOME") ?? (caches && join(caches, "huggingface"));
  const cacheFolder = read("HF_HUB_CACHE") ?? (home && join(home, "hub"));
  if (!cacheFolder) {
    throw new TypeError(
      "Cannot find the folder of downloads: one of HF_HOME, HF_HUB_CACHE and HOME must be set, and be readable " +
        "(--allow-env)",
    );
  }
  const tokenPath = read("HF_TOKEN_PATH") ?? (home && join(home, "token"));
  const token = (read("HF_TOKEN") ?? (tokenPath && await textOf(tokenPath)))?.trim();
  return {
    endpoint: checkEndpoint(read("HF_ENDPOINT") ?? "https://huggingface.co"),
    cacheFolder,
    token: token || undefined,
    offline: isTrue(read("HF_HUB_OFFLINE")),
  };
}

/**
 * Checks the address of a hub.
 *
 * @param endpoint The address.
 * @returns The address without slashes at its end.
 * @throws {TypeError} If it does not start with http: or https:.
 */
export function checkEndpoint(endpoint: string): string {
  const { protocol } = URL.parse(endpoint) ?? {};
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(
      `Cannot use the hub: HF_ENDPOINT must start with http:// or https://, current value is ${endpoint}`,
    );
  }
  return endpoint.replace(/\/+$/, "");
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (absent || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
