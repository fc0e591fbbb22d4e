/** Sparse answers that are packed and kept. */
import { randomStream } from "../../../lib/random/random.ts";
import { trainingBatch } from "../../../lib/batches/training_batch.ts";
import type { SparseAnswer } from "../../../lib/distributions/sparse_answer.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import { keptTargets, targetsFrom } from "../../../lib/teachers/targets/kept_targets.ts";
import { byFrequency, numberingOf } from "../../../lib/teachers/targets/numbering.ts";
import { packAnswer, packingError, unpackAnswer } from "../../../lib/teachers/targets/pack_answer.ts";
import { TeacherError } from "../../../lib/teachers/teacher_error.ts";
import type { SparseTargets, Teacher } from "../../../lib/teachers/teacher.ts";
import { distill } from "../../../lib/training/run/distill.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

const rows = tinyRows(6);
const batchOf = (some = rows) => ({ rows: some, recurring: true, ...trainingBatch(some) });

/** A teacher that counts what it is asked. */
function counted(teacher: Teacher): Teacher & { asked: number } {
  return {
    ...teacher,
    vocabularySize: teacher.vocabularySize,
    asked: 0,
    prepare(batch) {
      this.asked += batch.rows.length;
      return teacher.prepare(batch);
    },
  };
}

const answerOf = async (teacher: Teacher, some = rows) =>
  ((await teacher.prepare(batchOf(some))) as SparseTargets).answer(0, batchOf(some).labels.length);

/** Answers as a teacher of a large vocabulary gives them: k of V tokens, small ids more often, some of them impossible. */
function made(count: number, { k, size, seed }: { k: number; size: number; seed: number }) {
  const random = randomStream(seed);
  const uniform = () => random.below(1 << 24) / (1 << 24);
  const ids = new Int32Array(count * k), logProbs = new Float32Array(count * k);
  const own = new Float32Array(count), rest = new Float32Array(count), labels = new Int32Array(count);
  for (let place = 0; place < count; place += 1) {
    const chosen = new Set<number>();
    while (chosen.size < k) {
      chosen.add(Math.floor(size ** (k === size ? 1 : uniform()) * (k === size ? uniform() : 1)) % size);
    }
    const weights = Array.from({ length: k + 2 }, () => Math.exp(-12 * uniform()) + 1e-9);
    if (place % 7 === 0) weights[1] = 0;
    if (k === size) weights[k] = weights[k + 1] = 0;
    const listed = place % 5 > 0 || k === size;
    if (listed) weights[k] = 0;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const logs = weights.map((weight) => Math.log(weight / sum));
    ids.set([...chosen], place * k);
    logProbs.set(logs.slice(0, k), place * k);
    let outside = 0;
    while (chosen.has(outside)) outside += 1;
    labels[place] = listed ? [...chosen][place % k] : outside;
    own[place] = listed ? logs[place % k] : logs[k];
    rest[place] = logs[k + 1];
  }
  return { answer: { ids, logProbs, own, rest }, labels };
}

Deno.test("unpackAnswer() returns what packAnswer() took, to half a step of the spread, for k = 1 to V", () => {
  for (const [k, size] of [[1, 50], [8, 300], [64, 49152], [40, 40], [64, 262144]]) {
    const { answer, labels } = made(40, { k, size, seed: k });
    for (const bits of [4, 7, 8, 16]) {
      const numbering = numberingOf(byFrequency(answer.ids.subarray(0, 10 * k)), size);
      const options = { numbering, bits, labels };
      const bytes = packAnswer(answer, options);
      const found = unpackAnswer(bytes, { ...options, topK: k });
      for (let place = 0; place < labels.length; place += 1) {
        const those = ({ ids, logProbs }: SparseAnswer) =>
          new Map([...ids.subarray(place * k, place * k + k)].map((id, rank) => [id, logProbs[place * k + rank]]));
        const [before, after] = [those(answer), those(found)];
        assertEquals([...after.keys()].sort(), [...before.keys()].sort());
        const finite = [...before.values()].filter(Number.isFinite);
        const spread = Math.max(...finite) - Math.min(...finite);
        // Half a step, the rounding of the ends, and the sum that is made 1 again.
        const atol = spread / (2 ** bits - 2) * 1.01 + 3e-3;
        for (const [id, logProb] of before) {
          if (logProb === -Infinity) assertEquals(after.get(id), -Infinity);
          else assert(Math.abs(after.get(id)! - logProb) <= atol, `${after.get(id)} of ${logProb}, ${bits} bits`);
        }
        const pair = [found.own[place], found.rest[place]].map(Math.exp);
        assertAllClose(pair, [answer.own[place], answer.rest[place]].map(Math.exp), { atol, rtol: atol });
        const mass = [...after.values()].reduce((sum, logProb) => sum + Math.exp(logProb), pair[1]) +
          (after.has(labels[place]) ? 0 : pair[0]);
        assert(Math.abs(mass - 1) < 1e-5, `${mass}`);
      }
      const error = packingError(answer, found, labels);
      assert(error > -1e-6 && error < (bits >= 7 ? 2e-3 : 0.1), `${error} nats at ${bits} bits`);
      assertThrows(() => unpackAnswer(bytes.subarray(0, bytes.length - 1), { ...options, topK: k }), RangeError);
      assertThrows(() => unpackAnswer(Uint8Array.of(...bytes, 0), { ...options, topK: k }), RangeError, "too many");
    }
  }
});

