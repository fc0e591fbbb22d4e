/**
 * Requests to a hub: the token goes to the hub alone, and requests are retried where that helps.
 *
 * @module
 */
import type { HubSettings } from "./environment.ts";
import { type Asked, HubError, refusal } from "./hub_error.ts";

/** Retries and timeouts of a request. */
export interface Patience {
  /**
   * How often a request is retried after a broken connection or a temporary failure (429, 5xx).
   *
   * @default {5}
   */
  retries?: number;
  /**
   * Milliseconds without a byte after which a connection counts as broken.
   *
   * @default {30_000}
   */
  stallAfter?: number;
  /**
   * Waits between two attempts, half a second at first, doubling each time.
   *
   * @default {a timer}
   */
  wait?: (milliseconds: number) => Promise<void>;
  /** Stops everything. */
  signal?: AbortSignal;
}

/** Options for {@linkcode hubFetch}. */
export interface HubFetchOptions extends Patience {
  /** What is requested, for messages. */
  asked: Asked;
}

/** Statuses after which a retry may succeed. */
const PASSING = [408, 429, 500, 502, 503, 504];
const REDIRECTS = [301, 302, 303, 307, 308];
const LONGEST_WAIT = 60_000;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Makes a `fetch` for one hub: it sends the token only to the hub's origin, follows redirects, and retries.
 *
 * @param settings The hub.
 * @param options What is requested, retries and timeouts.
 * @returns The function; it throws a {@linkcode HubError} if the hub refuses.
 */
export function hubFetch(settings: HubSettings, options: HubFetchOptions): typeof fetch {
  const { retries = 5, stallAfter = 30_000, wait = sleep, signal, asked } = options;
  return async (input, init) => {
    const first = input instanceof Request ? input.url : String(input);
    for (let attempt = 0;; attempt += 1) {
      signal?.throwIfAborted();
      const last = attempt >= retries;
      let response: Response;
      try {
        response = await follow(first, init, { settings, signal, stallAfter });
      } catch (cause) {
        if (cause instanceof HubError || cause instanceof Deno.errors.NotCapable || signal?.aborted) throw cause;
        if (last) throw unreachable(asked, settings, cause);
        await wait(backoff(attempt));
        continue;
      }
      if (response.ok || response.status === 416 || isHead(init, response)) return response;
      await response.body?.cancel();
      if (!PASSING.includes(response.status) || last) throw refusal(response, asked);
      await wait(Math.max(backoff(attempt), retryAfter(response)));
    }
  };
}

/** Milliseconds to wait after this attempt, counted from 0. */
export const backoff = (attempt: number): number => Math.min(500 * 2 ** attempt, LONGEST_WAIT);

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.min(1000 * Math.max(0, seconds), LONGEST_WAIT) : 0;
}

function unreachable({ repo }: Asked, { endpoint }: HubSettings, cause: unknown): HubError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HubError(
    `Cannot load ${repo}: ${endpoint} must be reached, or HF_HUB_OFFLINE=1 set to use the cache: ${reason}`,
    undefined,
    { cause },
  );
}

/** A HEAD request: if the file is stored elsewhere, the hub's own response has its size and hash. */
const isHead = (init: RequestInit | undefined, { status, headers }: Response): boolean =>
  init?.method === "HEAD" && REDIRECTS.includes(status) && headers.has("x-linked-etag");

/** A request that follows redirects; no other host than the hub's receives the token. */
async function follow(
  first: string,
  init: RequestInit | undefined,
  { settings, signal, stallAfter }: { settings: HubSettings; signal?: AbortSignal; stallAfter: number },
): Promise<Response> {
  const home = new URL(settings.endpoint);
  let url = new URL(first);
  for (let hops = 0; hops < 10; hops += 1) {
    const headers = new Headers(init?.headers);
    headers.delete("authorization");
    if (settings.token && url.origin === home.origin) headers.set("authorization", `Bearer ${settings.token}`);
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`no answer for ${stallAfter} ms`)), stallAfter);
    const signals = [silence.signal, signal].filter((given) => given !== undefined);
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, redirect: "manual", signal: AbortSignal.any(signals) });
    } finally {
      clearTimeout(timer);
    }
    if (!REDIRECTS.includes(response.status) || isHead(init, response)) return response;
    const next = URL.parse(response.headers.get("location") ?? "", url);
    await response.body?.cancel();
    if (!next || !/^https?:$/.test(next.protocol) || (home.protocol === "https:" && next.protocol !== "https:")) {
      throw new HubError(`Cannot follow ${url}: its redirect must be a safe address, current value is ${next}`);
    }
    url = next;
  }
  throw new HubError(`Cannot follow ${first}: it has too many redirects`);
}
