/**
 * The variables of a part of a template, and their initial values. Jinja decides this before rendering: a name that is
 * set anywhere in a part is a variable of that part from its first line on.
 *
 * @module
 */
import type { Expression, For, Macro, Statement, Target } from "./nodes.ts";
import { visitExpression, visitTarget } from "./walk.ts";
import type { Frame, Load } from "./frame.ts";

/** The variables of a part while they are being found. */
export class Symbols {
  #loads = new Map<string, Load>();
  #stores = new Set<string>();

  constructor(readonly parent?: Symbols) {}

  /** The variables with their initial values. */
  get frame(): Frame {
    return this.#loads;
  }
  /** Whether a name is a variable here or in an enclosing scope. */
  has(name: string): boolean {
    return this.#loads.has(name) || (this.parent?.has(name) ?? false);
  }
  /** A name is a parameter of the part. */
  parameter(name: string): void {
    this.#stores.add(name);
    this.#loads.set(name, "parameter");
  }
  /** A name is set. */
  store(name: string): void {
    this.#stores.add(name);
    if (!this.#loads.has(name)) this.#loads.set(name, this.parent?.has(name) ? "alias" : "undefined");
  }
  /** A name is read. */
  load(name: string): void {
    if (!this.has(name)) this.#loads.set(name, "resolve");
  }

  /** An expression is evaluated. */
  expression(expression: Expression | null | undefined): void {
    visitExpression(expression, { load: (name) => this.load(name) });
  }
  /** Something is assigned to. */
  target(target: Target): void {
    if (target.kind === "member") this.load(target.name);
    if (target.kind === "name") this.store(target.name);
    if (target.kind === "tuple") { for (const item of target.items) this.target(item); }
  }

  /** Statements are executed. Nested scopes are skipped, except for variables set outside them. */
  statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case "print":
        return statement.values.forEach((value) => this.expression(value));
      case "if":
        return this.#branches(statement.branches, statement.otherwise);
      case "for":
        return this.expression(statement.iterable);
      case "set":
        this.expression(statement.value);
        return this.target(statement.target);
      case "setBlock":
        return this.target(statement.target);
      case "with":
        return statement.values.forEach((value) => this.expression(value));
      case "macro":
        return this.store(statement.name!);
      case "callBlock":
        return this.expression(statement.call);
      case "filterBlock":
        return this.expression(statement.filter);
      case "loader":
        statement.values.forEach((value) => this.expression(value));
        return statement.names.forEach((name) => this.store(name));
    }
  }

  /** `elif` counts as an `if` within the branch before `else`. */
  #branches([first, ...others]: { test: Expression; body: Statement[] }[], otherwise: readonly Statement[]): void {
    this.expression(first.test);
    const branches = [
      this.#branch((symbols) => symbols.statements(first.body)),
      this.#branch((symbols) => others.forEach((other) => symbols.#branches([other], []))),
      this.#branch((symbols) => symbols.statements(otherwise)),
    ];
    const stored = new Set(branches.flatMap((branch) => [...branch.#stores])).difference(this.#stores);
    for (const branch of branches) {
      for (const [name, load] of branch.#loads) this.#loads.set(name, load);
      for (const name of branch.#stores) this.#stores.add(name);
    }
    for (const name of stored) this.#loads.set(name, this.parent?.has(name) ? "alias" : "resolve");
  }

  #branch(fill: (symbols: Symbols) => void): Symbols {
    const copy = new Symbols(this.parent);
    copy.#loads = new Map(this.#loads);
    copy.#stores = new Set(this.#stores);
    fill(copy);
    return copy;
  }
}

/** The variables of a loop's body. */
export function loopSymbols(node: For, parent: Symbols): Symbols {
  const symbols = new Symbols(parent);
  if (node.hasLoop) symbols.parameter("loop");
  visitTarget(node.target, { store: (name) => symbols.parameter(name) });
  symbols.statements(node.body);
  return symbols;
}

/** The variables of a loop's condition. */
export function testSymbols(node: For, parent: Symbols): Symbols {
  const symbols = new Symbols(parent);
  visitTarget(node.target, { store: (name) => symbols.parameter(name) });
  symbols.expression(node.test);
  return symbols;
}

/** The variables of a macro. */
export function macroSymbols({ parameters, body, uses }: Macro, parent: Symbols): Symbols {
  const symbols = new Symbols(parent);
  parameters.names.forEach((name) => symbols.parameter(name));
  parameters.defaults.forEach((value) => symbols.expression(value));
  symbols.statements(body);
  for (const name of ["caller", "kwargs", "varargs"] as const) if (uses![name]) symbols.parameter(name);
  return symbols;
}
