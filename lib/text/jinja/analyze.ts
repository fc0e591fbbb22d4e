/**
 * Jinja's static analysis of a template: the variables of each part, and errors.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { FILTERS } from "./filters.ts";
import type { Expression, For, Macro, Statement } from "./nodes.ts";
import { loopSymbols, macroSymbols, Symbols, testSymbols } from "./symbols.ts";
import type { Frame } from "./frame.ts";
import { TESTS } from "./tests.ts";
import { quoted } from "./text_form.ts";
import { partsOf, visitStatements, visitTarget } from "./walk.ts";

/** A template that can be rendered. */
export interface Program {
  body: Statement[];
  frame: Frame;
  /** The blocks by name. */
  blocks: ReadonlyMap<string, Extract<Statement, { kind: "block" }>>;
}

/** The context of a node. */
interface Place {
  symbols: Symbols;
  /** Whether it is inside an `if`, where an unknown filter is an error only if it is used. */
  isSoft: boolean;
  /** Whether it is inside a loop that `break` can end. */
  isInLoop: boolean;
}

/**
 * Finds the variables of each part and records them in the tree.
 *
 * @throws {TemplateError} If there is an error, with Python's message.
 */
export function analyze(body: Statement[]): Program {
  const blocks = new Map<string, Extract<Statement, { kind: "block" }>>();
  visitStatements(body, {
    statement: (statement) => {
      if (statement.kind !== "block") return;
      if (blocks.has(statement.name)) fail(`block ${quoted(statement.name)} defined twice`, statement.line);
      blocks.set(statement.name, statement);
    },
  });
  const frame = root(body, ["self"]);
  for (const block of blocks.values()) block.frame = root(block.body, ["self", "super"]);
  return { body, frame, blocks };
}

/** A part with nothing around it. */
function root(body: Statement[], special: string[]): Frame {
  const symbols = new Symbols();
  for (const name of special) if (undeclared(body, [name]).has(name)) symbols.parameter(name);
  symbols.statements(body);
  check(body, { symbols, isSoft: false, isInLoop: false });
  return symbols.frame;
}

function fail(message: string, line: number): never {
  throw new TemplateError("TemplateAssertionError", message, line);
}

/** Which of these names are read in statements before they are set there. */
function undeclared(statements: readonly Statement[], names: string[]): Set<string> {
  const open = new Set(names);
  const found = new Set<string>();
  visitStatements(statements, {
    load: (name) => void (open.has(name) && found.add(name)),
    store: (name) => void (found.has(name) || open.delete(name)),
    statement: (statement) => statement.kind !== "block",
  });
  return found;
}

function check(statements: readonly Statement[], place: Place): void {
  for (const statement of statements) checkStatement(statement, place);
}

function checkStatement(statement: Statement, place: Place): void {
  const inner = (statements: Statement[], fill: (symbols: Symbols) => void, filter?: Expression | null): Frame => {
    const symbols = new Symbols(place.symbols);
    fill(symbols);
    const within = { ...place, symbols, isSoft: false };
    check(statements, within);
    checkExpression(filter, within);
    return symbols.frame;
  };
  const expressions = (...all: Expression[]) => all.forEach((one) => checkExpression(one, place));
  switch (statement.kind) {
    case "print":
    case "loader":
      return expressions(...statement.values);
    case "if":
      for (const { test, body } of statement.branches) {
        checkExpression(test, { ...place, isSoft: true });
        check(body, { ...place, isSoft: true });
      }
      return check(statement.otherwise, { ...place, isSoft: true });
    case "for":
      return checkFor(statement, place);
    case "set":
      return expressions(statement.value);
    case "setBlock":
      statement.frame = inner(statement.body, (symbols) => symbols.statements(statement.body), statement.filter);
      return;
    case "with":
      expressions(...statement.values);
      statement.frame = inner(statement.body, (symbols) => {
        statement.targets.forEach((target) => visitTarget(target, { store: (name) => symbols.parameter(name) }));
        symbols.statements(statement.body);
      });
      return;
    case "macro":
      return checkMacro(statement, place);
    case "callBlock":
      checkMacro(statement.macro, place);
      return expressions(statement.call);
    case "generation":
      return checkMacro(statement.macro, place);
    case "filterBlock":
      statement.frame = inner(statement.body, (symbols) => {
        symbols.statements(statement.body);
        symbols.expression(statement.filter);
      }, statement.filter);
      return;
    case "autoescape":
      statement.frame = inner(statement.body, (symbols) => {
        symbols.expression(statement.value);
        symbols.statements(statement.body);
      }, statement.value);
      return;
    case "break":
    case "continue":
      if (!place.isInLoop) {
        const message = statement.kind === "break" ? "'break' outside loop" : "'continue' not properly in loop";
        throw new TemplateError("SyntaxError", message, statement.line);
      }
  }
}

function checkFor(node: For, place: Place): void {
  const hasScopedBlock = { found: false };
  visitStatements([node], {
    store: (name, line) => {
      if (name === "loop") fail("Can't assign to special loop variable in for-loop target", line);
    },
    statement: (inner) => {
      if (inner.kind === "block" && inner.isScoped) hasScopedBlock.found = true;
    },
  });
  node.hasLoop = node.isRecursive || hasScopedBlock.found || undeclared(node.body, ["loop"]).has("loop");
  checkExpression(node.iterable, place);
  const symbols = loopSymbols(node, place.symbols);
  node.frame = symbols.frame;
  check(node.body, { symbols, isSoft: false, isInLoop: true });
  if (node.test) {
    const tested = testSymbols(node, place.symbols);
    node.testFrame = tested.frame;
    checkExpression(node.test, { symbols: tested, isSoft: false, isInLoop: false });
  }
  const otherwise = new Symbols(place.symbols);
  otherwise.statements(node.otherwise);
  node.elseFrame = otherwise.frame;
  const isInLoop = place.isInLoop && !node.isRecursive;
  check(node.otherwise, { symbols: otherwise, isSoft: false, isInLoop });
}

function checkMacro(node: Macro, place: Place): void {
  const found = undeclared(node.body, ["caller", "kwargs", "varargs"]);
  const { names, defaults } = node.parameters;
  const uses = (name: string) => found.has(name) && !names.includes(name);
  node.uses = { caller: uses("caller"), kwargs: uses("kwargs"), varargs: uses("varargs") };
  if (found.has("caller") && names.includes("caller") && names.indexOf("caller") < names.length - defaults.length) {
    fail(
      'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      node.line,
    );
  }
  const symbols = macroSymbols(node, place.symbols);
  node.frame = symbols.frame;
  const within = { symbols, isSoft: false, isInLoop: false };
  defaults.forEach((value) => checkExpression(value, within));
  check(node.body, within);
}

function checkExpression(expression: Expression | null | undefined, place: Place): void {
  if (!expression) return;
  if ((expression.kind === "filter" || expression.kind === "test") && !place.isSoft) {
    const table: ReadonlyMap<string, unknown> = expression.kind === "filter" ? FILTERS : TESTS;
    if (!table.has(expression.name)) fail(`No ${expression.kind} named ${quoted(expression.name)}.`, expression.line);
  }
  const within = expression.kind === "condition" ? { ...place, isSoft: true } : place;
  for (const part of partsOf(expression)) checkExpression(part, within);
}
