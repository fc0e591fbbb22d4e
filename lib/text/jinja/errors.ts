/**
 * What can go wrong with a template.
 *
 * @module
 */

/** The names of Python's errors that a template can meet, Jinja's own among them. */
export type ErrorKind =
  | "AssertionError"
  | "AttributeError"
  | "FilterArgumentError"
  | "IndexError"
  | "KeyError"
  | "OverflowError"
  | "RecursionError"
  | "RuntimeError"
  | "SecurityError"
  | "SyntaxError"
  | "TemplateAssertionError"
  | "TemplateError"
  | "TemplateRuntimeError"
  | "TemplateSyntaxError"
  | "TypeError"
  | "UndefinedError"
  | "ValueError"
  | "ZeroDivisionError";

/** An error that Python's Jinja raises as well, under the same name and in the same words. */
export class TemplateError extends Error {
  /** The line of the template, from 1, where it is known. */
  line?: number;

  constructor(readonly kind: ErrorKind, message: string, line?: number) {
    super(message);
    this.name = kind;
    this.line = line;
  }
}

/** A construct that Python's Jinja knows and this one does not; the message names it. */
export class UnsupportedError extends Error {
  /** The line of the template, from 1, where it is known. */
  line?: number;

  constructor(construct: string) {
    super(`${construct} is not supported here`);
    this.name = "UnsupportedError";
  }
}

/** A template that asks for more work, text or items than is good for it. */
export class LimitError extends Error {
  /** The line of the template, from 1, where it is known. */
  line?: number;

  constructor(message: string) {
    super(message);
    this.name = "LimitError";
  }
}

/** Makes a `TypeError` of Python. */
export const typeError = (message: string): TemplateError => new TemplateError("TypeError", message);

/** Makes a `ValueError` of Python. */
export const valueError = (message: string): TemplateError => new TemplateError("ValueError", message);

/** Whether an error is one of these kinds of Python's. */
export function isError(error: unknown, ...kinds: ErrorKind[]): error is TemplateError {
  return error instanceof TemplateError && kinds.includes(error.kind);
}
