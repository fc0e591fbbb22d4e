/**
 * Options that are given.
 *
 * @module
 */

/** Options without those that are undefined, so that a spread of them leaves defaults in force. */
export const definedOptions = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
