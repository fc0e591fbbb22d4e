/**
 * Parses the target of an assignment, or of a loop.
 *
 * @module
 */
import type { Target } from "./nodes.ts";
import { parsePrimary } from "./parse_expression.ts";
import { quoted } from "./text_form.ts";
import type { TokenStream } from "./token_stream.ts";
import { describe } from "./tokens.ts";

/** Options for {@linkcode parseTarget}. */
export interface ParseTargetOptions {
  /** Whether `name.attribute` is allowed. */
  hasMembers?: boolean;
}

/** A name, or several separated by commas. */
export function parseTarget(stream: TokenStream, options: ParseTargetOptions = {}): Target {
  const { line } = stream.current;
  const { items, hasComma: isTuple } = stream.listed(() => part(stream, options));
  if (!isTuple && items.length === 0) stream.fail(`Expected an expression, got ${quoted(describe(stream.current))}`);
  return isTuple ? { kind: "tuple", items, line } : items[0];
}

function part(stream: TokenStream, options: ParseTargetOptions): Target {
  const { line } = stream.current;
  if (stream.is("lparen")) {
    stream.next();
    const inner = stream.is("rparen")
      ? { kind: "tuple" as const, items: [], line }
      : stream.nested(() => parseTarget(stream, { hasMembers: false }));
    stream.expect("rparen");
    return inner;
  }
  if (options.hasMembers && stream.is("name") && stream.isFollowedBy("dot")) {
    const name = String(stream.next().value);
    stream.next();
    return { kind: "member", name, attribute: String(stream.expect("name").value), line };
  }
  const node = parsePrimary(stream);
  if (node.kind !== "name") {
    const word = { constant: "const" }[node.kind as string] ?? node.kind;
    stream.fail(`can't assign to ${quoted(word)}`, line);
  }
  return { kind: "name", name: node.name, line };
}
