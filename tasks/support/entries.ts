/**
 * What the package exports.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** The module of each name under which the package is imported, `.` the root: paths from the project's folder. */
export const entries: Readonly<Record<string, string>> = config.exports;
