/**
 * A flag of Deno's permissions with a list of paths.
 *
 * Deno (2.9.6) parts the list at commas and knows no way to write a comma that is part of a path: such a path is left
 * out, so that the program starts and says itself what it lacks.
 *
 * @param kind The permission.
 * @param paths What it is for.
 * @returns `--allow-<kind>=` with the paths, or `--deny-<kind>` without paths.
 */
export function flagList(kind: "run" | "write", paths: readonly string[]): string {
  const writable = paths.filter((path) => !path.includes(","));
  return writable.length === 0 ? `--deny-${kind}` : `--allow-${kind}=${writable.join()}`;
}