Deno.test("keptTargets() asks once for each row, gives the same from files later, and targetsFrom() without the teacher", async () => {
  const folder = await Deno.makeTempDir();
  const inner = counted(sparse(tinyModel(2), { topK: 6 }));
  const teacher = keptTargets(inner, { folder, bits: 12 });
  const first = await answerOf(teacher);
  const again = await answerOf(teacher, rows.toReversed());
  assertEquals(inner.asked, rows.length);
  assertEquals([...again.own].sort(), [...first.own].sort());
  assertAllClose([...first.own], [...(await answerOf(inner)).own], { atol: 5e-3, rtol: 5e-3 });
  assertEquals(await answerOf(keptTargets(counted(inner), { folder, bits: 12 })), first);
  const alone = targetsFrom(folder);
  assertEquals(await answerOf(alone), first);
  assertEquals((await alone.identity()).settings, JSON.parse(JSON.stringify((await teacher.identity()).settings)));
  const { tokens, nats, bytes } = teacher.written;
  assert(tokens === batchOf().labels.length && nats / tokens < 1e-3 && bytes > 0, `${nats} nats`);
  const memory = keptTargets(inner);
  assertEquals(await answerOf(memory), await answerOf(memory));
  const others = tinyRows(2, { seed: 9 });
  await assertRejects(() => answerOf(alone, [rows[0], ...others]), TeacherError, "row 1 of 3");
});

Deno.test("keptTargets() refuses folders of another teacher, another k, other bits, and files that are damaged", async () => {
  const folder = await Deno.makeTempDir();
  const inner = sparse(tinyModel(2), { topK: 6 });
  await answerOf(keptTargets(inner, { folder }));
  const refused = async (teacher: Teacher, what: string) => {
    await assertRejects(() => answerOf(teacher), RangeError, what);
  };
  await refused(keptTargets(sparse(tinyModel(2), { topK: 5 }), { folder }), "topK is 6 there, 5 here");
  await refused(keptTargets(inner, { folder, bits: 8 }), "bits is 7 there, 8 here");
  await refused(keptTargets(sparse(tinyModel(3), { topK: 6 }), { folder }), "teacher is {");
  for (const bits of [3, 17, 7.5]) assertThrows(() => keptTargets(inner, { folder, bits }), RangeError, "from 4 to 16");
  assertThrows(() => targetsFrom(`${folder}/absent`), RangeError, "there is no targets.json");
  const name = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".targets"))!.name;
  const path = `${folder}/${name}`, bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.subarray(0, bytes.length - 9));
  assertThrows(() => targetsFrom(folder), SyntaxError, `the file must have ${bytes.length} bytes`);
  await Deno.writeFile(path, bytes.with(bytes.length - 9, bytes.at(-9)! ^ 1));
  await assertRejects(() => answerOf(targetsFrom(folder)), SyntaxError, "does not match its SHA-256");
  await Deno.writeTextFile(`${folder}/targets.json`, "{}");
  assertThrows(() => targetsFrom(folder), SyntaxError, "targets.json must have format 1");
});

Deno.test("distill() learns the same from the teacher that keeps its targets, and from the folder alone", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (teacher: Teacher) => {
    const losses: number[] = [];
    const all = { rows, batchSize: 3, totalSteps: 4, seed: 3, optimizer: { learningRate: 1e-2 } };
    for await (const event of distill({ student: tinyModel(1), teacher, objective: objective("amid"), ...all })) {
      if (event.type === "step") losses.push(event.loss);
    }
    return losses;
  };
  const inner = sparse(tinyModel(2), { topK: 6 });
  const losses = await run(keptTargets(inner, { folder, bits: 16 }));
  assertEquals(await run(targetsFrom(folder)), losses);
  assertAllClose(losses, await run(inner), { atol: 5e-3, rtol: 5e-3 });
});
