import type { Answer } from "../../lib/evaluation/answer_rows.ts";
import { answersInFile } from "../../lib/evaluation/answer_file.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";

const answerOf = (row: number): Answer => ({
  row,
  prompt: `Frage ${row}: größer?\n`,
  references: ["ja"],
  answer: row % 2 ? "ja" : "nein",
  tokens: 1,
  ended: row > 1,
  rougeL: row % 2 ? 100 : 0,
  exactMatch: row % 2 ? 100 : 0,
});

/** Answers six rows in batches of two, the last rows first; notes what was asked for, and may stop before the end. */
function answering(key: string, { stopAfter = Infinity } = {}) {
  const asked: number[] = [];
  return {
    asked,
    options: {
      key,
      count: 6,
      async *answer(done: ReadonlySet<number>) {
        const left = [5, 4, 3, 2, 1, 0].filter((row) => !done.has(row));
        for (let at = 0; at < left.length; at += 2) {
          if (asked.length >= stopAfter) throw new Error("interrupted");
          asked.push(...left.slice(at, at + 2));
          yield await Promise.resolve(left.slice(at, at + 2).map(answerOf));
        }
      },
    },
  };
}

const rowsOf = async (path: string) =>
  (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line).row);

Deno.test("answersInFile() writes all answers in their order, and does nothing the second time", async () => {
  const path = `${await Deno.makeTempDir()}/model/set/seed-10.jsonl`;
  const scores = { rougeL: 50, exactMatch: 50, count: 6, unfinished: 2 };
  assertEquals(await answersInFile(path, answering("k").options), scores);
  assertEquals(await rowsOf(path), [0, 1, 2, 3, 4, 5]);
  assertEquals(JSON.parse((await Deno.readTextFile(path)).split("\n")[3]), answerOf(3));
  const again = answering("k");
  assertEquals(await answersInFile(path, again.options), scores);
  assertEquals(again.asked, []);
});

Deno.test("answersInFile() resumes after an interruption, in the middle of a line too", async () => {
  const path = `${await Deno.makeTempDir()}/seed-10.jsonl`;
  await assertRejects(() => answersInFile(path, answering("k", { stopAfter: 4 }).options), Error, "interrupted");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.slice(0, -10));
  const rest = answering("k");
  assertEquals((await answersInFile(path, rest.options)).count, 6);
  assertEquals([rest.asked, await rowsOf(path)], [[2, 1, 0], [0, 1, 2, 3, 4, 5]]);
});

Deno.test("answersInFile() makes again what was made under another key or has a broken note", async () => {
  const path = `${await Deno.makeTempDir()}/seed-10.jsonl`;
  await answersInFile(path, answering("k").options);
  const other = answering("l");
  await answersInFile(path, other.options);
  assertEquals(other.asked.length, 6);
  await Deno.writeTextFile(path.replace("jsonl", "json"), "{");
  const third = answering("l");
  await answersInFile(path, third.options);
  assertEquals(third.asked.length, 6);
});
