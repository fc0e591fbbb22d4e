import fc from "fast-check";
import { divergences } from "../../../lib/divergences/registry.ts";
import {
  explorerMethods,
  type ExplorerSettings,
  firstSettings,
  readSettings,
  writeSettings,
} from "../../../lib/figures/explorer/explorer_settings.ts";
import { ORDERS } from "../../../lib/objectives/composition.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { assert, assertEquals } from "../../support/mod.ts";

const pairs = ["gaussians", "mixtures"];

const anySettings: fc.Arbitrary<ExplorerSettings> = fc.record({
  pair: fc.constantFrom(...pairs),
  alpha: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity)).map((value) => value + 0),
  lambda: fc.double({ min: 0, max: 1, noNaN: true }),
  divergence: fc.constantFrom(...divergences()),
  order: fc.constantFrom(...ORDERS),
  detach: fc.boolean(),
  point: fc.nat(999_999),
}, { noNullPrototype: true });

Deno.test("readSettings() reads what writeSettings() wrote", () => {
  fc.assert(fc.property(anySettings, (settings) => {
    const read = readSettings(writeSettings(settings), { pairs, start: firstSettings });
    assertEquals(read, { settings, ignored: [] });
  }));
});

Deno.test("readSettings() names what it cannot read, and keeps the rest", () => {
  const wrong =
    "#alpha=abc&lambda=1.5&order=xy&divergence=toString&pair=nobody&detach=yes&point=-1&__proto__=1&a%20b=2";
  const { settings, ignored } = readSettings(wrong + "&point=7", { pairs, start: firstSettings });
  assertEquals(settings, { ...firstSettings, point: 7 });
  assertEquals(ignored, [
    "alpha=abc",
    "lambda=1.5",
    "order=xy",
    "divergence=toString",
    "pair=nobody",
    "detach=yes",
    "point=-1",
    "__proto__=1",
    "a b=2",
  ]);
});

Deno.test("explorerMethods are settings that the library takes", () => {
  for (const { settings } of explorerMethods) {
    const { alpha, lambda, divergence, order, detach } = { ...firstSettings, ...settings };
    assert(objective("amid", { alpha, lambda, divergence, order, detachAssistant: detach }).name === "amid");
  }
});
