import rules from "../../../tasks/support/lint_rules.ts";
import { assertEquals } from "../../support/mod.ts";

const findings = (source: string) => Deno.lint.runPlugin(rules, "case.ts", source).map(({ id }) => id);

Deno.test("no-literal-spread finds a literal that is spread into a literal of its own kind", () => {
  for (
    const source of ["x = { ...{ a: 1 } }", "x = { ...{ a: 1 } as const }", "x = [...[1, 2], 3]", "f(...[1, 2], 3)"]
  ) {
    assertEquals(findings(source), ["amid/no-literal-spread"], source);
  }
});

Deno.test("no-literal-spread leaves spreads of values, and of a literal of another kind", () => {
  for (const source of ["x = { ...a, ...(b && { c: 1 }) }", "x = [...a, ...b]", "f(...a)", "x = [...'ab']"]) {
    assertEquals(findings(source), [], source);
  }
});
