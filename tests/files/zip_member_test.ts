import { openZipMember } from "../../lib/files/zip_member.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { zipOf } from "./zip_of.ts";

const text = (text: string) => new TextEncoder().encode(text);

async function read(path: string, name: string): Promise<string> {
  const { bytes } = await openZipMember(path, name);
  return await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

async function archive(bytes: Uint8Array): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  await Deno.writeFile(path, bytes);
  return path;
}

Deno.test("openZipMember() unpacks a member, stored or deflated, whatever lies before and behind it", async () => {
  const long = "a heron stands in shallow water\n".repeat(50_000);
  for (const method of ["stored", "deflated"] as const) {
    const path = await archive(
      await zipOf({ "one.txt": text("one"), "in/long.txt": text(long), "empty": text("") }, { method }),
    );
    assertEquals(await read(path, "in/long.txt"), long);
    assertEquals(await read(path, "one.txt"), "one");
    assertEquals(await read(path, "empty"), "");
    assertEquals(
      (await openZipMember(path, "empty").then(async (member) => (await member.bytes.cancel(), member))).size,
      0,
    );
  }
});

testWithPython(
  ["zipfile"],
  "openZipMember() unpacks what Python's zipfile packs, with a comment at its end",
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".whl" });
    await python(
      `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("stored", "s" * 5000, zipfile.ZIP_STORED)
    archive.writestr("deflated", "d" * 3000000, zipfile.ZIP_DEFLATED)
    archive.writestr("other", "x" * 100, zipfile.ZIP_BZIP2)
    archive.comment = b"PK" * 3000
`,
      [path],
    );
    assertEquals(await read(path, "stored"), "s".repeat(5000));
    assertEquals(await read(path, "deflated"), "d".repeat(3_000_000));
    await assertRejects(
      () => read(path, "other"),
      RangeError,
      "other must be stored or deflated, this one has method 12",
    );
  },
);

Deno.test("openZipMember() refuses what is cut short, absent, or of another size", async () => {
  const whole = await zipOf({ "a": text("herons ".repeat(1000)), "b": text("b") }, { method: "deflated" });
  const path = await archive(whole);
  await assertRejects(
    () => read(path, "c"),
    RangeError,
    `Cannot unpack ${path}: a member c is needed, this one has 2 others`,
  );
  for (const length of [0, 3, 21, 40, 100, whole.length - 1, whole.length - 23]) {
    const cut = await archive(whole.subarray(0, length));
    await assertRejects(() => read(cut, "a"), SyntaxError, `Cannot unpack ${cut}: `);
  }
  const longer = whole.slice();
  const view = new DataView(longer.buffer);
  const list = view.getUint32(longer.length - 6, true);
  view.setUint32(list + 24, 7001, true);
  const wrong = await archive(longer);
  await assertRejects(() => read(wrong, "a"), RangeError, "it must have 7001 bytes, it has 7000");
  view.setUint32(list + 24, 6999, true);
  await Deno.writeFile(wrong, longer);
  await assertRejects(() => read(wrong, "a"), RangeError, "it must have 6999 bytes, it has more");
});

Deno.test("openZipMember() meets bytes changed anywhere with an error or other bytes, never a hang", async () => {
  const whole = await zipOf({ "a": text("herons and egrets ".repeat(40)), "b": text("b") }, { method: "deflated" });
  const path = await archive(whole);
  let refused = 0;
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] ^= 0xff;
    await Deno.writeFile(path, changed);
    try {
      await read(path, "a");
    } catch (error) {
      assert([SyntaxError, RangeError, TypeError].some((kind) => error instanceof kind), `byte ${at}: ${error}`);
      refused++;
    }
  }
  assert(refused > whole.length / 4, `${refused} of ${whole.length} were refused`);
});

testWithPython(
  ["zipfile"],
  "openZipMember() reads archives whose sizes and places are 64-bit numbers, and refuses encrypted members",
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".zip" });
    await python(
      `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for index in range(70000): archive.writestr(str(index), b"")
    with archive.open("wide", "w", force_zip64=True) as member: member.write(b"w" * 300)
`,
      [path],
    );
    assertEquals(await read(path, "wide"), "w".repeat(300));
    const whole = await zipOf({ "a": text("herons") }, { method: "stored" });
    const list = new DataView(whole.buffer).getUint32(whole.length - 6, true);
    whole[list + 8] |= 1;
    const locked = await archive(whole);
    await assertRejects(() => read(locked, "a"), RangeError, "a must not be encrypted");
  },
);
