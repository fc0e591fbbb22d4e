import { readRecords, recoverLines } from "../../lib/runs/recover_lines.ts";
import { assert, assertEquals } from "../support/mod.ts";

const line = (step: number, type = "step") => JSON.stringify({ type, step, note: "größer" }) + "\n";
const whole = [line(1), line(2), line(2, "validation"), line(3), line(4)];
const size = (text: string) => new TextEncoder().encode(text).length;
const offset = size(whole.slice(0, 3).join(""));

async function recovered(content: string | Uint8Array | undefined, options: { step: number; offset?: number }) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/metrics.jsonl`;
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else if (content) await Deno.writeFile(path, content);
  const { keep, warning } = await recoverLines(path, options);
  const bytes = await Deno.readFile(path).catch(() => new Uint8Array());
  const kept = new TextDecoder().decode(bytes.subarray(0, keep));
  const aside = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.includes("damaged"));
  const before = aside.length > 0 ? await Deno.readFile(`${folder}/${aside[0]}`) : undefined;
  return { kept, warning: warning?.replaceAll(`${folder}/`, ""), aside, before };
}

Deno.test("recoverLines() keeps what belongs to the checkpoint, and reports nothing of a file that is whole", async () => {
  const all = whole.join("");
  const good = whole.slice(0, 3).join("");
  const later = '{"type":"step","st'; // of a later step, cut off when the run was killed
  for (const text of [all, good, good + later]) {
    assertEquals(await recovered(text, { step: 2, offset }), {
      kept: good,
      warning: undefined,
      aside: [],
      before: undefined,
    });
    assertEquals((await recovered(text, { step: 2 })).kept, good);
  }
  assertEquals((await recovered(undefined, { step: 0, offset: 0 })).warning, undefined);
  assertEquals((await recovered(all, { step: 0, offset: 0 })).kept, "");
});

Deno.test("recoverLines() keeps the good lines of a damaged file, and sets aside the file as it was", async () => {
  const good = whole.slice(0, 3);
  const cases: [name: string, content: string | Uint8Array, kept: string[], reason: string][] = [
    ["cut in a line", good.join("").slice(0, offset - 9), [whole[0], whole[1]], "a line of it cannot be read"],
    ["cut between lines", whole[0], [whole[0]], "it does not end where the checkpoint was saved"],
    ["NUL bytes", good[0] + "\0".repeat(good[1].length) + good[2], [good[0], good[2]], "a line of it cannot be read"],
    ["NUL line", good[0] + "\0\n" + good[2], [good[0], good[2]], "a line of it cannot be read"],
    ["two writers", good[0] + good[0] + good[1] + good[2] + "{", good, "a line of it cannot be read"],
    ["two lines in one", good[0] + good[1].trimEnd() + good[2] + line(2), [good[0], line(2)], "a line of it cannot"],
    ["no object", `3\n[]\n"a"\n` + good[2] + " ".repeat(99) + "\n", [good[2]], "4 lines of it cannot be read"],
    ["emptied", "", [], "it does not end where"],
    ["a later step first", line(9) + good.join(""), good, "it does not end where the checkpoint was saved"],
    [
      "no UTF-8",
      Uint8Array.from([...new TextEncoder().encode(good[0]), 0xff, 0xfe, 10, ...new TextEncoder().encode(good[2])]),
      [good[0], good[2]],
      "a line of it cannot be read",
    ],
  ];
  for (const [name, content, kept, reason] of cases) {
    const found = await recovered(content, { step: 2, offset });
    assertEquals(found.kept, kept.join(""), name);
    assert(found.warning?.includes(reason), `${name}: ${found.warning}`);
    assert(
      found.warning?.endsWith(`${kept.length} good lines are kept, the original file is metrics.damaged-1.jsonl`),
    );
    assertEquals(found.before, typeof content === "string" ? new TextEncoder().encode(content) : content, name);
  }
});

Deno.test("recoverLines() continues without a file that is missing, or is not a file", async () => {
  const { warning } = await recovered(undefined, { step: 2, offset });
  assertEquals(warning, "metrics.jsonl is missing: the run continues without its earlier lines");
  const folder = await Deno.makeTempDir();
  const path = `${folder}/metrics.jsonl`;
  for (const number of [1, 2]) {
    await Deno.mkdir(path);
    const found = await recoverLines(path, { step: 2, offset });
    assertEquals(found.keep, 0);
    assert(found.warning?.endsWith(`it is set aside as ${folder}/metrics.damaged-${number}.jsonl`), found.warning);
  }
});

Deno.test("readRecords() reads what can be read, and counts what cannot", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, whole[0] + "\0\0\n" + whole[3] + '{"type":');
  const { lines, damaged } = await readRecords(path);
  assertEquals([lines.map(({ step }) => step), damaged], [[1, 3], 2]);
  assertEquals(await readRecords(`${path}.absent`), { lines: [], damaged: 0 });
});
