/**
 * Expressions out of tokens, by Jinja's grammar.
 *
 * @module
 */
import { LimitError, TemplateError } from "./errors.ts";
import { MAX_NESTING } from "./limits.ts";
import type { CallArguments, Comparison, Expression } from "./nodes.ts";
import type { Operator } from "./operators.ts";
import { parseArguments } from "./parse_arguments.ts";
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

/** Chains grow one expression around another: they may not grow without end. */
function chain(stream: TokenStream, first: Expression, grow: (left: Expression) => Expression | undefined): Expression {
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
  return hasFilters ? filtered(stream, node) : node;
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
  const items: Expression[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) stream.expect("comma");
    if (stream.is("variable_end", "block_end", "rparen")) break;
    items.push(parseExpression(stream, hasCondition));
    if (!stream.is("comma")) break;
    isTuple = true;
  }
  if (!isTuple && items.length > 0) return items[0];
  if (!isTuple && !isInParentheses) stream.fail(`Expected an expression, got ${quoted(describe(stream.current))}`);
  return { kind: "tuple", items, line };
}

/** What follows a value: `.name`, `[key]`, `(arguments)`. */
export function parsePostfix(stream: TokenStream, node: Expression): Expression {
  return chain(stream, node, (object) => {
    if (stream.is("dot", "lbracket")) return subscript(stream, object);
    return stream.is("lparen") ? call(stream, object) : undefined;
  });
}

const call = (stream: TokenStream, callee: Expression): Expression => {
  const { line } = stream.current;
  return { kind: "call", callee, args: parseArguments(stream), line };
};

function filtered(stream: TokenStream, node: Expression): Expression {
  return chain(stream, node, (value) => {
    if (stream.skip("pipe")) return oneFilter(stream, value);
    if (stream.is("name:is")) return test(stream, value);
    return stream.is("lparen") ? call(stream, value) : undefined;
  });
}

/** Filters one behind the other, as a block has them; the first without its bar, where it follows the block's name. */
export function parseFilter(stream: TokenStream, isBare: boolean): Expression | null {
  const first = isBare ? oneFilter(stream, null) : stream.skip("pipe") ? oneFilter(stream, null) : null;
  return first && chain(stream, first, (value) => stream.skip("pipe") ? oneFilter(stream, value) : undefined);
}

/** `name(arguments)`, behind a bar. */
function oneFilter(stream: TokenStream, value: Expression | null): Expression {
  const { line } = stream.current;
  const name = dottedName(stream);
  return { kind: "filter", value, name, args: stream.is("lparen") ? parseArguments(stream) : none(), line };
}

const none = (): CallArguments => ({ positional: [], named: [] });

function dottedName(stream: TokenStream): string {
  let name = String(stream.expect("name").value);
  while (stream.skip("dot")) name += `.${stream.expect("name").value}`;
  return name;
}

const STARTS = ["name", "string", "integer", "float", "lparen", "lbracket", "lbrace"];

function test(stream: TokenStream, value: Expression): Expression {
  const { line } = stream.next();
  const isNegated = stream.skip("name:not");
  const name = dottedName(stream);
  let args = none();
  if (stream.is("lparen")) args = parseArguments(stream);
  else if (stream.is(...STARTS) && !stream.is("name:else", "name:or", "name:and")) {
    if (stream.is("name:is")) stream.fail("You cannot chain multiple tests with is");
    args = { positional: [parsePostfix(stream, parsePrimary(stream))], named: [] };
  }
  const node: Expression = { kind: "test", value, name, args, line };
  return isNegated ? { kind: "not", value: node, line } : node;
}

function subscript(stream: TokenStream, object: Expression): Expression {
  const { type, line } = stream.next();
  if (type === "dot") {
    const name = stream.next();
    if (name.type === "name") return { kind: "attribute", object, name: String(name.value), line };
    if (name.type !== "integer") stream.fail("expected name or number", name.line);
    return { kind: "item", object, key: { kind: "constant", value: name.value as bigint, line }, line };
  }
  const keys: Expression[] = [];
  while (!stream.is("rbracket")) {
    if (keys.length > 0) stream.expect("comma");
    keys.push(keyOrSlice(stream, object));
  }
  stream.expect("rbracket");
  if (keys.length === 1) {
    return keys[0].kind === "slice" && keys[0].object === object
      ? keys[0]
      : { kind: "item", object, key: keys[0], line };
  }
  const slice = keys.find((key) => key.kind === "slice" && key.object === object);
  if (slice) throw new TemplateError("SyntaxError", "invalid syntax", slice.line);
  return { kind: "item", object, key: { kind: "tuple", items: keys, line }, line };
}

/** What stands in brackets; a slice is one of the object. */
function keyOrSlice(stream: TokenStream, object: Expression): Expression {
  const { line } = stream.current;
  const start = stream.is("colon") ? undefined : parseExpression(stream);
  if (start && !stream.is("colon")) return start;
  stream.next();
  const part = () => stream.is("colon", "rbracket", "comma") ? undefined : parseExpression(stream);
  const stop = part();
  const step = stream.skip("colon") ? part() : undefined;
  return { kind: "slice", object, start, stop, step, line };
}
