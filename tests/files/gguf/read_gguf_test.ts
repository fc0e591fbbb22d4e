import { readGguf } from "../../../lib/files/gguf/read_gguf.ts";
import { ggufBytes, ggufFile, raw, type RawGguf, text, u32, u64, u8 } from "../../support/gguf_bytes.ts";
import { assertEquals, assertRejects } from "../../support/mod.ts";

Deno.test("readGguf() reads every type of metadata, lists of lists too", async () => {
  const path = await ggufFile({
    metadata: [
      ["a.word", raw.text("\ufeffé")],
      ["a.flag", raw.boolean(1)],
      ["a.half", raw.f32(0.5)],
      ["a.large", raw.u64(2n ** 63n + 1n)],
      ["a.small", raw.u64(7)],
      ["a.negative", raw.i32(-3)],
      ["a.words", raw.list(8, [text("Ġthe"), text("")])],
      ["a.numbers", raw.list(4, [u32(1, 2, 3)], 3)],
      ["a.flags", raw.list(7, [u8(1), u8(0)])],
      ["a.lists", raw.list(9, [raw.list(8, [text("x")]).bytes, raw.list(0, []).bytes])],
    ],
  });
  const { version, metadata, tensors } = await readGguf(path);
  assertEquals([version, tensors.size], [3, 0]);
  assertEquals(Object.fromEntries(metadata), {
    "a.word": "\ufeffé",
    "a.flag": true,
    "a.half": 0.5,
    "a.large": 2n ** 63n + 1n,
    "a.small": 7,
    "a.negative": -3,
    "a.words": ["Ġthe", ""],
    "a.numbers": new Uint32Array([1, 2, 3]),
    "a.flags": [true, false],
    "a.lists": [["x"], new Uint8Array(0)],
  });
});

Deno.test("readGguf() passes lists of texts over, and checks their lengths, where none are wanted", async () => {
  const metadata: RawGguf["metadata"] = [["a.words", raw.list(8, [text("x"), text("é")])], ["a.size", raw.u32(3)]];
  const { metadata: read } = await readGguf(await ggufFile({ metadata }), { withoutTexts: true });
  assertEquals([...read], [["a.size", 3]]);
  const long = await ggufFile({ metadata: [["a.words", raw.list(8, [text("x", 2n ** 40n)])]] });
  await assertRejects(
    () => readGguf(long, { withoutTexts: true }),
    SyntaxError,
    "claims a string of 1099511627776 bytes",
  );
});

for (const version of [2, 3]) {
  Deno.test(`readGguf() finds the tensors of version ${version}, the slowest extent first, behind its own alignment`, async () => {
    const tensors = [{ name: "a", shape: [3, 64], type: "Q4_0" as const }, { name: "b", shape: [5] }];
    const path = await ggufFile({
      version,
      metadata: [["general.alignment", raw.u32(64)]],
      tensors,
      alignment: 64,
    });
    const { size } = await Deno.stat(path);
    const { tensors: found } = await readGguf(path);
    assertEquals([...found], [
      ["a", { type: "Q4_0", shape: [3, 64], path, offset: size - 192, byteLength: 108 }],
      ["b", { type: "F32", shape: [5], path, offset: size - 64, byteLength: 20 }],
    ]);
  });
}

