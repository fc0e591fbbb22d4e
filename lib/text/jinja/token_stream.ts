/**
 * A stream of tokens for the parser.
 *
 * @module
 */
import { LimitError, TemplateError } from "./errors.ts";
import { MAX_NESTING } from "./limits.ts";
import { quoted } from "./text_form.ts";
import { describe, describeKind, type Token } from "./tokens.ts";

/** The tokens of a template, with a current one. */
export class TokenStream {
  #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The current token. */
  get current(): Token {
    return this.#tokens[this.#at];
  }
  /** The one after the current one. */
  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)];
  }
  /** Returns the current token and advances. */
  next(): Token {
    const token = this.current;
    if (token.type !== "eof") this.#at++;
    return token;
  }
  /** Whether the current token is of a kind; `name:if` is the name "if". */
  is(...kinds: string[]): boolean {
    return kinds.some((kind) => matches(this.current, kind));
  }
  /** Whether the one after it is of a kind. */
  isFollowedBy(kind: string): boolean {
    return matches(this.following, kind);
  }
  /** Advances if the current token is of a kind. */
  skip(kind: string): boolean {
    const isThere = this.is(kind);
    if (isThere) this.next();
    return isThere;
  }
  /** Returns the current token, which must be of a kind, and advances. */
  expect(kind: string): Token {
    if (this.is(kind)) return this.next();
    const wanted = quoted(describeKind(kind));
    if (this.current.type === "eof") this.fail(`unexpected end of template, expected ${wanted}.`);
    this.fail(`expected token ${wanted}, got ${quoted(describe(this.current))}`);
  }
  /** Parses items with commas between them, of which there may be one behind the last. */
  listed<T>(item: () => T): { items: T[]; hasComma: boolean } {
    const items: T[] = [];
    let hasComma = false;
    for (;;) {
      if (items.length > 0) this.expect("comma");
      if (this.is("variable_end", "block_end", "rparen")) break;
      items.push(item());
      if (!this.is("comma")) break;
      hasComma = true;
    }
    return { items, hasComma };
  }
  /** Throws a syntax error. */
  fail(message: string, line: number = this.current.line): never {
    throw new TemplateError("TemplateSyntaxError", message, line);
  }
  /** Parses a nested construct, within the nesting limit. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) {
      throw new LimitError(`a template may nest ${MAX_NESTING} deep, line ${this.current.line} is deeper`);
    }
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }
}

function matches({ type, value }: Token, kind: string): boolean {
  return type === kind || (kind.startsWith(`${type}:`) && kind === `${type}:${value}`);
}
