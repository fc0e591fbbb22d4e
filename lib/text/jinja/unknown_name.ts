/**
 * The error for a filter or a test that there is not.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { repr } from "./text_form.ts";
import { Undefined, type Value } from "./value.ts";

/** The error for an unknown filter or test. */
export function unknown(kind: "filter" | "test", name: Value, ending: string): TemplateError {
  const hint = name instanceof Undefined ? ` (${name.message()}; did you forget to quote the callable name?)` : "";
  return new TemplateError("TemplateRuntimeError", `No ${kind} named ${repr(name)}${ending}.${hint}`);
}