const tensor = { name: "a.weight", shape: [4] };
const wrong: Record<string, { file: RawGguf | Uint8Array; part: string }> = {
  "an empty file": { file: new Uint8Array(0), part: "GGUF is needed, it is empty" },
  "another magic": { file: { magic: "GGUX" }, part: 'a GGUF file starts with "GGUF"' },
  "an HTML page": { file: new TextEncoder().encode("<!doctype html>"), part: "an HTML page" },
  "a file of llama.cpp's older format": { file: { magic: "tjgg" }, part: "older format of llama.cpp" },
  "version 1": { file: { version: 1 }, part: "the version of GGUF must be 2 or 3, current value is 1" },
  "big-endian numbers": { file: { version: 3 * 2 ** 24 }, part: "must be little-endian" },
  "10¹⁰ entries of metadata": { file: { metadataCount: 10n ** 10n }, part: "claims 10000000000 entries of metadata" },
  "2⁶³ tensors": { file: { tensorCount: 2n ** 63n }, part: "claims 9223372036854775808 tensors" },
  "a list of 10¹⁰ numbers": {
    file: { metadata: [["big.list", raw.list(4, [], 10n ** 10n)]] },
    part: '"big.list" claims 10000000000 entries',
  },
  "a list of 10¹⁰ texts": {
    file: { metadata: [["big.list", raw.list(8, [], 10n ** 10n)]] },
    part: '"big.list" claims 10000000000 entries',
  },
  "a text of 2 GB": {
    file: { metadata: [["a.text", raw.text("x", 2n ** 31n)]] },
    part: '"a.text" claims a string of 2147483648 bytes',
  },
  "lists that are nested too deeply": {
    file: {
      metadata: [[
        "deep",
        Array.from({ length: 9 }).reduce<ReturnType<typeof raw.list>>(
          ({ bytes }) => raw.list(9, [bytes]),
          raw.list(0, []),
        ),
      ]],
    },
    part: 'those of "deep" are nested deeper',
  },
  "an unknown type of metadata": {
    file: { metadata: [["odd", { type: 13, bytes: u8(0) }]] },
    part: 'the type of "odd" must be in 0..12, current value is 13',
  },
  "an unknown type in a list": {
    file: { metadata: [["odd", raw.list(99, [])]] },
    part: 'the type of the entries of "odd" must be in 0..12, current value is 99',
  },
  "a flag of 2": { file: { metadata: [["flag", raw.boolean(2)]] }, part: '"flag" must be a boolean, 0 or 1' },
  "a string that is not UTF-8": {
    file: { metadata: [["bad", { type: 8, bytes: new Uint8Array([...u64(1), 0xff]) }]] },
    part: '"bad" is not UTF-8',
  },
  "a key without letters": { file: { metadata: [["", raw.u32(1)]] }, part: "entry 1 of the metadata has no key" },
  "a key twice": { file: { metadata: [["a", raw.u32(1)], ["a", raw.u32(1)]] }, part: 'has "a" twice' },
  "an alignment of 48": {
    file: { metadata: [["general.alignment", raw.u32(48)]] },
    part: '"general.alignment" must be a power of two, current value is 48',
  },
  "a tensor without a name": { file: { tensors: [tensor, { ...tensor, name: "" }] }, part: "tensor 2 has no name" },
  "a tensor twice": { file: { tensors: [tensor, tensor] }, part: 'holds "a.weight" twice' },
  "a tensor of five dimensions": {
    file: { tensors: [{ ...tensor, shape: [1, 1, 1, 1, 1] }] },
    part: '"a.weight" must have 1 to 4 dimensions, current value is 5',
  },
  "a dimension of 0": { file: { tensors: [{ ...tensor, shape: [2, 0] }] }, part: "current value is [2,0]" },
  "dimensions whose product overflows": {
    file: { tensors: [{ ...tensor, shape: [2n ** 62n, 2n ** 62n], data: u8() }] },
    part: 'the dimensions of "a.weight"',
  },
  "an unknown type of tensor": {
    file: { tensors: [{ ...tensor, type: 77 }] },
    part: 'the type of "a.weight" must be one of 0 (F32)',
  },
  "a type that ggml has dropped": { file: { tensors: [{ ...tensor, type: 4 }] }, part: "current value is 4" },
  "rows that are not whole blocks": {
    file: { tensors: [{ ...tensor, shape: [2, 48], type: "Q8_0" }] },
    part: 'the row length of "a.weight" must be a multiple of 32 in Q8_0, current value is 48',
  },
  "an offset that is not aligned": {
    file: { tensors: [{ ...tensor, offset: 4 }] },
    part: 'the offset of "a.weight" must be a multiple of 32, current value is 4',
  },
  "a tensor outside the file": {
    file: { tensors: [{ ...tensor, offset: 64 }] },
    part: '"a.weight" ends at byte',
  },
  "a tensor far outside the file": { file: { tensors: [{ ...tensor, offset: 2n ** 60n }] }, part: '"a.weight"' },
  "tensors that overlap": {
    file: { tensors: [tensor, { name: "b.weight", shape: [4], offset: 0 }] },
    part: '"b.weight" overlaps "a.weight"',
  },
};

