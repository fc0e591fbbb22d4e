import { assertEquals, assertThrows } from "../support/mod.ts";
import { openJsonLines } from "../../lib/files/open_json_lines.ts";

async function withFile(body: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    body(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("openJsonLines() appends a line for each value and counts bytes", () =>
  withFile((path) => {
    using lines = openJsonLines(path);
    lines.append({ step: 1, note: "é" });
    lines.append({ step: 2 });
    lines.flush();
    const text = Deno.readTextFileSync(path);
    assertEquals(text, '{"step":1,"note":"é"}\n{"step":2}\n');
    assertEquals(lines.offset, new TextEncoder().encode(text).length);
  }));

Deno.test("openJsonLines() cuts the file back to where a run resumes", () =>
  withFile((path) => {
    let keep = 0;
    {
      using lines = openJsonLines(path);
      lines.append({ step: 1 });
      keep = lines.offset;
      lines.append({ step: 2 });
    }
    using lines = openJsonLines(path, { keep });
    lines.append({ step: 3 });
    assertEquals(Deno.readTextFileSync(path), '{"step":1}\n{"step":3}\n');
  }));

Deno.test("openJsonLines() refuses a file that is shorter than what is to be kept", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, "{}\n");
    assertThrows(() => openJsonLines(path, { keep: 9 }), RangeError, "at least 9 bytes are needed, current size is 3");
    assertEquals(Deno.readTextFileSync(path), "{}\n");
  }));

Deno.test("openJsonLines() refuses numbers that JSON lacks, naming the key", () =>
  withFile((path) => {
    using lines = openJsonLines(path);
    assertThrows(
      () => lines.append({ loss: NaN }),
      RangeError,
      '"loss": a finite number is needed, current value is NaN',
    );
    assertEquals(Deno.readTextFileSync(path), "");
  }));
