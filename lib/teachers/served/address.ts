/**
 * The address of a served teacher: its server and the name of the model.
 *
 * @module
 */

/** Where a teacher is served. */
export interface ServerAddress {
  /** The base of the server's routes, without a slash at its end, such as `http://127.0.0.1:8000/v1`. */
  base: string;
  /** The base of routes that no version of the interface has, such as `http://127.0.0.1:8000`. */
  root: string;
  /** The model's name, if the address has one. */
  model?: string;
}

/** Whether a text is the address of a server rather than a path. */
export const isServerAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/**
 * Takes an address apart.
 *
 * @param url As `http://host:port/v1#model`. Without `#model`, the server must serve one model alone.
 * @throws {TypeError} If it is no address, or holds a user's name or password.
 */
export function serverAddress(url: string): ServerAddress {
  const parsed = isServerAddress(url) ? URL.parse(url) : null;
  if (!parsed) {
    throw new TypeError(
      `Cannot use a served teacher: its address must be like http://host:port/v1#model, current value is ${url}`,
    );
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new TypeError(
      `Cannot use the teacher at ${parsed.host}: its address must not hold a user or a password, which reports would ` +
        "show; give a key instead",
    );
  }
  if (parsed.search !== "") {
    throw new TypeError(
      `Cannot use the teacher at ${parsed.host}: its address must have no query, current one is ${parsed.search}`,
    );
  }
  const base = (parsed.origin + parsed.pathname).replace(/\/+$/, "");
  const model = decodeURIComponent(parsed.hash.slice(1));
  return { base, root: base.replace(/\/v\d+$/, ""), model: model === "" ? undefined : model };
}
