/**
 * The syntax tree of a template.
 *
 * @module
 */
import type { Order } from "./compare.ts";
import type { Operator } from "./operators.ts";
import type { Frame } from "./frame.ts";

/** An expression. */
export type Expression =
  & { line: number }
  & (
    | { kind: "constant"; value: null | boolean | bigint | number | string }
    | { kind: "name"; name: string }
    | { kind: "tuple" | "list"; items: Expression[] }
    | { kind: "dict"; pairs: [Expression, Expression][] }
    | { kind: "binary"; operator: Operator; left: Expression; right: Expression }
    | { kind: "and" | "or"; left: Expression; right: Expression }
    | { kind: "not"; value: Expression }
    | { kind: "signed"; sign: "+" | "-"; value: Expression }
    | { kind: "concat"; parts: Expression[] }
    | { kind: "compare"; first: Expression; rest: { operator: Comparison; value: Expression }[] }
    | { kind: "attribute"; object: Expression; name: string }
    | { kind: "item"; object: Expression; key: Expression }
    | { kind: "slice"; object: Expression; start?: Expression; stop?: Expression; step?: Expression }
    | { kind: "call"; callee: Expression; args: CallArguments }
    | { kind: "filter"; value: Expression | null; name: string; args: CallArguments }
    | { kind: "test"; value: Expression; name: string; args: CallArguments }
    | { kind: "condition"; test: Expression; then: Expression; otherwise?: Expression }
  );

/** The operators of comparisons. */
export type Comparison = Order | "==" | "!=" | "in" | "not in";

/** The arguments of a call. */
export interface CallArguments {
  positional: Expression[];
  named: [name: string, value: Expression][];
  /** The argument after `*`. */
  spread?: Expression;
  /** The argument after `**`. */
  spreadNamed?: Expression;
}

/** An assignment target. */
export type Target =
  & { line: number }
  & (
    | { kind: "name"; name: string }
    | { kind: "member"; name: string; attribute: string }
    | { kind: "tuple"; items: Target[] }
  );

/** The parameters of a macro or a call block. */
export interface Parameters {
  names: string[];
  /** The defaults of the last of them. */
  defaults: Expression[];
}

/** A part of a template with its own variables. They are listed in its frame, which is determined after parsing. */
interface Framed {
  body: Statement[];
  frame?: Frame;
}

/** A loop. */
export type For = {
  kind: "for";
  line: number;
  target: Target;
  iterable: Expression;
  test?: Expression;
  otherwise: Statement[];
  isRecursive: boolean;
  testFrame?: Frame;
  elseFrame?: Frame;
  /** Whether `loop` is available. */
  hasLoop?: boolean;
} & Framed;

/** A macro, or the body of a call block, which is an anonymous macro. */
export type Macro = {
  kind: "macro";
  line: number;
  name: string | null;
  parameters: Parameters;
  /** Which of the special variables it uses. */
  uses?: { caller: boolean; kwargs: boolean; varargs: boolean };
} & Framed;

/** A statement. */
export type Statement =
  & { line: number }
  & (
    | { kind: "text"; text: string }
    | { kind: "print"; values: Expression[] }
    | { kind: "if"; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
    | For
    | { kind: "set"; target: Target; value: Expression }
    | { kind: "setBlock"; target: Target; filter: Expression | null } & Framed
    | { kind: "with"; targets: Target[]; values: Expression[] } & Framed
    | Macro
    | { kind: "callBlock"; call: Expression; macro: Macro }
    | { kind: "generation"; macro: Macro }
    | { kind: "filterBlock"; filter: Expression } & Framed
    | { kind: "block"; name: string; isScoped: boolean; isRequired: boolean } & Framed
    | { kind: "autoescape"; value: Expression } & Framed
    | { kind: "loader"; tag: string; values: Expression[]; names: string[] }
    | { kind: "break" | "continue" }
  );
