/**
 * Parses what can follow a value: attributes, items and slices, calls, filters, tests.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import type { CallArguments, Expression } from "./nodes.ts";
import { parseArguments } from "./parse_arguments.ts";
import { chain, parseExpression, parsePrimary } from "./parse_expression.ts";
import type { TokenStream } from "./token_stream.ts";

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

/** What follows a value and its postfixes: filters, tests, calls of their results. */
export function parseFiltered(stream: TokenStream, node: Expression): Expression {
  return chain(stream, node, (value) => {
    if (stream.skip("pipe")) return oneFilter(stream, value);
    if (stream.is("name:is")) return test(stream, value);
    return stream.is("lparen") ? call(stream, value) : undefined;
  });
}

/** A chain of filters, as in a filter block; the first has no bar. */
export function parseFilter(stream: TokenStream, isBare: boolean): Expression | null {
  const first = isBare ? oneFilter(stream, null) : stream.skip("pipe") ? oneFilter(stream, null) : null;
  return first && chain(stream, first, (value) => stream.skip("pipe") ? oneFilter(stream, value) : undefined);
}

/** `name(arguments)`, after a bar. */
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

/** The subscript in brackets; a slice is one of the object. */
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
