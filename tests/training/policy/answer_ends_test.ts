import { useEngine } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { endTokenWarning } from "../../../lib/training/policy/answer_ends.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../../lib/training/run/distill.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

const tokenizerWith = (endToken: number) => ({
  endToken,
  vocabularySize: 53,
  decode: (ids: readonly number[]) => `<${ids.join(" ")}>`,
});
const ending = (seed: number, ends?: number | number[]) => tinyModel(seed, { eos_token_id: ends });

async function eventsOf(options: Partial<DistillOptions>): Promise<DistillEvent[]> {
  const events: DistillEvent[] = [];
  const run = distill({
    student: ending(1, 7),
    teacher: ending(2, 7),
    objective: objective("gkd"),
    rows: tinyRows(6),
    batchSize: 3,
    totalSteps: 3,
    optimizer: { learningRate: 1e-3 },
    ...options,
  });
  for await (const event of run) events.push(event);
  return events;
}

Deno.test("endTokenWarning() names each that ends otherwise, and where the student's answers end", () => {
  const student = ending(1, 7);
  const teacher = ending(2, [7, 9]);
  assertEquals(
    endTokenWarning({ student, teacher, tokenizer: tokenizerWith(7) }),
    `end tokens differ: the teacher's answers end with token 7 "<7>" or 9 "<9>", the student's end with token 7 "<7>", ` +
      `the rows end with token 7 "<7>"; the student's responses end with 7 "<7>"`,
  );
  assertEquals(
    endTokenWarning({ student, teacher }),
    "end tokens differ: the teacher's answers end with token 7 or 9, the student's end with token 7; " +
      "the student's responses end with 7",
  );
  const rows = endTokenWarning({ student, tokenizer: tokenizerWith(4) })!;
  assert(rows.includes(`the rows end with token 4 "<4>"`) && rows.endsWith(`end with 7 "<7>" or 4 "<4>"`), rows);
  const own = endTokenWarning({ student, teacher: ending(2, 7), teacherTokenizer: { endToken: 3 } })!;
  assert(own.includes("the teacher's answers end with token 7 or 3, the student's end with token 7;"), own);
  const given = endTokenWarning({ student, teacher, responses: { stopTokens: [1] } })!;
  assert(given.endsWith("the student's responses end with 1"), given);
});

Deno.test("endTokenWarning() reports nothing where ends agree, in whatever order, or are not named", () => {
  const tokenizer = tokenizerWith(7);
  assertEquals(endTokenWarning({ student: ending(1, [9, 7]), teacher: ending(2, [7, 9]) }), undefined);
  assertEquals(endTokenWarning({ student: ending(1, 7), teacher: ending(2, 7), tokenizer }), undefined);
  assertEquals(endTokenWarning({ student: ending(1), teacher: ending(2, 7), tokenizer }), undefined);
  assertEquals(endTokenWarning({ student: ending(1) }), undefined);
});

Deno.test("distill() warns of ends that differ before the first step", async () => {
  const events = await eventsOf({ teacher: ending(2, [7, 9]) });
  const place = events.findIndex((event) => event.type === "warning" && event.message.startsWith("end tokens differ"));
  assert(place >= 0 && place < events.findIndex(({ type }) => type === "step"));
  assert((await eventsOf({})).every(({ type }) => type !== "warning"));
});

Deno.test("distill() ends the student's answers at its own ends and the tokenizer's, and counts those without one", async () => {
  const rows = tinyRows(40, { seed: 3 });
  const stops = [7, 9, 11, 4];
  const taken: DistillOptions["rows"][] = [];
  const measure: DistillOptions["measure"] = (_trainer, rows) => (taken.push(rows), {});
  const options = { rows, batchSize: 20, measure, responses: { maxNewTokens: 12 }, policy: { name: "on" } } as const;
  const student = ending(1, stops.slice(1));
  const events = await eventsOf({ ...options, student, teacher: ending(2, stops), tokenizer: tokenizerWith(7) });
  const counted = events.flatMap((event) => event.type === "step" ? [event.metrics!.unfinished] : []);
  const inside = (ids: readonly number[], length: number) => ids.slice(length, -1).some((id) => stops.includes(id));
  assert(taken.every((rows) => rows.every(({ ids, promptLength }) => !inside(ids, promptLength))));
  const unended = taken.map((rows) => rows.filter(({ ids }) => !stops.includes(ids.at(-1)!)).length);
  assertEquals(counted, unended);
  assert(counted.every((count) => count > 0 && count < 20), `all or none were counted: ${counted}`);
  const offPolicy = (await eventsOf({})).flatMap((event) => event.type === "step" ? [event.metrics?.unfinished] : []);
  assertEquals(offPolicy, [undefined, undefined, undefined]);
});

Deno.test("distill() lets the student write no more than a teacher with a shorter context reads", async () => {
  const teacher = tinyModel(2, { n_positions: 24 });
  const options = { teacher, student: tinyModel(1), policy: { name: "on" }, responses: { maxNewTokens: 40 } } as const;
  const lengths: number[] = [];
  const measure: DistillOptions["measure"] = (_, rows) => (lengths.push(...rows.map(({ ids }) => ids.length)), {});
  await eventsOf({ ...options, measure });
  assertEquals(Math.max(...lengths), 24);
});
