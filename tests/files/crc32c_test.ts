import { crc32c, maskedCrc32c } from "../../lib/files/crc32c.ts";
import { assertEquals } from "../support/mod.ts";

Deno.test("crc32c() returns the checksums of RFC 3720, appendix B.4", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, byte) => byte)), 0x46dd794e);
});

Deno.test("maskedCrc32c() turns by 15 bits and adds its constant", () => {
  // tensorboard 2.21.0, tensorboard.summary.writer.record_writer.masked_crc32c(b"amid")
  assertEquals(maskedCrc32c(new TextEncoder().encode("amid")), 3927552841);
});
