import fc from "fast-check";
import { fromFloat32, toFloat32, type WeightFormat } from "../../../lib/models/weights/float_formats.ts";
import { encodeSafetensors, SafetensorsFile } from "../../../lib/models/weights/safetensors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";

/** A file of that header and that many bytes of data, or with another length claimed for its header. */
async function fileOf(header: unknown, dataLength: number, claimed?: number): Promise<string> {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? text.length), true);
  bytes.set(text, 8);
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  await Deno.writeFile(path, bytes);
  return path;
}

const entry = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [from, to],
});

const broken: Record<string, { header: unknown; data: number; claimed?: number; part: string }> = {
  "a file cut short": { header: { a: entry(0, 16) }, data: 12, part: `"a" ends at byte` },
  "a header longer than its file": { header: {}, data: 0, claimed: 900, part: "its header claims 900 bytes" },
  "a header of 2⁶³ bytes": { header: {}, data: 0, claimed: 2 ** 63, part: "its header claims" },
  "a header that is no JSON": { header: "{oops", data: 0, part: "its header is not JSON" },
  "a header that is a list": { header: [], data: 0, part: "its header is not an object" },
  "an unknown format": { header: { a: { ...entry(0, 4), dtype: "Q4" } }, data: 4, part: `"Q4"` },
  "a shape of text": { header: { a: { ...entry(0, 4), shape: ["1"] } }, data: 4, part: `["1"]` },
  "a negative shape": { header: { a: { ...entry(0, 4), shape: [-1] } }, data: 4, part: "[-1]" },
  "an entry of null": { header: { a: null }, data: 0, part: `format of "a"` },
  "offsets that run backwards": { header: { a: { ...entry(0, 4), data_offsets: [8, 4] } }, data: 8, part: "[8,4]" },
  "a shape that its offsets do not span": { header: { a: entry(0, 8, [3]) }, data: 8, part: "takes 12 bytes" },
  "tensors that overlap": { header: { a: entry(0, 8), b: entry(4, 12) }, data: 12, part: `"b" overlaps "a"` },
  "a gap between tensors": { header: { a: entry(0, 4), b: entry(8, 12) }, data: 12, part: "there are 4 unused bytes" },
  "bytes behind the last tensor": { header: { a: entry(0, 4) }, data: 9, part: "5 bytes follow" },
};

for (const [name, { header, data, claimed, part }] of Object.entries(broken)) {
  Deno.test(`SafetensorsFile.open() refuses ${name}, naming the file`, async () => {
    const path = await fileOf(header, data, claimed);
    await assertRejects(() => SafetensorsFile.open(path), SyntaxError, part);
    await assertRejects(() => SafetensorsFile.open(path), SyntaxError, path);
  });
}

Deno.test("SafetensorsFile.open() refuses a file of five bytes", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(5));
  await assertRejects(() => SafetensorsFile.open(path), SyntaxError, "the file has 5");
});

for (const format of ["F32", "F16", "BF16"] as const) {
  Deno.test(`encodeSafetensors() preserves what it was given in ${format}, tensor by tensor`, async () => {
    const numbers: Record<string, Float32Array<ArrayBuffer>> = {
      "weight.é": new Float32Array([1, -2, 0.5, 0, -0, 1024]),
      "empty": new Float32Array(0),
      "bias": new Float32Array([0.25]),
    };
    const shapes = new Map([["weight.é", [2, 3]], ["empty", [0, 4]], ["bias", [1]]]);
    const path = await Deno.makeTempFile();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of encodeSafetensors(shapes, (name) => Promise.resolve(numbers[name]), format)) {
      pieces.push(piece);
    }
    await Deno.writeFile(path, new Uint8Array(await new Blob(pieces).arrayBuffer()));
    const file = await SafetensorsFile.open(path);
    for (const [name, shape] of shapes) {
      assertEquals(file.tensors.get(name)!.shape, shape);
      assertEquals(await file.read(name), numbers[name]);
    }
    await assertRejects(() => file.read("absent"), ReferenceError, `"absent"`);
    file.close();
  });
}

Deno.test("read() refuses a tensor that holds no weights, naming it and its format", async () => {
  const file = await SafetensorsFile.open(
    await fileOf({ mask: { dtype: "BOOL", shape: [2], data_offsets: [0, 2] } }, 2),
  );
  await assertRejects(() => file.read("mask"), TypeError, `"mask" is stored as BOOL`);
  file.close();
});

Deno.test("fromFloat32() rounds to the nearest number of the format, ties to even", () => {
  // Halves of the spacing at 1: 2⁻¹¹ for F16, 2⁻⁸ for BF16.
  const cases: [WeightFormat, number][] = [["F16", 2 ** -11], ["BF16", 2 ** -8]];
  for (const [format, half] of cases) {
    const rounded = toFloat32(fromFloat32(new Float32Array([1 + half, 1 + 3 * half, 1 + 1.01 * half]), format), format);
    assertEquals([...rounded], [1, 1 + 4 * half, 1 + 2 * half]);
  }
});

Deno.test("fromFloat32() and toFloat32() keep what the format can hold, NaN and infinity too", () => {
  const special = new Float32Array([NaN, Infinity, -Infinity, -0]);
  for (const format of ["F32", "F16", "BF16"] as const) {
    assertEquals(toFloat32(fromFloat32(special, format), format), special);
  }
  fc.assert(fc.property(fc.integer({ min: -2048, max: 2048 }), (number) => {
    const numbers = new Float32Array([number]);
    return toFloat32(fromFloat32(numbers, "F16"), "F16")[0] === number;
  }));
});

Deno.test("fromFloat32() refuses a number that F16 cannot hold, naming it", () => {
  assertThrows(() => fromFloat32(new Float32Array([1, 70000]), "F16"), RangeError, "70000");
  assert(fromFloat32(new Float32Array([70000]), "BF16").length === 2);
});
