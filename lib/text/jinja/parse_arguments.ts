/**
 * The arguments of a call, and the parameters of a macro.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import type { CallArguments, Parameters } from "./nodes.ts";
import { parseExpression } from "./parse_expression.ts";
import type { TokenStream } from "./token_stream.ts";

/** `(a, b, name=c, *more, **named)`. */
export function parseArguments(stream: TokenStream): CallArguments {
  const { line } = stream.expect("lparen");
  const args: CallArguments = { positional: [], named: [] };
  const check = (isFine: boolean) => {
    if (!isFine) stream.fail("invalid syntax for function call expression", line);
  };
  for (let isFirst = true; !stream.is("rparen"); isFirst = false) {
    if (!isFirst) {
      stream.expect("comma");
      if (stream.is("rparen")) break;
    }
    if (stream.skip("mul")) {
      check(!args.spread && !args.spreadNamed);
      args.spread = parseExpression(stream);
    } else if (stream.skip("pow")) {
      check(!args.spreadNamed);
      args.spreadNamed = parseExpression(stream);
    } else if (stream.is("name") && stream.isFollowedBy("assign")) {
      check(!args.spreadNamed);
      const name = String(stream.next().value);
      stream.next();
      if (args.named.some(([other]) => other === name)) {
        throw new TemplateError("SyntaxError", `keyword argument repeated: ${name}`, line);
      }
      args.named.push([name, parseExpression(stream)]);
    } else {
      check(!args.spread && !args.spreadNamed && args.named.length === 0);
      args.positional.push(parseExpression(stream));
    }
  }
  stream.expect("rparen");
  return args;
}

/** `(a, b=default)`. */
export function parseParameters(stream: TokenStream): Parameters {
  const parameters: Parameters = { names: [], defaults: [] };
  stream.expect("lparen");
  while (!stream.is("rparen")) {
    if (parameters.names.length > 0) stream.expect("comma");
    const { value, line } = stream.expect("name");
    const name = String(value);
    if (/^([tT]rue|[fF]alse|[nN]one)$/.test(name)) stream.fail("can't assign to 'name'", line);
    if (parameters.names.includes(name)) {
      throw new TemplateError("SyntaxError", `duplicate argument '${name}' in function definition`, line);
    }
    if (stream.skip("assign")) parameters.defaults.push(parseExpression(stream));
    else if (parameters.defaults.length > 0) stream.fail("non-default argument follows default argument");
    parameters.names.push(name);
  }
  stream.expect("rparen");
  return parameters;
}
