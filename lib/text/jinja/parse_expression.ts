/**
 * Parses expressions by Jinja's grammar.
 *
 * @module
 */
import { LimitError } from "./errors.ts";
import { MAX_NESTING } from "./limits.ts";
import type { Comparison, Expression } from "./nodes.ts";
import type { Operator } from "./operators.ts";
import { parseFiltered, parsePostfix } from "./parse_postfix.ts";
import { quoted } from "./text_form.ts";
import type { TokenStream } from "./token_stream.ts";
import { describe } from "./tokens.ts";

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  lteq: "<=",
  gt: ">",
  gteq: ">=",
};
const SUMS: Readonly<Record<string, Operator>> = { add: "+", sub: "-" };
const PRODUCTS: Readonly<Record<string, Operator>> = { mul: "*", div: "/", floordiv: "//", mod: "%" };
const CONSTANTS: ReadonlyMap<unknown, null | boolean> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** An expression, with or without `… if …`. */
export function parseExpression(stream: TokenStream, hasCondition: boolean = true): Expression {
  return stream.nested(() => hasCondition ? condition(stream) : or(stream));
}

/** Parses a chain. Chains nest one expression in another, so their length is limited. */
export function chain(
  stream: TokenStream,
  first: Expression,
  grow: (left: Expression) => Expression | undefined,
): Expression {
  let left = first;
  for (let length = 0;; length++) {
    if (length > 2 * MAX_NESTING) {
      throw new LimitError(`an expression may chain ${2 * MAX_NESTING}, line ${stream.current.line} chains more`);
    }
    const grown = grow(left);
    if (!grown) return left;
    left = grown;
  }
}

function condition(stream: TokenStream): Expression {
  const { line } = stream.current;
  return chain(stream, or(stream), (then) => {
    if (!stream.skip("name:if")) return undefined;
    const test = or(stream);
    const otherwise = stream.skip("name:else") ? stream.nested(() => condition(stream)) : undefined;
    return { kind: "condition", test, then, otherwise, line };
  });
}

const or = (stream: TokenStream): Expression => logical(stream, "or", and);
const and = (stream: TokenStream): Expression => logical(stream, "and", not);

function logical(stream: TokenStream, kind: "and" | "or", part: (stream: TokenStream) => Expression): Expression {
  const { line } = stream.current;
  return chain(
    stream,
    part(stream),
    (left) => stream.skip(`name:${kind}`) ? { kind, left, right: part(stream), line } : undefined,
  );
}

function not(stream: TokenStream): Expression {
  const { line } = stream.current;
  if (!stream.skip("name:not")) return compare(stream);
  return { kind: "not", value: stream.nested(() => not(stream)), line };
}

function compare(stream: TokenStream): Expression {
  const { line } = stream.current;
  const first = sum(stream);
  const rest: { operator: Comparison; value: Expression }[] = [];
  for (;;) {
    const sign = COMPARISONS[stream.current.type];
    if (sign) {
      stream.next();
      rest.push({ operator: sign, value: sum(stream) });
    } else if (stream.skip("name:in")) rest.push({ operator: "in", value: sum(stream) });
    else if (stream.is("name:not") && stream.isFollowedBy("name:in")) {
      stream.next();
      stream.next();
      rest.push({ operator: "not in", value: sum(stream) });
    } else return rest.length > 0 ? { kind: "compare", first, rest, line } : first;
  }
}

function arithmetic(
  stream: TokenStream,
  operators: Readonly<Record<string, Operator>>,
  part: (stream: TokenStream) => Expression,
): Expression {
  const { line } = stream.current;
  return chain(stream, part(stream), (left) => {
    const operator = operators[stream.current.type];
    if (!operator) return undefined;
    stream.next();
    return { kind: "binary", operator, left, right: part(stream), line };
  });
}

const sum = (stream: TokenStream): Expression => arithmetic(stream, SUMS, concat);
const product = (stream: TokenStream): Expression => arithmetic(stream, PRODUCTS, power);
const power = (stream: TokenStream): Expression => arithmetic(stream, { pow: "**" }, (stream) => unary(stream));

function concat(stream: TokenStream): Expression {
  const { line } = stream.current;
  const parts = [product(stream)];
  while (stream.skip("tilde")) parts.push(product(stream));
  return parts.length === 1 ? parts[0] : { kind: "concat", parts, line };
}

function unary(stream: TokenStream, hasFilters: boolean = true): Expression {
  const { line, type } = stream.current;
  let node: Expression;
  if (type === "sub" || type === "add") {
    stream.next();
    const value = stream.nested(() => unary(stream, false));
    node = { kind: "signed", sign: type === "sub" ? "-" : "+", value, line };
  } else node = parsePrimary(stream);
  node = parsePostfix(stream, node);
  return hasFilters ? parseFiltered(stream, node) : node;
}

/** A name, a constant, or something in brackets. */
export function parsePrimary(stream: TokenStream): Expression {
  const { type, value, line } = stream.current;
  if (type === "name") {
    stream.next();
    const constant = CONSTANTS.get(value);
    return constant === undefined
      ? { kind: "name", name: String(value), line }
      : { kind: "constant", value: constant, line };
  }
  if (type === "string") {
    let text = "";
    while (stream.is("string")) text += stream.next().value;
    return { kind: "constant", value: text, line };
  }
  if (type === "integer" || type === "float") {
    stream.next();
    return { kind: "constant", value, line };
  }
  if (type === "lparen") {
    stream.next();
    const inner = parseTuple(stream, { isInParentheses: true });
    stream.expect("rparen");
    return inner;
  }
  if (type === "lbracket") {
    return { kind: "list", items: series(stream, "lbracket", "rbracket", parseExpression), line };
  }
  if (type === "lbrace") {
    const pairs = series(stream, "lbrace", "rbrace", (stream): [Expression, Expression] => {
      const key = parseExpression(stream);
      stream.expect("colon");
      return [key, parseExpression(stream)];
    });
    return { kind: "dict", pairs, line };
  }
  stream.fail(`unexpected ${quoted(describe(stream.current))}`, line);
}

function series<T>(stream: TokenStream, open: string, close: string, part: (stream: TokenStream) => T): T[] {
  stream.expect(open);
  const parts: T[] = [];
  while (!stream.is(close)) {
    if (parts.length > 0) stream.expect("comma");
    if (stream.is(close)) break;
    parts.push(part(stream));
  }
  stream.expect(close);
  return parts;
}

/** Options for {@linkcode parseTuple}. */
export interface ParseTupleOptions {
  hasCondition?: boolean;
  isInParentheses?: boolean;
}

/** Expressions with commas between them, or one alone. */
export function parseTuple(stream: TokenStream, options: ParseTupleOptions = {}): Expression {
  const { hasCondition = true, isInParentheses = false } = options;
  const { line } = stream.current;
  const { items, hasComma: isTuple } = stream.listed(() => parseExpression(stream, hasCondition));
  if (!isTuple && items.length > 0) return items[0];
  if (!isTuple && !isInParentheses) stream.fail(`Expected an expression, got ${quoted(describe(stream.current))}`);
  return { kind: "tuple", items, line };
}
