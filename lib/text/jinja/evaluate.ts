/**
 * Evaluates expressions.
 *
 * @module
 */
import { attribute, item } from "./attributes.ts";
import { contains, equals, ordered } from "./compare.ts";
import { typeError } from "./errors.ts";
import { checkText, type Meter } from "./limits.ts";
import type { CallArguments, Comparison, Expression } from "./nodes.ts";
import { operate, signed } from "./operators.ts";
import { checkDefined, each, isIterable, truth } from "./protocol.ts";
import type { Rendering } from "./rendering.ts";
import type { Scope } from "./scope.ts";
import { sliceOf } from "./slices.ts";
import { quoted, text } from "./text_form.ts";
import { type Arguments, Dict, Instance, itemsIn, textIn, Tuple, typeName, Undefined, type Value } from "./value.ts";

/** The context of an expression. */
export interface Surroundings {
  scope: Scope;
  rendering: Rendering;
  /** The input of a filter without a value: the text of its block. */
  body?: string;
}

/** Evaluates an expression. */
export function evaluate(node: Expression, around: Surroundings): Value {
  const value = valueOf(node, around);
  around.rendering.meter.charge(textIn(value)?.length ?? itemsIn(value)?.length ?? 0);
  return value;
}

function valueOf(node: Expression, around: Surroundings): Value {
  const of = (part: Expression): Value => evaluate(part, around);
  switch (node.kind) {
    case "constant":
      return node.value;
    case "name":
      return around.scope.get(node.name);
    case "tuple":
      return new Tuple(node.items.map(of));
    case "list":
      return node.items.map(of);
    case "dict":
      return new Dict(node.pairs.map(([key, value]) => [of(key), of(value)]));
    case "binary":
      return operate(node.operator, of(node.left), of(node.right));
    case "and":
    case "or": {
      const left = of(node.left);
      return truth(left) === (node.kind === "and") ? of(node.right) : left;
    }
    case "not":
      return !truth(of(node.value));
    case "signed":
      return signed(node.sign, of(node.value));
    case "concat": {
      const parts = node.parts.map((part) => text(of(part)));
      checkText(parts.reduce((sum, part) => sum + part.length, 0));
      return parts.join("");
    }
    case "compare":
      return compared(node, of, around.rendering.meter);
    case "attribute":
      return attribute(of(node.object), node.name);
    case "item":
      return item(of(node.object), of(node.key));
    case "slice": {
      const object = of(node.object);
      const [start, stop, step] = [node.start, node.stop, node.step].map((part) => part ? of(part) : null);
      return sliceOf(object, { start, stop, step });
    }
    case "call": {
      const callee = of(node.callee);
      return call(callee, argumentsOf(node.args, around), around.rendering);
    }
    case "filter": {
      const value = node.value ? of(node.value) : around.body!;
      return around.rendering.filter(node.name, value, argumentsOf(node.args, around), " found");
    }
    case "test":
      return around.rendering.test(node.name, of(node.value), argumentsOf(node.args, around), " found");
    case "condition": {
      if (truth(of(node.test))) return of(node.then);
      if (node.otherwise) return of(node.otherwise);
      return new Undefined(() =>
        `the inline if-expression on line ${node.line} evaluated to false and no else section was defined.`
      );
    }
  }
}

/** A chain of comparisons holds if each does; it ends with the first that does not. */
function compared(
  node: Extract<Expression, { kind: "compare" }>,
  of: (part: Expression) => Value,
  meter: Meter,
): boolean {
  let left = of(node.first);
  for (const { operator, value } of node.rest) {
    const right = of(value);
    if (!holds(operator, [left, right], meter)) return false;
    left = right;
  }
  return true;
}

function holds(operator: Comparison, [left, right]: [Value, Value], meter: Meter): boolean {
  switch (operator) {
    case "==":
      return equals(left, right, meter);
    case "!=":
      return !equals(left, right, meter);
    case "in":
      return contains(right, left, meter);
    case "not in":
      return !contains(right, left, meter);
    default:
      return ordered(left, right, operator, meter);
  }
}

/** Calls a value. */
export function call(callee: Value, args: Arguments, rendering: Rendering): Value {
  checkDefined(callee);
  if (!(callee instanceof Instance) || !callee.call) throw typeError(`'${typeName(callee)}' object is not callable`);
  return callee.call(args, rendering);
}

/** Python's name of the function that makes calls in the sandbox. */
const CALL = "jinja2.sandbox.SandboxedEnvironment.call()";

/** Evaluates the arguments of a call. */
export function argumentsOf(node: CallArguments, around: Surroundings): Arguments {
  const positional = node.positional.map((part) => evaluate(part, around));
  const named = new Map(node.named.map(([name, value]) => [name, evaluate(value, around)]));
  if (node.spread) {
    const more = evaluate(node.spread, around);
    if (!isIterable(more)) throw typeError(`Value after * must be an iterable, not ${typeName(more)}`);
    positional.push(...each(more));
  }
  if (node.spreadNamed) {
    const more = evaluate(node.spreadNamed, around);
    if (!(more instanceof Dict)) throw typeError(`${CALL} argument after ** must be a mapping, not ${typeName(more)}`);
    for (const [key, value] of more.entries()) {
      const name = textIn(key);
      if (name === undefined) throw typeError("keywords must be strings");
      if (named.has(name)) throw typeError(`${CALL} got multiple values for keyword argument ${quoted(name)}`);
      named.set(name, value);
    }
  }
  return { positional, named };
}
