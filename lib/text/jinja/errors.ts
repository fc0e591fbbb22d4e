/**
 * The errors of templates.
 *
 * @module
 */

/** The names of Python errors that a template can raise, including Jinja's. */
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

/** An error that Python's Jinja raises too, with the same name and message. */
export class TemplateError extends Error {
  /** The line of the template, from 1, if known. */
  line?: number;

  constructor(readonly kind: ErrorKind, message: string, line?: number) {
    super(message);
    this.name = kind;
    this.line = line;
  }
}

/** A construct of Python's Jinja that is not supported here; the message names it. */
export class UnsupportedError extends Error {
  /** The line of the template, from 1, if known. */
  line?: number;

  constructor(construct: string) {
    super(`${construct} is not supported here`);
    this.name = "UnsupportedError";
  }
}

/** A template that exceeds a limit of work, text or items. */
export class LimitError extends Error {
  /** The line of the template, from 1, if known. */
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

/** Whether an error is one of these Python errors. */
export function isError(error: unknown, ...kinds: ErrorKind[]): error is TemplateError {
  return error instanceof TemplateError && kinds.includes(error.kind);
}
