import { onceEach } from "../../lib/datasets/once_each.ts";
import { assertEquals } from "../support/mod.ts";

Deno.test("onceEach() computes once for each object, also where the result is undefined", () => {
  const seen: object[] = [];
  const sizeOf = onceEach((key: number[]) => {
    seen.push(key);
    return key.length === 0 ? undefined : key.length;
  });
  const [some, none] = [[1, 2], []];
  assertEquals([some, none, some, none, [1, 2]].map(sizeOf), [2, undefined, 2, undefined, 2]);
  assertEquals(seen.length, 3);
});
