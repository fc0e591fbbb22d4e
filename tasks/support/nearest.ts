/**
 * "Did you mean", for settings and flags.
 *
 * @module
 */
export { nearest, suggestion } from "../../lib/text/nearest.ts";
