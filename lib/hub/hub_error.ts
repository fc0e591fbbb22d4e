/**
 * What a hub's refusals mean.
 *
 * @module
 */

/** A hub refused a request, could not be reached, or sent something invalid. */
export class HubError extends Error {
  /** The name of errors of this class. */
  override name = "HubError";

  /**
   * Makes the error.
   *
   * @param message What could not be done, and what to do about it.
   * @param status The status of the response, if there was one.
   */
  constructor(message: string, readonly status?: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** What was requested, for messages. */
export interface Asked {
  /** The repository, as `org/name`. */
  repo: string;
  /** The revision, if not the default. */
  revision?: string;
  /** The URL of its page. */
  page: string;
  /** Whether a token was sent. */
  hasToken: boolean;
}

/**
 * Turns a refusal into an error.
 *
 * @param response The response; its body is not read.
 * @param asked What was requested.
 * @returns The error, with a hint.
 */
export function refusal(response: Response, { repo, revision, page, hasToken }: Asked): HubError {
  const { status } = response;
  const code = response.headers.get("x-error-code");
  const said = response.headers.get("x-error-message");
  const where = `Cannot load ${repo}${revision === undefined ? "" : ` at ${revision}`}`;
  const because = `the hub answered ${status}${said ? ` (${said})` : ""}`;
  const token = hasToken ? "check that the token in use may read it" : "set HF_TOKEN to a token that may read it";
  const make = (text: string) => new HubError(`${where}: ${text}; ${because}`, status);
  if (code === "GatedRepo" || (status === 403 && code !== "RepoNotFound")) {
    return make(`it is gated: request access at ${page}, then ${token}`);
  }
  if (code === "RevisionNotFound") return make(`it has no such revision`);
  if (code === "EntryNotFound") return make(`it has no such file`);
  if (status === 401 || code === "RepoNotFound") {
    return make(`there is no repository of that name, or it is private; check the name, or ${token}`);
  }
  if (status === 404) return make(`there is no repository or no revision of that name; check the name, or ${token}`);
  return make(status >= 500 || status === 429 ? "try again later" : "it cannot be read");
}
