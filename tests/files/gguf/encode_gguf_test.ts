import fc from "fast-check";
import { writeAtomically } from "../../../lib/files/atomic_write.ts";
import { encodeGguf, type GgufContent, type GgufEntry } from "../../../lib/files/gguf/encode_gguf.ts";
import { type GgufValue, readGguf } from "../../../lib/files/gguf/read_gguf.ts";
import { assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

async function written(content: Partial<GgufContent>): Promise<string> {
  const path = `${await Deno.makeTempDir()}/x.gguf`;
  const bytes = (_: string) => Promise.resolve(new Uint8Array());
  await writeAtomically(path, encodeGguf({ metadata: new Map(), tensors: new Map(), bytes, ...content }));
  return path;
}

const entries = new Map<string, GgufEntry>([
  ["general.architecture", "llama"],
  ["text", "naïve ▁ 東京\n"],
  ["empty", ""],
  ["yes", true],
  ["count", { uint32: 4294967295 }],
  ["base", { float32: 0.1 }],
  ["below", { int32: -5 }],
  ["texts", ["a", "", "é"]],
  ["types", Int32Array.of(1, -2, 3)],
  ["scores", Float32Array.of(0.5, -1e30)],
  ["none", []],
]);
const tensors = new Map([
  ["a.weight", { type: "F32" as const, shape: [2, 3] }],
  ["b.weight", { type: "Q8_0" as const, shape: [3, 2, 32] }],
  ["c.bias", { type: "F16" as const, shape: [5] }],
]);
const blocks: Record<string, Uint8Array> = {
  "a.weight": new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer),
  "b.weight": Uint8Array.from({ length: 6 * 34 }, (_, place) => place % 34 < 2 ? 1 : place),
  "c.bias": new Uint8Array(Float16Array.of(1, 2, 3, 4, 5).buffer),
};

const valueOf = (entry: GgufEntry): GgufValue =>
  typeof entry === "object" && "uint32" in entry
    ? entry.uint32
    : typeof entry === "object" && "float32" in entry
    ? Math.fround(entry.float32)
    : typeof entry === "object" && "int32" in entry
    ? entry.int32
    : entry;

testWithPython(["gguf"], "encodeGguf() writes what readGguf() and the package gguf read", async () => {
  const path = await written({ metadata: entries, tensors, bytes: (name) => Promise.resolve(blocks[name]) });
  const header = await readGguf(path);
  assertEquals([...header.metadata], [...entries].map(([key, entry]) => [key, valueOf(entry)]));
  assertEquals([...header.tensors].map(([name, { type, shape }]) => [name, { type, shape }]), [...tensors]);
  const bytes = await Deno.readFile(path);
  for (const [name, { offset, byteLength }] of header.tensors) {
    assertEquals([bytes.subarray(offset, offset + byteLength), offset % 32], [blocks[name], 0], name);
  }
  const theirs = JSON.parse(
    await python(
      `
import json, sys
from gguf import GGUFReader
reader = GGUFReader(sys.argv[1])
fields = {key: [field.contents(), [str(kind.name) for kind in field.types]] for key, field in reader.fields.items() if not key.startswith("GGUF.")}
tensors = {tensor.name: [tensor.tensor_type.name, tensor.shape.tolist(), tensor.data.tobytes().hex()] for tensor in reader.tensors}
print(json.dumps([fields, tensors]))
`,
      [path],
    ),
  );
  assertEquals(theirs[0].text, [entries.get("text"), ["STRING"]]);
  assertEquals(theirs[0].count, [4294967295, ["UINT32"]]);
  assertEquals(theirs[0].base, [Math.fround(0.1), ["FLOAT32"]]);
  assertEquals(theirs[0].below, [-5, ["INT32"]]);
  assertEquals(theirs[0].yes, [true, ["BOOL"]]);
  assertEquals(theirs[0].texts, [["a", "", "é"], ["ARRAY", "STRING"]]);
  assertEquals(theirs[0].types, [[1, -2, 3], ["ARRAY", "INT32"]]);
  for (const [name, { type, shape }] of tensors) {
    assertEquals(theirs[1][name], [type, shape.toReversed(), new Uint8Array(blocks[name]).toHex()]);
  }
});

Deno.test("encodeGguf() and readGguf() keep any metadata", async () => {
  const value: fc.Arbitrary<GgufEntry> = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.boolean(),
    fc.nat().map((uint32) => ({ uint32 })),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((float32) => ({ float32 })),
    fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }),
    fc.int32Array({ minLength: 1 }),
  );
  const key = fc.string({ minLength: 1, unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(key, value), { selector: ([key]) => key, maxLength: 20 }),
      async (list) => {
        const { metadata } = await readGguf(
          await written({ metadata: new Map(list.filter(([key]) => key !== "general.alignment")) }),
        );
        for (const [key, entry] of list) assertEquals(metadata.get(key), valueOf(entry));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("encodeGguf() refuses rows that are not whole blocks, missing bytes, and numbers of another type", async () => {
  const q8 = { type: "Q8_0" as const, shape: [4, 40] };
  await assertRejects(
    () => written({ tensors: new Map([["x", q8]]) }),
    Error,
    'Cannot write "x" as Q8_0: its row length must be a multiple of 32, current shape is [4,40]',
  );
  const one = new Map([["x", { type: "F32" as const, shape: [4] }]]);
  await assertRejects(
    () => written({ tensors: one }),
    Error,
    'Cannot write "x": 16 bytes are needed, current value is 0',
  );
  for (const uint32 of [-1, 2 ** 32, 0.5, NaN]) {
    await assertRejects(
      () => written({ metadata: new Map([["k", { uint32 }]]) }),
      Error,
      'Cannot write "k": a whole number',
    );
  }
  for (const float32 of [NaN, Infinity, 1e300]) {
    await assertRejects(
      () => written({ metadata: new Map([["k", { float32 }]]) }),
      Error,
      'Cannot write "k": a finite',
    );
  }
});
