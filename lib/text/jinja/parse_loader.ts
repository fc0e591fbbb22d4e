/**
 * The tags that name other templates: `extends`, `include`, `import` and `from`.
 *
 * @module
 */
import type { Statement } from "./nodes.ts";
import { parseExpression } from "./parse_expression.ts";
import type { TokenStream } from "./token_stream.ts";

/** A tag that names another template. */
type LoaderTag = "extends" | "include" | "import" | "from";

/**
 * Parses the rest of such a tag.
 *
 * @param tag The tag.
 * @param options The tokens after it, and its line.
 * @throws {TemplateError} If it is not valid Jinja, with Python's message.
 */
export function parseLoader(tag: LoaderTag, { stream, line }: { stream: TokenStream; line: number }): Statement {
  const values = [parseExpression(stream)];
  const names: string[] = [];
  if (tag === "include" && stream.is("name:ignore") && stream.isFollowedBy("name:missing")) skipTwo(stream);
  if (tag === "import") {
    stream.expect("name:as");
    names.push(String(stream.expect("name").value));
  }
  if (tag === "from") names.push(...importedNames(stream));
  // `with context` and `without context`: without a loader they have no effect.
  if (tag !== "extends" && stream.is("name:with", "name:without") && stream.isFollowedBy("name:context")) {
    skipTwo(stream);
  }
  return { kind: "loader", tag, values, names, line };
}

/** `import a, b as c`, where b is renamed to c. */
function importedNames(stream: TokenStream): string[] {
  const names: string[] = [];
  stream.expect("name:import");
  do {
    const name = String(stream.expect("name").value);
    names.push(stream.skip("name:as") ? String(stream.expect("name").value) : name);
  } while (stream.skip("comma"));
  return names;
}

function skipTwo(stream: TokenStream): void {
  stream.next();
  stream.next();
}
