/**
 * Parses statements by Jinja's grammar, with transformers' `break`, `continue` and `generation`.
 *
 * @module
 */
import { tokenize } from "./lexer.ts";
import type { Expression, Macro, Statement } from "./nodes.ts";
import { parseParameters } from "./parse_arguments.ts";
import { parseExpression, parseTuple } from "./parse_expression.ts";
import { parseLoader } from "./parse_loader.ts";
import { parseFilter } from "./parse_postfix.ts";
import { parseTarget } from "./parse_target.ts";
import { quoted } from "./text_form.ts";
import { TokenStream } from "./token_stream.ts";

/**
 * Parses a template.
 *
 * @throws {TemplateError} If it is not valid Jinja, with Python's message.
 */
export function parse(template: string): Statement[] {
  return new Parser(new TokenStream(tokenize(template))).statements([]);
}

type Rule = (line: number) => Statement;

class Parser {
  /** The open tags, and the closing tags that each expects. */
  readonly #tags: string[] = [];
  readonly #ends: string[][] = [];
  readonly #rules: Readonly<Record<string, Rule>>;

  constructor(readonly stream: TokenStream) {
    this.#rules = {
      for: (line) => this.#for(line),
      if: (line) => this.#if(line),
      block: (line) => this.#block(line),
      extends: (line) => parseLoader("extends", { stream, line }),
      include: (line) => parseLoader("include", { stream, line }),
      import: (line) => parseLoader("import", { stream, line }),
      from: (line) => parseLoader("from", { stream, line }),
      print: (line) => ({ kind: "print", values: this.#list(() => parseExpression(stream)), line }),
      macro: (line) => this.#macro(line),
      set: (line) => this.#set(line),
      with: (line) => this.#with(line),
      autoescape: (line) => {
        const value = parseExpression(stream);
        return { kind: "autoescape", value, body: this.#until("endautoescape"), line };
      },
      call: (line) => this.#call(line),
      filter: (line) => {
        const filter = parseFilter(stream, true)!;
        return { kind: "filterBlock", filter, body: this.#until("endfilter"), line };
      },
      generation: (line) => ({ kind: "generation", macro: unnamed(this.#until("endgeneration"), line), line }),
      break: (line) => ({ kind: "break", line }),
      continue: (line) => ({ kind: "continue", line }),
    };
  }

  /** Statements up to one of these tags, which stays the current token. */
  statements(ends: string[]): Statement[] {
    const { stream } = this;
    const body: Statement[] = [];
    if (ends.length > 0) this.#ends.push(ends);
    while (!stream.is("eof")) {
      const { type, line, value } = stream.next();
      if (type === "data") body.push({ kind: "text", text: String(value), line });
      else if (type === "variable_begin") {
        body.push({ kind: "print", values: [parseTuple(stream)], line });
        stream.expect("variable_end");
      } else {
        if (stream.is(...ends.map((end) => `name:${end}`))) break;
        body.push(this.#statement());
        stream.expect("block_end");
      }
    }
    if (ends.length > 0) this.#ends.pop();
    return body;
  }

  #statement(): Statement {
    const { stream } = this;
    const { type, value, line } = stream.current;
    if (type !== "name") stream.fail("tag name expected");
    const tag = String(value);
    if (!Object.hasOwn(this.#rules, tag)) this.#failTag(tag);
    this.#tags.push(tag);
    stream.next();
    const statement = stream.nested(() => this.#rules[tag](line));
    this.#tags.pop();
    return statement;
  }

  /** The rest of a tag and what follows it, up to one of these tags, which stays the current token. */
  #body(...ends: string[]): Statement[] {
    this.stream.skip("colon");
    this.stream.expect("block_end");
    const body = this.statements(ends);
    if (this.stream.is("eof")) {
      this.#ends.push(ends);
      this.#failTag(null);
    }
    return body;
  }

  /** The same, up to a tag that is consumed. */
  #until(end: string): Statement[] {
    const body = this.#body(end);
    this.stream.next();
    return body;
  }

  #failTag(tag: string | null): never {
    const words = [tag === null ? "Unexpected end of template." : `Encountered unknown tag ${quoted(tag)}.`];
    const wanted = this.#ends.at(-1)?.map(quoted).join(" or ");
    if (wanted !== undefined) {
      words.push(
        tag !== null && this.#ends.flat().includes(tag)
          ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${wanted}.`
          : `Jinja was looking for the following tags: ${wanted}.`,
      );
    }
    const open = this.#tags.at(-1);
    if (open !== undefined) words.push(`The innermost block that needs to be closed is ${quoted(open)}.`);
    this.stream.fail(words.join(" "));
  }

  #list<T>(part: () => T): T[] {
    const parts: T[] = [];
    while (!this.stream.is("block_end")) {
      if (parts.length > 0) this.stream.expect("comma");
      parts.push(part());
    }
    return parts;
  }

  #set(line: number): Statement {
    const target = parseTarget(this.stream, { hasMembers: true });
    if (this.stream.skip("assign")) return { kind: "set", target, value: parseTuple(this.stream), line };
    const filter = parseFilter(this.stream, false);
    return { kind: "setBlock", target, filter, body: this.#until("endset"), line };
  }

  #for(line: number): Statement {
    const { stream } = this;
    const target = parseTarget(stream);
    stream.expect("name:in");
    const iterable = parseTuple(stream, { hasCondition: false });
    const test = stream.skip("name:if") ? parseExpression(stream) : undefined;
    const isRecursive = stream.skip("name:recursive");
    const body = this.#body("endfor", "else");
    const otherwise = stream.next().value === "else" ? this.#until("endfor") : [];
    return { kind: "for", target, iterable, test, isRecursive, body, otherwise, line };
  }

  #if(line: number): Statement {
    const { stream } = this;
    const branches: { test: Expression; body: Statement[] }[] = [];
    for (;;) {
      const test = parseTuple(stream, { hasCondition: false });
      branches.push({ test, body: this.#body("elif", "else", "endif") });
      const { value } = stream.next();
      if (value === "elif") continue;
      return { kind: "if", branches, otherwise: value === "else" ? this.#until("endif") : [], line };
    }
  }

  #with(line: number): Statement {
    const pairs = this.#list(() => {
      const target = parseTarget(this.stream);
      this.stream.expect("assign");
      return { target, value: parseExpression(this.stream) };
    });
    const [targets, values] = [pairs.map(({ target }) => target), pairs.map(({ value }) => value)];
    return { kind: "with", targets, values, body: this.#until("endwith"), line };
  }

  #macro(line: number): Macro {
    const name = String(this.stream.expect("name").value);
    return { ...unnamed([], line), name, parameters: parseParameters(this.stream), body: this.#until("endmacro") };
  }

  #call(line: number): Statement {
    const parameters = this.stream.is("lparen") ? parseParameters(this.stream) : { names: [], defaults: [] };
    const call = parseExpression(this.stream);
    if (call.kind !== "call") this.stream.fail("expected call", line);
    return { kind: "callBlock", call, macro: { ...unnamed(this.#until("endcall"), line), parameters }, line };
  }

  #block(line: number): Statement {
    const { stream } = this;
    const name = String(stream.expect("name").value);
    const [isScoped, isRequired] = [stream.skip("name:scoped"), stream.skip("name:required")];
    if (stream.is("sub")) {
      stream.fail(
        "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.",
      );
    }
    const body = this.#until("endblock");
    stream.skip(`name:${name}`);
    return { kind: "block", name, isScoped, isRequired, body, line };
  }
}

const unnamed = (body: Statement[], line: number): Macro => ({
  kind: "macro",
  name: null,
  parameters: { names: [], defaults: [] },
  body,
  line,
});
