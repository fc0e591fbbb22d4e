import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { exactMatch } from "../../lib/evaluation/exact_match.ts";

interface Golden {
  pairs: { prediction: string; references: string[]; exact: boolean }[];
}

Deno.test("exactMatch() equals every golden verdict", async () => {
  const golden: Golden = JSON.parse(await Deno.readTextFile(new URL("../golden/rouge.json", import.meta.url)));
  assert(golden.pairs.some(({ exact }) => exact) && golden.pairs.some(({ exact }) => !exact));
  golden.pairs.forEach(({ prediction, references, exact }, i) => {
    assertEquals(exactMatch(prediction, references), exact, `pair ${i}`);
  });
});

Deno.test("exactMatch() drops every ASCII punctuation mark, and no other sign", () => {
  assert(exactMatch("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~x", ["X"]));
  assert(!exactMatch("“x”", ["x"]));
  assert(!exactMatch("x é", ["x e"]));
});

Deno.test("exactMatch() takes any run of white space for one space and none at the ends", () => {
  assert(exactMatch("\n a \t\u00a0 b\u2003", ["a b"]));
  assert(!exactMatch("ab", ["a b"]));
});

Deno.test("exactMatch() is satisfied by any one reference", () => {
  assert(exactMatch("b", ["a", "b"]));
  assert(!exactMatch("c", ["a", "b"]));
});

Deno.test("exactMatch() refuses an empty list of references", () => {
  assertThrows(() => exactMatch("a", []), RangeError, "at least one reference");
});
