/** Templates and expressions by chance: grammatical ones, with every operator, filter, test and method. */
import { TEST_NAMES } from "./test_names.ts";
import { KINDS } from "../../../lib/text/jinja/text_kind.ts";

/** Numbers by chance, the same for the same seed. */
export type Random = (below: number) => number;

/** Makes a generator of numbers (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const NAMES = [
  "name",
  "empty",
  "wide",
  "spaced",
  "lines",
  "count",
  "big",
  "half",
  "minus",
  "yes",
  "nothing",
  "numbers",
  "words",
  "mixed",
  "birds",
  "table",
  "html",
  "prose",
  "nosuch",
  "infinite",
];
const LITERALS = [
  "0",
  "1",
  "-1",
  "2",
  "3",
  "7",
  "1.0",
  "0.5",
  "2.5",
  "-0.0",
  "1e16",
  "1e-5",
  "true",
  "false",
  "none",
  "''",
  "'a'",
  "'e'",
  "' '",
  "'ab,cd'",
  "'é😀'",
  "'\\n'",
  '"it\'s"',
  "[]",
  "()",
  "{}",
  "[1, 2]",
  "(1, 'a')",
  "{'a': 1, 'b': [2]}",
  "range(4)",
  "'%s'",
  "'{}'",
  "'name'",
  "'-5'",
  "'12.5'",
  "100000000000000000000",
];
const BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"];
const TESTS_OF_TWO = [
  "divisibleby",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "sameas",
  "in",
  "equalto",
  "lessthan",
  "greaterthan",
];
const FILTERS = [
  "abs",
  "capitalize",
  "center(12)",
  "count",
  "default('d')",
  "default('d', true)",
  "dictsort",
  "e",
  "escape",
  "filesizeformat",
  "first",
  "float",
  "forceescape",
  "indent",
  "int",
  "int(5)",
  "items|list",
  "join",
  "join(', ')",
  "last",
  "length",
  "list",
  "lower",
  "max",
  "min",
  "reverse|list",
  "round",
  "round(1)",
  "round(1, 'floor')",
  "safe",
  "slice(2)|list",
  "batch(2)|list",
  "batch(2, 0)|list",
  "sort",
  "sort(reverse=true)",
  "sort(case_sensitive=true)",
  "string",
  "striptags",
  "sum",
  "title",
  "tojson",
  "tojson(indent=2)",
  "tojson(sort_keys=true)",
  "tojson(ensure_ascii=true)",
  "trim",
  "trim('a')",
  "truncate(9)",
  "truncate(5, true)",
  "unique|list",
  "upper",
  "urlencode",
  "urlize",
  "wordcount",
  "wordwrap(8)",
  "map('string')|list",
  "map('upper')|join('|')",
  "map('length')|list",
  "map(attribute='name')|list",
  "map(attribute=0)|list",
  "select|list",
  "select('string')|list",
  "select('number')|list",
  "reject('none')|list",
  "selectattr('name')|list",
  "rejectattr('wild')|list",
  "selectattr('size', 'gt', 90)|list",
  "groupby('size')",
  "groupby(0)",
  "replace('e', 'E')",
  "replace('a', 'b', 1)",
  "format(1)",
  "attr('name')",
  "xmlattr",
  "sum(attribute='size')",
  "max(attribute='size')",
  "min(attribute='name')",
  "pprint|length",
  "d(1)",
];
const METHODS = [
  "strip()",
  "lstrip()",
  "rstrip()",
  "strip('a\\n ')",
  "lstrip('G')",
  "rstrip('n')",
  "upper()",
  "lower()",
  "title()",
  "capitalize()",
  "swapcase()",
  "casefold()",
  "split()",
  "split('e')",
  "split(' ', 1)",
  "split(none, 2)",
  "rsplit('e', 1)",
  "rsplit(none, 1)",
  "splitlines()",
  "splitlines(true)",
  "replace('e', '3')",
  "replace('', '.')",
  "startswith('G')",
  "startswith(('a', 'G'))",
  "endswith('n')",
  "find('e')",
  "find('e', 2, 5)",
  "rfind('e')",
  "index('e')",
  "count('e')",
  "join(['x', 'y'])",
  "join('ab')",
  "center(15, '*')",
  "ljust(15, '.')",
  "rjust(15)",
  "zfill(8)",
  "partition('e')",
  "rpartition(' ')",
  "removeprefix('G')",
  "removesuffix('n')",
  "expandtabs(4)",
  "format(1, 2)",
  "items()|list",
  "keys()|list",
  "values()|list",
  "get('a')",
  "get('name', 5)",
  "copy()",
  "index(1)",
  "count(1)",
  "append(1)",
  "pop()",
  "update({})",
  "is_integer()",
  "bit_length()",
  ...Object.keys(KINDS).map((kind) => `${kind}()`),
];
const SLICES = [
  "[0]",
  "[-1]",
  "[5]",
  "['a']",
  "['name']",
  "[1:]",
  "[:2]",
  "[::-1]",
  "[-2:]",
  "[1:3]",
  "[::2]",
  "[3:0:-1]",
  "[none:2]",
  "[yes]",
  "[half]",
];
const ATTRIBUTES = [
  ".name",
  ".a",
  ".items",
  ".nosuch",
  ".0",
  ".kind",
  ".nested.y",
  ".real",
  ".__class__",
  "['__proto__']",
  ".constructor",
];

/** Makes an expression. */
export function expression(random: Random, depth: number): string {
  const pick = (list: readonly string[]) => list[random(list.length)];
  if (depth === 0) return random(5) < 3 ? pick(NAMES) : pick(LITERALS);
  const part = () => expression(random, random(depth));
  switch (random(12)) {
    case 0:
    case 1:
      return `(${part()} ${pick(BINARY)} ${part()})`;
    case 2:
    case 3:
      return `(${part()})|${pick(FILTERS)}`;
    case 4:
    case 5:
      return `(${part()}).${pick(METHODS)}`;
    case 6:
      // A slice of a constant is folded by Python's compiler, which takes errors for undefined values: names only.
      return `${random(2) ? pick(NAMES) : `(${pick(NAMES)} or ${part()})`}${pick(SLICES)}`;
    case 7:
      return `(${part()})${pick(ATTRIBUTES)}`;
    case 8:
      return random(2) ? `(${part()} is ${pick(TEST_NAMES)})` : `(${part()} is ${pick(TESTS_OF_TWO)}(${part()}))`;
    case 9:
      return random(2) ? `(${part()} if ${part()} else ${part()})` : `(${part()} if ${part()})`;
    case 10:
      return [
        `(not ${part()})`,
        `(-${part()})`,
        `[${part()}, ${part()}]`,
        `{'k': ${part()}}`,
        `(${part()}, ${part()})`,
      ][random(5)];
    default:
      return [
        `'%s|%r'|format(${part()}, ${part()})`,
        `'{}|{!r}'.format(${part()}, ${part()})`,
        `(${part()} < ${part()} <= ${part()})`,
        `(${part()} ~ ${part()} ~ ${part()})`,
        `(${part()} ** ${pick(["2", "0", "-1", "0.5", "true", "name"])})`,
      ][random(5)];
  }
}