for (const [name, { file, part }] of Object.entries(wrong)) {
  Deno.test(`readGguf() refuses ${name}, naming the file`, async () => {
    const path = await ggufFile(file);
    await assertRejects(() => readGguf(path), SyntaxError, part);
    await assertRejects(() => readGguf(path), SyntaxError, path);
  });
}

Deno.test("readGguf() refuses a file cut short at every byte", async () => {
  const metadata: RawGguf["metadata"] = [["a.words", raw.list(8, [text("x"), text("yz")])], ["a.size", raw.u32(3)]];
  const bytes = ggufBytes({ metadata, tensors: [tensor, { ...tensor, name: "b" }] });
  const path = await Deno.makeTempFile({ suffix: ".gguf" });
  for (let length = 0; length < bytes.length - 16; length++) { // the last 16 only pad the last tensor
    await ggufFile(bytes.subarray(0, length), path);
    await assertRejects(() => readGguf(path), SyntaxError, path);
  }
});

Deno.test("readGguf() names a file that is absent, and a folder", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(() => readGguf(`${folder}/a.gguf`), Deno.errors.NotFound, `${folder}/a.gguf`);
  await assertRejects(() => readGguf(folder), Error, "a file is needed, it is a folder");
});

const part = (number: number, options: { count?: number; total?: number; name?: string } = {}): RawGguf => ({
  metadata: [
    ["split.no", raw.u16(number)],
    ["split.count", raw.u16(options.count ?? 2)],
    ["split.tensors.count", raw.i32(options.total ?? 2)],
    ...number === 0 ? [["general.name", raw.text("whole")] as [string, ReturnType<typeof raw.text>]] : [],
  ],
  tensors: [{ name: options.name ?? `tensor.${number}`, shape: [4] }],
});

async function inParts(first: RawGguf, second?: RawGguf): Promise<[string, string]> {
  const folder = await Deno.makeTempDir();
  const paths: [string, string] = [`${folder}/m-00001-of-00002.gguf`, `${folder}/m-00002-of-00002.gguf`];
  await ggufFile(first, paths[0]);
  if (second) await ggufFile(second, paths[1]);
  return paths;
}

Deno.test("readGguf() reads all parts of a split model, whichever is named", async () => {
  const paths = await inParts(part(0), part(1));
  for (const path of paths) {
    const header = await readGguf(path);
    assertEquals(header.paths, paths);
    assertEquals(header.metadata.get("general.name"), "whole");
    assertEquals([...header.tensors].map(([name, { path }]) => [name, path]), [["tensor.0", paths[0]], [
      "tensor.1",
      paths[1],
    ]]);
  }
});

Deno.test("readGguf() refuses parts that are absent, of other models, or short of tensors", async () => {
  const [alone] = await inParts(part(0));
  await assertRejects(() => readGguf(alone), Deno.errors.NotFound, "m-00002-of-00002.gguf");
  const [twice] = await inParts(part(0), part(0));
  await assertRejects(() => readGguf(twice), SyntaxError, "it must be part 2 of 2, by its metadata it is part 1 of 2");
  const [same] = await inParts(part(0), part(1, { name: "tensor.0" }));
  await assertRejects(() => readGguf(same), SyntaxError, 'it holds "tensor.0", as');
  const [short] = await inParts(part(0, { total: 3 }), part(1, { total: 3 }));
  await assertRejects(() => readGguf(short), SyntaxError, "must hold 3 tensors, they hold 2");
  const renamed = await ggufFile(part(0));
  await assertRejects(() => readGguf(renamed), SyntaxError, "its name must end in -00001-of-00002.gguf");
});
