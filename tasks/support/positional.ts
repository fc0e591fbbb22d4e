/**
 * A first argument without a flag's name.
 *
 * @module
 */

/**
 * Lets the first argument stand without its flag: `["dolly", "--seed", "2"]` reads as `["--name", "dolly", …]`.
 *
 * @param args The arguments.
 * @param flag The flag that the first argument is the value of, if it is no flag itself.
 */
export function withFirst(args: readonly string[], flag: string): readonly string[] {
  return args.length > 0 && !args[0].startsWith("-") ? [flag, ...args] : args;
}
