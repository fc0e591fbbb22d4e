/**
 * Named blocks of a template, and `self`, which can render them again.
 *
 * @module
 */
import type { Program } from "./analyze.ts";
import { TemplateError } from "./errors.ts";
import { execute, type Stage } from "./execute.ts";
import type { Statement } from "./nodes.ts";
import { Output } from "./output.ts";
import { type Context, Scope } from "./scope.ts";
import { quoted } from "./text_form.ts";
import { Callable, Instance, Undefined, type Value } from "./value.ts";

/** A template being rendered. */
export type Template = Program;

type Block = Extract<Statement, { kind: "block" }>;

/** Renders a block in place. */
export function renderBlock(block: Block, stage: Stage): string {
  if (block.isRequired) {
    throw new TemplateError("TemplateRuntimeError", `Required block ${quoted(block.name)} not found`);
  }
  const { context } = stage.scope;
  return renderIn(block, stage, block.isScoped ? context.derived(stage.scope.all()) : context);
}

/** A block sees the template's variables, but not those of enclosing scopes. */
function renderIn(block: Block, stage: Stage, context: Context): string {
  return stage.rendering.deeper(() => {
    const scope = new Scope(context);
    const output = new Output(stage.rendering.meter);
    const inner = { ...stage, scope, output };
    scope.enter(
      block.frame!,
      new Map<string, Value>([
        ["self", new SelfReference(inner)],
        ["super", new Undefined(() => `there is no parent block called ${quoted(block.name)}.`)],
      ]),
    );
    execute(block.body, inner);
    return output.join();
  });
}

/** The variable `self`. */
export class SelfReference extends Instance {
  override readonly type: string = "TemplateReference";
  override readonly module: string = "jinja2.runtime";
  readonly #stage: Stage;

  constructor(stage: Stage) {
    super();
    this.#stage = stage;
  }
  override attribute(name: string): Value | undefined {
    const block = this.#stage.template.blocks.get(name);
    return block && new Callable(() => renderIn(block, this.#stage, this.#stage.scope.context));
  }
  override repr(): string {
    return "<TemplateReference None>";
  }
}
