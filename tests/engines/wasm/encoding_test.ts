import fc from "fast-check";
import { signed, unsigned } from "../../../lib/engines/wasm/assembler/encoding.ts";
import { assertEquals } from "../../support/mod.ts";

/** What bytes in LEB128 stand for. */
function read(bytes: readonly number[], { negative }: { negative: boolean }): bigint {
  const sum = bytes.reduce((sum, byte, index) => sum + (BigInt(byte & 127) << BigInt(7 * index)), 0n);
  return negative && bytes.at(-1)! & 64 ? sum - (1n << BigInt(7 * bytes.length)) : sum;
}

Deno.test("unsigned() and signed() write what the specification of DWARF 4 has as examples of LEB128", () => {
  assertEquals([2, 127, 128, 129, 12_857].map((value) => [...unsigned(value)]), [
    [2],
    [127],
    [0x80, 1],
    [0x81, 1],
    [57 + 0x80, 100],
  ]);
  assertEquals([2, -2, 127, -127, 128, -128, 129, -129].map((value) => [...signed(value)]), [
    [2],
    [0x7e],
    [0xff, 0],
    [0x81, 0x7f],
    [0x80, 1],
    [0x80, 0x7f],
    [0x81, 1],
    [0xff, 0x7e],
  ]);
});

Deno.test("unsigned() and signed() can be read back", () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 32 - 1 }), (value) => {
    assertEquals(read(unsigned(value), { negative: false }), BigInt(value));
  }));
  fc.assert(fc.property(fc.integer(), (value) => {
    const bytes = signed(value);
    assertEquals(read(bytes, { negative: true }), BigInt(value));
    // No shorter form means the same.
    const shorter = bytes.slice(0, -1);
    if (shorter.length > 0) {
      const cut = [...shorter.slice(0, -1), shorter.at(-1)! & 127];
      assertEquals(read(cut, { negative: true }) === BigInt(value), false);
    }
  }));
});
