/**
 * Visits a parsed template, in the order of Jinja's own visitors.
 *
 * @module
 */
import type { CallArguments, Expression, Parameters, Statement, Target } from "./nodes.ts";

/** The visitor's callbacks. */
export interface Visitor {
  /** A name that is read. */
  load?(name: string, line: number): void;
  /** A name that is written, including parameters. */
  store?(name: string, line: number): void;
  /** Any expression, before its parts. */
  expression?(expression: Expression): void;
  /** Any statement, before its parts; `false` skips its parts. */
  statement?(statement: Statement): boolean | void;
}

/** The arguments of a call. */
export const argumentsIn = (args: CallArguments): Expression[] =>
  [...args.positional, ...args.named.map(([, value]) => value), args.spread, args.spreadNamed].filter((one) =>
    one !== undefined
  );

/** The direct parts of an expression. */
export function partsOf(expression: Expression): Expression[] {
  const parts = (...all: (Expression | null | undefined)[]) => all.filter((one) => one !== undefined && one !== null);
  switch (expression.kind) {
    case "tuple":
    case "list":
      return expression.items;
    case "dict":
      return expression.pairs.flat();
    case "binary":
    case "and":
    case "or":
      return [expression.left, expression.right];
    case "not":
    case "signed":
      return [expression.value];
    case "concat":
      return expression.parts;
    case "compare":
      return [expression.first, ...expression.rest.map(({ value }) => value)];
    case "attribute":
      return [expression.object];
    case "item":
      return [expression.object, expression.key];
    case "slice":
      return parts(expression.object, expression.start, expression.stop, expression.step);
    case "call":
      return [expression.callee, ...argumentsIn(expression.args)];
    case "filter":
    case "test":
      return parts(expression.value, ...argumentsIn(expression.args));
    case "condition":
      return parts(expression.test, expression.then, expression.otherwise);
    default:
      return [];
  }
}

/** Visits an expression. */
export function visitExpression(expression: Expression | null | undefined, visitor: Visitor): void {
  if (!expression) return;
  visitor.expression?.(expression);
  if (expression.kind === "name") visitor.load?.(expression.name, expression.line);
  for (const part of partsOf(expression)) visitExpression(part, visitor);
}

/** Visits the target of an assignment. */
export function visitTarget(target: Target, visitor: Visitor): void {
  if (target.kind === "name") visitor.store?.(target.name, target.line);
  if (target.kind === "tuple") { for (const item of target.items) visitTarget(item, visitor); }
}

function visitParameters({ names, defaults }: Parameters, line: number, visitor: Visitor): void {
  for (const name of names) visitor.store?.(name, line);
  for (const value of defaults) visitExpression(value, visitor);
}

/** Visits statements and everything in them. */
export function visitStatements(statements: readonly Statement[], visitor: Visitor): void {
  for (const statement of statements) {
    if (visitor.statement?.(statement) !== false) visitInside(statement, visitor);
  }
}

function visitInside(statement: Statement, visitor: Visitor): void {
  const expressions = (...all: (Expression | null | undefined)[]) => {
    for (const one of all) visitExpression(one, visitor);
  };
  switch (statement.kind) {
    case "print":
    case "loader":
      return expressions(...statement.values);
    case "if":
      for (const { test, body } of statement.branches) {
        expressions(test);
        visitStatements(body, visitor);
      }
      return visitStatements(statement.otherwise, visitor);
    case "for":
      visitTarget(statement.target, visitor);
      expressions(statement.iterable);
      visitStatements(statement.body, visitor);
      visitStatements(statement.otherwise, visitor);
      return expressions(statement.test);
    case "set":
      visitTarget(statement.target, visitor);
      return expressions(statement.value);
    case "setBlock":
      visitTarget(statement.target, visitor);
      expressions(statement.filter);
      return visitStatements(statement.body, visitor);
    case "with":
      for (const target of statement.targets) visitTarget(target, visitor);
      expressions(...statement.values);
      return visitStatements(statement.body, visitor);
    case "macro":
      visitParameters(statement.parameters, statement.line, visitor);
      return visitStatements(statement.body, visitor);
    case "callBlock":
      expressions(statement.call);
      return visitStatements([statement.macro], visitor);
    case "generation":
      return visitStatements([statement.macro], visitor);
    case "filterBlock":
      visitStatements(statement.body, visitor);
      return expressions(statement.filter);
    case "autoescape":
      expressions(statement.value);
      return visitStatements(statement.body, visitor);
    case "block":
      return visitStatements(statement.body, visitor);
  }
}
