import { chatTemplate } from "../../../lib/text/chat_template.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const render = (source: string, variables: Record<string, unknown> = {}) =>
  chatTemplate(source, { name: "x", tokens: {} }).render([], { variables });

/** Templates that would take all memory or never end, and what stops them. */
const HOSTILE: readonly [source: string, message: RegExp][] = [
  ["{% for i in range(10 ** 9) %}{% endfor %}", /Range too big. The sandbox blocks ranges larger than MAX_RANGE/],
  ["{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", /may take 10000000 steps/],
  ["{% for i in range(99999) %}{% for j in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}", /steps|characters/],
  ["{{ 'a' * 10 ** 9 }}", /a text may have 16777216 characters/],
  ["{{ [0] * 10 ** 9 }}", /a list may have 1048576 items/],
  [
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    /a text may have/,
  ],
  [
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    /a text may have/,
  ],
  [
    "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    /a list may have/,
  ],
  [
    "{% set ns = namespace(s=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
    /a text may have/,
  ],
  [
    "{% set ns = namespace(s=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}",
    /a text may have/,
  ],
  [
    "{% set ns = namespace(s=[], t=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
    /steps/,
  ],
  [
    "{% set ns = namespace(s=[]) %}{% for i in range(999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
    /deep in one another/,
  ],
  [
    "{% set ns = namespace(s='a' * 4000) %}{% for i in range(9) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}",
    /a text may have/,
  ],
  ["{% set b = ('a' * 9999999).split('') if false else 'a' * 9999999 %}{{ [b, b, b]|join }}", /a text may have/],
  ["{% set b = 'a' * 9999999 %}{% for i in range(99999) %}{{ 'x' in b }}{% endfor %}", /steps/],
  ["{% set b = ['a' * 9999999] * 99999 %}{{ b|map('upper')|list|length }}", /steps/],
  ["{% set b = ['a' * 9999999] * 99999 %}{{ b|sort|length }}", /steps/],
  [
    "{% set b = [[1] * 999999] %}{% set c = [[1] * 999999] %}{% for i in range(99999) %}{{ b == c }}{% endfor %}",
    /steps/,
  ],
  ["{{ 10 ** (10 ** 9) }}", /an integer may have 65536 bits/],
  [
    "{% set ns = namespace(n=3) %}{% for i in range(999) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    /an integer may have/,
  ],
  ["{{ 10 ** 5000 }}", /Exceeds the limit \(4300 digits\)/],
  ["{{ 'a'.center(10 ** 9) }}", /a text may have/],
  ["{{ 'a'.zfill(10 ** 9) }}", /a text may have/],
  ["{{ 'a\\t'.expandtabs(10 ** 9) }}", /a text may have/],
  ["{{ '%999999999d' % 1 }}", /a text may have/],
  ["{{ '%.999999999f' % 1 }}", /a text may have|may have 5000 digits/],
  ["{{ '{:999999999}'.format(1) }}", /a text may have/],
  ["{{ '{:.99999999f}'.format(1.5) }}", /may have 5000 digits/],
  ["{{ 'a\\nb'|indent(10 ** 9) }}", /a text may have/],
  ["{{ [1]|tojson(indent=10 ** 9) }}", /a text may have/],
  ["{{ [1]|batch(10 ** 9, 0)|list }}", /a list may have/],
  ["{{ [1]|slice(10 ** 9)|list }}", /a list may have/],
  ["{{ ('a.' * 99999)|urlize }}", /urlize takes words of 4096 characters/],
  ["{{ ('-' * 99999)|wordwrap }}", /wordwrap takes 4096 hyphens/],
  ["{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", /maximum recursion depth exceeded/],
  [
    "{% macro f(x) %}{% for y in [x] recursive %}{{ f(loop([y])) }}{% endfor %}{% endmacro %}{{ f(1) }}",
    /maximum recursion depth exceeded/,
  ],
  ["{% block b %}{{ self.b() }}{% endblock %}", /maximum recursion depth exceeded/],
  [`{{ ${"(".repeat(9999)}1${")".repeat(9999)} }}`, /may nest 100 deep/],
  [`{{ ${"[".repeat(9999)}${"]".repeat(9999)} }}`, /may nest 100 deep/],
  [`{{ ${"-".repeat(9999)}1 }}`, /may nest 100 deep/],
  [`{{ ${"not ".repeat(9999)}1 }}`, /may nest 100 deep/],
  [`{{ 1${" + 1".repeat(9999)} }}`, /may chain 200/],
  [`{{ x${".y".repeat(9999)} }}`, /may chain 200/],
  [`{{ x${"|upper".repeat(9999)} }}`, /may chain 200/],
  [`${"{% if 1 %}".repeat(9999)}${"{% endif %}".repeat(9999)}`, /may nest 100 deep/],
];

Deno.test("render() stops what would take all memory or never end, and reports at what", () => {
  for (const [source, message] of HOSTILE) {
    let said = "nothing";
    try {
      render(source);
    } catch (error) {
      said = (error as Error).message;
    }
    assert(said.includes("the chat template of x") && message.test(said), `${source.slice(0, 100)}: ${said}`);
  }
});

Deno.test("render() gives templates no way to JavaScript's objects", () => {
  const names = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"];
  for (const name of names) {
    for (const value of ["x", "[]", "{}", "1", "none", "range", "messages", "namespace()", "dict", "x.upper"]) {
      assertEquals(
        render(`{{ (${value}).${name} is defined }}{{ (${value})['${name}'] is defined }}`, { x: "" }),
        "FalseFalse",
      );
    }
    assertEquals(render(`{{ ${name} is defined }}`), "False");
    assertEquals(render(`{{ x.${name} }}|{{ {'${name}': 1}.${name} }}`, { x: JSON.parse(`{"${name}": 5}`) }), "5|1");
    assertEquals(render(`{% set ${name.replace(/^__/, "a")} = 1 %}{{ 'x'.${name} is defined }}`), "False");
    assertThrows(() => render(`{{ 1|${name} }}`), Error, `No filter named '${name}'`);
    assertThrows(() => render(`{{ 1 is ${name} }}`), Error, `No test named '${name}'`);
  }
  assertThrows(() => render("{% set ns = namespace() %}{% set ns.__proto__ = 1 %}"), Error, "underscore-prefixed");
  assertEquals(({} as Record<string, unknown>).a, undefined);
});

Deno.test("render() takes data as in JSON, and names what is something else", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  assertThrows(
    () => render("", { x: { y: [() => 1] } }),
    TypeError,
    "Cannot give x.y[0] to a chat template: it must be data",
  );
  assertThrows(() => render("", { x: new Set() }), TypeError, "current value is a Set");
  assertThrows(() => render("", { x: circle }), TypeError, "200 deep in one another");
  assertEquals(
    render("{{ x }}", { x: [1, 1.5, -0, 2 ** 53, 1e21, 10n ** 20n, undefined === void 0, null] }),
    "[1, 1.5, -0.0, 9007199254740992.0, 1e+21, 100000000000000000000, True, None]",
  );
  assertEquals(render("{{ x }}", { x: { a: undefined, b: null } }), "{'b': None}");
});
