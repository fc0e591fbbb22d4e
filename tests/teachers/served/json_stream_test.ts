/** JSON that is read while it arrives. */
import { type JsonValue, jsonValue } from "../../../lib/teachers/served/json_value.ts";
import { JsonStream } from "../../../lib/teachers/served/json_stream.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

/** Reads a text in pieces of a length. */
function read(text: string, size: number): JsonValue {
  const { root, finish } = jsonValue();
  const stream = new JsonStream(root);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
  stream.end();
  return finish();
}

/** A value made from a seed, with all that JSON has; empty lists and objects are left out. */
function valueOf(random: { below(count: number): number }, depth: number): JsonValue {
  const kind = random.below(depth > 0 ? 8 : 6);
  const texts = ["", "a", 'a"b\\', "\u00e9\ud83e\udda9\u0000\n", "\u2028\ud800", "x".repeat(300)];
  if (kind === 0) return null;
  if (kind === 1) return random.below(2) === 0;
  if (kind < 4) return (random.below(2e6) - 1e6) / 10 ** random.below(9) * (random.below(2) ? 1 : 1e-12);
  if (kind < 6) return texts[random.below(texts.length)];
  const members = Array.from({ length: 1 + random.below(4) }, () => valueOf(random, depth - 1));
  if (kind === 6) return members;
  return Object.fromEntries(members.map((value, i) => [`${texts[random.below(texts.length)]}${i}`, value]));
}

Deno.test("JsonStream reads what JSON.parse() does, in pieces of any length", () => {
  const random = randomStream(7);
  for (let round = 0; round < 60; round += 1) {
    const value = valueOf(random, 4);
    const text = JSON.stringify(value, undefined, round % 3);
    for (const size of [1, 2, 7, 1 << 20]) assertEquals(read(text, size), JSON.parse(text), text);
  }
});

Deno.test("JsonStream refuses what JSON.parse() refuses, and texts that are cut anywhere", () => {
  const whole = '{"a":[1.5e-3,{"b\\u00e9":null},"c\\"",true],"d":-7}';
  for (let end = 0; end < whole.length; end += 1) {
    for (const size of [1, 64]) assertThrows(() => read(whole.slice(0, end), size), SyntaxError);
  }
  for (
    const text of ["[1,]", "{,}", '{"a"}', '{"a":1,}', "[1 2]", "[1}", "01", "1.", "nul", "[] []", "]", "{1:2}", "--1"]
  ) {
    assertThrows(() => JSON.parse(text), SyntaxError);
    for (const size of [1, 64]) assertThrows(() => read(text, size), SyntaxError);
  }
  // What some servers write for numbers that JSON lacks.
  assertEquals(read("[NaN,-Infinity,Infinity]", 3), [NaN, -Infinity, Infinity]);
});

Deno.test("JsonStream skips what is not requested", () => {
  const seen: unknown[] = [];
  const wanted = { value: (value: unknown) => seen.push(value) };
  const stream = new JsonStream({
    key: (name) => name === "yes" ? { item: (i) => i === 1 ? wanted : undefined } : undefined,
  });
  stream.push(new TextEncoder().encode('{"no":[{"yes":[1,2]},"\\"]"],"yes":[[0,[9]],"text",3]}'));
  stream.end();
  assert(seen.length === 1 && seen[0] === "text", String(seen));
});
