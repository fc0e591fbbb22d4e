/**
 * The variables of a part of a template.
 *
 * @module
 */

/**
 * The initial value of a variable: a parameter of the part, the variable of the same name in the enclosing scope, the
 * template's variable of this name, or undefined.
 */
export type Load = "parameter" | "alias" | "resolve" | "undefined";

/** The variables of a part. */
export type Frame = ReadonlyMap<string, Load>;
