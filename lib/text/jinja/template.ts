/**
 * Jinja templates, rendered as by Python's Jinja2 3.1 in transformers' environment for chat templates: a sandbox in
 * which only namespaces can be modified, `trim_blocks` and `lstrip_blocks`, `break` and `continue`, the tag
 * `generation`, and `tojson` as `json.dumps`.
 *
 * @module
 */
import { analyze } from "./analyze.ts";
import { LimitError, TemplateError } from "./errors.ts";
import { execute } from "./execute.ts";
import { globals } from "./globals.ts";
import { Output } from "./output.ts";
import { parse } from "./parser.ts";
import { Rendering } from "./rendering.ts";
import { Context, Scope } from "./scope.ts";
import { SelfReference } from "./template_blocks.ts";
import type { Value } from "./value.ts";

/** Options for rendering. */
export interface TemplateOptions {
  /** The time that `strftime_now` formats; without it the function is not defined. */
  now?: Date;
}

/** A template that can be rendered. */
export type CompiledTemplate = (variables: ReadonlyMap<string, Value>, options?: TemplateOptions) => string;

/**
 * Parses a template.
 *
 * @param source Its source.
 * @returns The template.
 * @throws {TemplateError} If it is not valid Jinja, with Python's message.
 * @throws {UnsupportedError | LimitError} If it is too large, or uses an unsupported feature.
 */
export function compile(source: string): CompiledTemplate {
  const program = guarded(() => analyze(parse(source)));
  return (variables, { now } = {}) => {
    const rendering = new Rendering(now);
    const context = new Context(new Map([...globals(now !== undefined), ...variables]));
    const scope = new Scope(context, undefined, true);
    const output = new Output(rendering.meter);
    const stage = { scope, rendering, output, template: program };
    scope.enter(program.frame, new Map([["self", new SelfReference(stage)]]));
    guarded(() => execute(program.body, stage));
    return output.join();
  };
}

/** Exhausting JavaScript's stack or string length is reported like other errors. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (/call stack/.test(error.message)) throw new TemplateError("RecursionError", "maximum recursion depth exceeded");
    throw new LimitError(error.message);
  }
}