const BLANKS = ["", " ", "  ", "\n", "\n\n", "\n  ", "  \n", "\t", "x", " x ", "\nx\n", "x\n  ", "\r\n"];

/** Makes a template out of tags with every kind of white space control, nested in one another. */
export function template(random: Random, depth: number): string {
  const pick = (list: readonly string[]) => list[random(list.length)];
  const sign = () => pick(["", "", "-", "+"]);
  const tag = (body: string) => `{%${sign()}${pick(["", " "])}${body} ${sign()}%}`;
  const inner = () => depth > 0 ? template(random, depth - 1) : pick(BLANKS);
  const names = ["a", "b", "n", "name"];
  const value = () => random(3) ? pick([...names, "loop.index", "loop.last", "ns.v", "x"]) : expression(random, 1);
  const pieces = Array.from({ length: 1 + random(4) }, () => {
    switch (random(13)) {
      case 0:
      case 1:
        return `{{${pick(["", "-"])} ${value()} ${pick(["", "-"])}}}`;
      case 2:
        return `{#${sign()} note ${sign()}#}`;
      case 3:
        return tag("raw").replace("+%}", "%}") + pick(["{{ x }}", " {% y ", "\n", " r "]) + tag("endraw");
      case 4:
        return tag(`if ${value()}`) + inner() + tag("endif");
      case 5:
        return tag(`if ${value()}`) + inner() + tag(`elif ${value()}`) + inner() + tag("else") + inner() + tag("endif");
      case 6: {
        const flow = random(4) ? "" : tag(pick(["break", "continue"]));
        const filter = random(3) ? "" : ` if ${pick(names)}`;
        const otherwise = random(3) ? "" : tag("else") + inner();
        return tag(`for ${pick(names)} in ${pick(["numbers", "words", "'ab'", "[]", "range(2)", "birds"])}${filter}`) +
          inner() + flow + inner() + otherwise + tag("endfor");
      }
      case 7:
        return tag(`set ${pick(names)} = ${value()}`);
      case 8:
        return tag(`set ${pick(names)}`) + inner() + tag("endset");
      case 9:
        return tag(`with ${pick(names)} = ${value()}`) + inner() + tag("endwith");
      case 10:
        return tag(`filter ${pick(["upper", "trim", "title", "indent(2)"])}`) + inner() + tag("endfilter");
      case 11: {
        const macro = pick(["f", "g"]);
        return tag(`macro ${macro}(${pick(["", "a", "a, b=1", "n=name"])})`) + inner() + tag("endmacro") +
          `{{ ${macro}(${pick(["", "1", "a"])}) }}`;
      }
      default:
        return tag(`set ns = namespace(v=${pick(names)})`) + tag(`set ns.v = ${value()}`) + tag("generation") +
          inner() + tag("endgeneration");
    }
  });
  return pick(BLANKS) + pieces.map((piece) => piece + pick(BLANKS)).join("");
}
