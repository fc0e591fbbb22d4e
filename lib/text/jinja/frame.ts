/**
 * The variables of a part of a template.
 *
 * @module
 */

/**
 * What a variable is when its part begins: what is given to the part, what the variable of the same name around it is,
 * what the template is given under this name, or nothing.
 */
export type Load = "parameter" | "alias" | "resolve" | "undefined";

/** The variables of a part. */
export type Frame = ReadonlyMap<string, Load>;
