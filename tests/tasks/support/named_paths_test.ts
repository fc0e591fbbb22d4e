import { parseNamedPaths, parseSeeds } from "../../../tasks/support/named_paths.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

Deno.test("parseNamedPaths() names a path by its last telling part", () => {
  const paths = "runs/amid/student,data/teacher/,x=a=b, ../sets/dolly.jsonl,model,org/gpt2";
  assertEquals(parseNamedPaths(paths, "--models").map(({ name, path }) => `${name} ${path}`), [
    "amid runs/amid/student",
    "teacher data/teacher/",
    "x a=b",
    "dolly ../sets/dolly.jsonl",
    "model model",
    "gpt2 org/gpt2",
  ]);
});

Deno.test("parseNamedPaths() refuses gaps, names that could leave their folder and names that are the same", () => {
  for (const text of ["", "a,,b", "a=", ","]) {
    assertThrows(() => parseNamedPaths(text, "--sets"), UsageError, "--sets: paths joined by commas");
  }
  for (const text of ["..=x", "a/b=x", "..", "=x", "a b=x"]) {
    assertThrows(() => parseNamedPaths(text, "--sets"), UsageError, "--sets");
  }
  assertThrows(() => parseNamedPaths("a/best,b/A/model", "--models"), UsageError, "A is duplicated");
});

Deno.test("parseSeeds() takes different whole numbers below 2^32", () => {
  assertEquals(parseSeeds("10, 20,4294967295", "--seeds"), [10, 20, 4294967295]);
  for (const text of ["", "10,", "1.5", "-1", "10,10", "1e3", "4294967296"]) {
    assertThrows(() => parseSeeds(text, "--seeds"), UsageError, `current value is ${text}`);
  }
});
