/**
 * Where engines that need more than npm packages are installed: a folder of the checkout that git ignores.
 *
 * @module
 */

/**
 * The folder of an installed engine, with a slash at its end.
 *
 * @param name The engine's name.
 */
export function engineFolder(name: string): URL {
  return new URL(`../../.engines/${name}/`, import.meta.url);
}
