import { trainingBatch } from "../../lib/batches/training_batch.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { type PackedTargets, packTargets, type PackTargetsOptions } from "../../lib/runs/pack_targets.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import { targetsFrom } from "../../lib/teachers/targets/kept_targets.ts";
import type { SparseTargets, Teacher } from "../../lib/teachers/teacher.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const K = 6;
const model = tinyModel(2);
const rows = tinyRows(7);
const tokens = rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);

/** The teacher, and the sizes of the batches that it was asked about. */
function asked(): { teacher: Teacher & { topK: number }; batches: number[] } {
  const inner = sparse(model, { topK: K });
  const batches: number[] = [];
  const prepare = (batch: Parameters<Teacher["prepare"]>[0]) => {
    batches.push(batch.rows.length);
    return inner.prepare(batch);
  };
  return { teacher: { ...inner, vocabularySize: inner.vocabularySize, prepare }, batches };
}

/** What a row's targets must be, from the model's logits of that row alone, in float64. */
function expected(row: typeof rows[number]): { ids: number[]; logProbs: number[] }[] {
  const { tokens, keep } = trainingBatch([row]);
  const logits = model.logitsOf(model.states(tokens, { keep }));
  const numbers = [...logits.dataSync()];
  return Array.from({ length: keep.length }, (_, place) => {
    const line = numbers.slice(place * TINY_VOCABULARY, (place + 1) * TINY_VOCABULARY);
    const most = Math.max(...line);
    const norm = most + Math.log(line.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    const ids = line.map((_, id) => id).sort((one, other) => line[other] - line[one]).slice(0, K);
    return { ids: ids.toSorted((one, other) => one - other), logProbs: ids.map((id) => line[id] - norm) };
  });
}

Deno.test("packTargets() fills a folder with the best tokens of the model's own distributions", async () => {
  const folder = await Deno.makeTempDir();
  const { teacher, batches } = asked();
  const progress: [number, number][] = [];
  const packed = await packTargets(teacher, rows, {
    folder,
    bits: 16,
    batchSize: 3,
    onProgress: (...state) => progress.push(state),
  });
  assertEquals([batches, progress], [[3, 3, 1], [[3, 7], [6, 7], [7, 7]]]);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".targets"));
  const bytes = files.reduce((sum, name) => sum + Deno.statSync(`${folder}/${name}`).size, 0);
  const { nats, ...counts } = packed.written;
  assertEquals([packed.rows, packed.tokens, counts], [7, tokens, { tokens, bytes }]);
  assert(nats / tokens < 1e-4, `${nats} nats`);

  const alone = targetsFrom(folder);
  for (const row of rows) {
    const targets = await alone.prepare({ rows: [row], recurring: true, ...trainingBatch([row]) }) as SparseTargets;
    const wanted = expected(row);
    const { ids, logProbs } = targets.answer(0, wanted.length);
    wanted.forEach((one, place) => {
      const found = [...ids.subarray(place * K, (place + 1) * K)].map((id, at) => [id, logProbs[place * K + at]]);
      assertEquals(found.map(([id]) => id).toSorted((one, other) => one - other), one.ids);
      const sorted = found.map(([, logProb]) => logProb).toSorted((one, other) => other - one);
      assertAllClose(sorted, one.logProbs, { atol: 2e-3 });
    });
  }
});

Deno.test("packTargets() that is stopped keeps what is packed, and asks only about the other rows later", async () => {
  const [folder, whole] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const pack = async (options: PackTargetsOptions): Promise<[PackedTargets, number[]]> => {
    const { teacher, batches } = asked();
    return [await packTargets(teacher, rows, { batchSize: 2, ...options }), batches];
  };
  const controller = new AbortController();
  const onProgress = (done: number) => done === 4 && controller.abort();
  const [first, before] = await pack({ folder, signal: controller.signal, onProgress });
  assertEquals([first.rows, before], [4, [2, 2]]);
  const [second, after] = await pack({ folder });
  assertEquals([second.rows, after], [7, [2, 1]]);
  assertEquals(first.written.tokens + second.written.tokens, tokens);
  const [third, none] = await pack({ folder });
  assertEquals([third.rows, third.written, none], [7, { tokens: 0, bytes: 0, nats: 0 }, []]);

  await pack({ folder: whole });
  const answers = [folder, whole].map(async (path) => {
    const targets = await targetsFrom(path).prepare({ rows, recurring: true, ...trainingBatch(rows) });
    return (targets as SparseTargets).answer(0, tokens);
  });
  assertEquals(await answers[0], await answers[1]);
});

Deno.test("packTargets() refuses what it cannot pack, naming it", async () => {
  const folder = await Deno.makeTempDir();
  const { teacher } = asked();
  // @ts-expect-error: a model has whole distributions
  await assertRejects(() => packTargets(model, rows, { folder }), TypeError, "must answer sparsely");
  // @ts-expect-error: the folder is missing
  await assertRejects(() => packTargets(teacher, rows, {}), TypeError, "folder must be a string");
  await assertRejects(() => packTargets(teacher, rows, { folder, batchSize: 0 }), RangeError, "current value is 0");
  await assertRejects(() => packTargets(teacher, rows, { folder, bits: 3 }), RangeError, "from 4 to 16");
  const empty = [rows[0], { ids: [1, 2], promptLength: 2 }];
  await assertRejects(() => packTargets(teacher, empty, { folder }), RangeError, "row 1: a response must follow");
});
