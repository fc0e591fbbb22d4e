/**
 * Executes statements.
 *
 * @module
 */
import { LimitError, TemplateError, UnsupportedError } from "./errors.ts";
import { argumentsOf, call, evaluate, type Surroundings } from "./evaluate.ts";
import { executeFor } from "./execute_for.ts";
import { MacroValue } from "./macro_value.ts";
import { assign } from "./assign.ts";
import type { Expression, Macro, Statement } from "./nodes.ts";
import { Output } from "./output.ts";
import { needText, truth } from "./protocol.ts";
import { renderBlock, type Template } from "./template_blocks.ts";
import { Scope } from "./scope.ts";
import type { Frame } from "./frame.ts";
import { text } from "./text_form.ts";
import { typeName, Undefined, type Value } from "./value.ts";

/** The context of statements. */
export interface Stage extends Surroundings {
  output: Output;
  template: Template;
}

/** How statements end: at their end, or in the middle of a loop. */
export type Ending = "break" | "continue" | undefined;

/** Executes statements in order. */
export function execute(statements: readonly Statement[], stage: Stage): Ending {
  for (const statement of statements) {
    try {
      const ending = carryOut(statement, stage);
      if (ending) return ending;
    } catch (error) {
      const isOurs = error instanceof TemplateError || error instanceof UnsupportedError || error instanceof LimitError;
      if (isOurs) error.line ??= statement.line;
      throw error;
    }
  }
  return undefined;
}

function carryOut(statement: Statement, stage: Stage): Ending {
  const { scope, output, rendering } = stage;
  rendering.meter.charge();
  switch (statement.kind) {
    case "text":
      return output.add(statement.text) as undefined;
    case "print":
      for (const value of statement.values) output.add(text(evaluate(value, stage)));
      return;
    case "if": {
      const found = statement.branches.find(({ test }) => truth(evaluate(test, stage)));
      return execute(found ? found.body : statement.otherwise, stage);
    }
    case "for":
      return executeFor(statement, stage);
    case "set":
      return assign(statement.target, () => evaluate(statement.value, stage), scope) as undefined;
    case "setBlock": {
      const inner = within(statement.frame!, stage);
      const ending = execute(statement.body, inner);
      if (ending) return ending;
      const value = filtered(statement.filter, inner);
      return assign(statement.target, () => value, scope) as undefined;
    }
    case "with": {
      const inner = within(statement.frame!, stage);
      statement.values.forEach((value, index) =>
        assign(statement.targets[index], () => evaluate(value, stage), inner.scope)
      );
      return execute(statement.body, { ...inner, output });
    }
    case "macro":
      return scope.set(statement.name!, macroValue(statement, stage)) as undefined;
    case "callBlock":
      return output.add(piece(callWith(statement, stage))) as undefined;
    case "generation":
      return output.add(
        text(macroValue(statement.macro, stage).call({ positional: [], named: new Map() })),
      ) as undefined;
    case "filterBlock": {
      const inner = within(statement.frame!, stage);
      const ending = execute(statement.body, inner);
      if (!ending) output.add(piece(filtered(statement.filter, inner)));
      return ending;
    }
    case "block":
      return output.add(renderBlock(statement, stage)) as undefined;
    case "autoescape": {
      const inner = { ...within(statement.frame!, stage), output };
      if (truth(evaluate(statement.value, inner))) throw new UnsupportedError("the tag autoescape");
      return execute(statement.body, inner);
    }
    case "loader":
      for (const value of statement.values) evaluate(value, stage);
      throw new TemplateError("TypeError", "no loader for this environment specified");
    default:
      return statement.kind;
  }
}

/** A scope with its own variables and output. */
function within(frame: Frame, stage: Stage): Stage {
  const scope = new Scope(stage.scope.context, stage.scope).enter(frame);
  return { ...stage, scope, output: new Output(stage.rendering.meter) };
}

/** A block's output, filtered if it has a filter. */
function filtered(filter: Expression | null, stage: Stage): Value {
  const body = stage.output.join();
  return filter ? evaluate(filter, { ...stage, body }) : body;
}

/** The result of a call or a filter block must be a string. */
const piece = (value: Value): string =>
  needText(value, () => `sequence item 0: expected str instance, ${typeName(value)} found`);

/** A macro as a callable value; it sees the variables of its scope. */
export function macroValue(node: Macro, stage: Stage): MacroValue {
  return new MacroValue(node, (parameters) =>
    stage.rendering.deeper(() => {
      const scope = new Scope(stage.scope.context, stage.scope).enter(node.frame!, parameters);
      const inner = { ...stage, scope, output: new Output(stage.rendering.meter) };
      const { names, defaults } = node.parameters;
      names.forEach((name, index) => {
        if (parameters.get(name) !== undefined) return;
        const fallback = defaults[index - (names.length - defaults.length)];
        const missing = new Undefined(() => `parameter '${name}' was not provided`);
        scope.set(name, fallback ? evaluate(fallback, inner) : missing);
      });
      execute(node.body, inner);
      return inner.output.join();
    }));
}

/** Executes a call block, with its body as `caller`. */
function callWith(statement: Extract<Statement, { kind: "callBlock" }>, stage: Stage): Value {
  const node = statement.call as Extract<Expression, { kind: "call" }>;
  const caller = macroValue(statement.macro, stage);
  const callee = evaluate(node.callee, stage);
  const { positional, named } = argumentsOf(node.args, stage);
  return call(callee, { positional, named: new Map([...named, ["caller", caller]]) }, stage.rendering);
}
