/** Teachers with another tokenizer than the student. */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../../lib/batches/row.ts";
import { keptTokens, trainingBatch } from "../../../lib/batches/training_batch.ts";
import { rowFromText } from "../../../lib/datasets/row_from_text.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { objective, objectives } from "../../../lib/objectives/mod.ts";
import { coarsened } from "../../../lib/objectives/coarsen.ts";
import { alignedTeacher, type AlignedTeacherOptions } from "../../../lib/teachers/aligned/aligned_teacher.ts";
import { cached } from "../../../lib/teachers/cached.ts";
import { localTeacher } from "../../../lib/teachers/local_teacher.ts";
import { mixedTeacher } from "../../../lib/teachers/mixed_teacher.ts";
import { sampledTail } from "../../../lib/teachers/sampled_tail.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import type { SparseAnswer } from "../../../lib/distributions/sparse_answer.ts";
import type { SparseTargets, Teacher } from "../../../lib/teachers/teacher.ts";
import { teacherLoss } from "../../../lib/teachers/teacher_loss.ts";
import { teacherPerRow } from "../../../lib/teachers/teacher_per_row.ts";
import { loadTokenizer, tokenizerOf } from "../../../lib/text/tokenizer.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { logSoftmax, referenceKl } from "../../divergences/reference.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";

await useEngine("wasm");
const words = await loadTokenizer("data/tokenizer");
/** A tokenizer with the first of the merges only, and ids of its own. */
const pieces = (merges: number, shift = 0) => {
  const specification = structuredClone(words.specification) as {
    model: { vocab: Record<string, number>; merges: unknown[] };
    added_tokens: { id: number; content: string }[];
  };
  const { model, added_tokens: added } = specification;
  model.merges = model.merges.slice(0, merges);
  const size = words.vocabularySize;
  const moved = (id: number) => (id + shift) % size;
  model.vocab = Object.fromEntries(Object.entries(model.vocab).map(([text, id]) => [text, moved(id)]));
  for (const token of added) token.id = moved(token.id);
  return tokenizerOf({ tokenizer: JSON.stringify(specification), config: '{"eos_token": "<|endoftext|>"}' });
};
const short = pieces(600, 7);
/** A tokenizer with bytes, the tokens of the first merges, the end, and one that no other has. */
const small = (merges: number) => {
  const specification = structuredClone(words.specification) as {
    model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
    added_tokens: { id: number; content: string }[];
  };
  const { model, added_tokens: added } = specification;
  model.merges = model.merges.slice(0, merges);
  const made = new Set(model.merges.map((pair) => (typeof pair === "string" ? pair.split(" ") : pair).join("")));
  const texts = Object.keys(model.vocab).filter((text) => [...text].length === 1 || made.has(text));
  model.vocab = Object.fromEntries(texts.map((text, id) => [text, id]));
  added.push({ ...added[0], content: "<|mine|>" });
  added.forEach((token, index) => token.id = texts.length + index);
  return tokenizerOf({ tokenizer: JSON.stringify(specification), config: '{"eos_token": "<|endoftext|>"}' });
};
const sizes = { model_type: "gpt2", n_positions: 160, n_embd: 8, n_head: 2, n_layer: 1, initializer_range: 0.5 };
const modelOf = (seed: number) => initializeModel({ ...sizes, vocab_size: words.vocabularySize }, { seed });
const [student, model] = [modelOf(1), modelOf(2)];
const texts = [
  { prompt: "Name a wader.\n", response: "A grey heron, naïve 鷺 of the marsh, unquestionably." },
  { prompt: "What is 12 + 30?\n", response: "42" },
];
const rows = texts.map((text) => rowFromText(words, text));
const shortRows = texts.map((text) => rowFromText(short, text));
const options = (changes: Partial<AlignedTeacherOptions> = {}) => ({
  student: words,
  teacher: short,
  topK: 16,
  ...changes,
});

/** The log-probabilities of each place of a row's response, in float64. */
function logProbsOf(of: LanguageModel, ids: number[], promptLength: number): number[][] {
  const batch = trainingBatch([{ ids, promptLength }]);
  const logits = tf.tidy(() => tf.matMul(of.states(batch.tokens, { keep: batch.keep }), of.head, false, true));
  const numbers = (logits.arraySync() as number[][]).map(logSoftmax);
  logits.dispose();
  return numbers;
}

/** A span of the reference: ends of both sequences' tokens where as many characters of bytes have passed. */
function referenceSpans(ours: string[], theirs: string[]) {
  const ends = (texts: string[]) => texts.map((_, index) => texts.slice(0, index + 1).join("").length);
  const [left, right] = [ends(ours), ends(theirs)];
  const common = left.filter((end) => right.includes(end));
  return common.map((end, index) => {
    const begin = index === 0 ? 0 : common[index - 1];
    const within = (list: number[]) => list.flatMap((one, at) => one > begin && one <= end ? [at] : []);
    return { ours: within(left), theirs: within(right) };
  });
}

/** The loss of a row by its definition, in float64, with the tokens' bytes as the byte characters of the vocabularies. */
function referenceLoss(
  row: Row,
  { topK, student: mine, teacher: other, isSparse = false, learner = student }:
    & Required<Pick<AlignedTeacherOptions, "topK" | "student" | "teacher">>
    & { isSparse?: boolean; learner?: LanguageModel },
): number {
  const names = (tokenizer: Pick<typeof words, "specification">) => {
    const { vocab } = tokenizer.specification.model as { vocab: Record<string, number> };
    const list: string[] = [];
    for (const [text, id] of Object.entries(vocab)) list[id] = text;
    return list;
  };
  const [ourNames, theirNames] = [names(mine), names(other)];
  const { ids, promptLength } = row;
  const prompt = other.encode(mine.decode(ids.slice(0, promptLength)));
  const response = ids.slice(promptLength, -1);
  const theirs = other.encode(mine.decode(response));
  const q = logProbsOf(learner, ids, promptLength);
  const p = logProbsOf(model, [...prompt, ...theirs, other.endToken], prompt.length);
  const spans = referenceSpans(response.map((id) => ourNames[id]), theirs.map((id) => theirNames[id]));
  spans.push({ ours: [response.length], theirs: [theirs.length] });
  const [ourIds, theirIds] = [[...response, mine.endToken], [...theirs, other.endToken]];
  const common = theirNames.flatMap((text, id) => ourNames.includes(text) ? [[id, ourNames.indexOf(text)]] : []);
  let sum = 0;
  for (const { ours, theirs } of spans) {
    if (ours.length === 1 && theirs.length === 1) {
      const ranked = (ids: number[]) => ids.sort((a, b) => p[theirs[0]][b] - p[theirs[0]][a]).slice(0, topK);
      const named = ranked(isSparse ? [...p[theirs[0]].keys()] : common.map(([id]) => id));
      const best = common.filter(([id]) => named.includes(id));
      const pairs = best.some(([, id]) => id === ourIds[ours[0]])
        ? best
        : [...best, [theirIds[theirs[0]], ourIds[ours[0]]]];
      const coarse = (logs: number[], side: 0 | 1) => {
        const named = pairs.map((pair) => Math.exp(logs[pair[side]]));
        return [...named, 1 - named.reduce((total, one) => total + one, 0)];
      };
      sum += referenceKl(coarse(p[theirs[0]], 0), coarse(q[ours[0]], 1));
    } else {
      const product = (logs: number[][], at: number[], labels: number[]) =>
        Math.exp(at.reduce((total, place) => total + logs[place][labels[place]], 0));
      const [one, other] = [product(p, theirs, theirIds), product(q, ours, ourIds)];
      sum += referenceKl([one, 1 - one], [other, 1 - other]);
    }
  }
  return sum;
}

const stepOf = (teacher: Teacher | LanguageModel, of: Row[], changes: object = {}) => {
  const trainer = new Trainer({
    student: modelOf(1),
    teacher,
    objective: objective("forward-kl"),
    totalSteps: 1,
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
  return trainer.step(of).finally(() => trainer.dispose());
};

Deno.test("alignedTeacher() gives the loss of spans in float64: best common tokens, likelihoods, end tokens", async () => {
  for (const [own, all] of [[options(), rows], [options({ student: short, teacher: words }), shortRows]] as const) {
    const teacher = alignedTeacher(model, own);
    const expected = all.reduce((sum, row) => sum + referenceLoss(row, own), 0) / keptTokens(all);
    for (const changes of [{}, { chunkSize: 3 }, { microBatchSize: 1, chunkSize: 5 }]) {
      const { distillLoss } = await stepOf(teacher, [...all], changes);
      assertAllClose(distillLoss, expected, { atol: 1e-5, rtol: 1e-4 });
    }
    const { alignedTokens, singleTokens } = teacher.measures(all);
    assert(alignedTokens === 1 && singleTokens > 0.1 && singleTokens < 0.9, `${alignedTokens} ${singleTokens}`);
  }
});

Deno.test("alignedTeacher() of a teacher that names its best tokens counts those that are not common among the rest", async () => {
  const bytes = small(300);
  const smallRows = texts.map((text) => rowFromText(bytes, text));
  const learnerOf = () => initializeModel({ ...sizes, vocab_size: bytes.vocabularySize }, { seed: 1 });
  const batch = { rows: smallRows, recurring: false, ...trainingBatch(smallRows) };
  const answerOf = async (teacher: Teacher) => {
    const targets = await teacher.prepare(batch) as SparseTargets;
    const answer = targets.answer(0, batch.labels.length);
    targets.dispose();
    return answer;
  };
  for (const topK of [1, 8, 64]) {
    const own = { student: bytes, teacher: words, topK };
    const teacher = alignedTeacher(sparse(model, { topK }), own);
    const expected = smallRows.reduce(
      (sum, row) => sum + referenceLoss(row, { ...own, isSparse: true, learner: learnerOf() }),
      0,
    );
    for (const changes of [{}, { chunkSize: 3 }, { microBatchSize: 1, chunkSize: 5 }]) {
      const { distillLoss } = await stepOf(teacher, smallRows, { student: learnerOf(), ...changes });
      assertAllClose(distillLoss, expected / keptTokens(smallRows), { atol: 1e-5, rtol: 1e-4 });
    }
    const { ids, logProbs, spans } = await answerOf(teacher);
    assert(ids.some((id, at) => id === -1 && spans![Math.floor(at / topK)] === 0), "all of its best tokens are common");
    ids.forEach((id, at) => assert(id >= 0 || logProbs[at] === -Infinity));
  }
  const all = words.vocabularySize, common = alignedTeacher(model, { student: bytes, teacher: words }).commonTokens;
  const [sparsely, densely] = [[sparse(model, { topK: all }), all] as const, [model, common] as const]
    .map(([teacher, topK]) => alignedTeacher(teacher, { student: bytes, teacher: words, topK }));
  assert(common < all / 2);
  for (const name of ["forward-kl", "amid", "reverse-kl", "jensen-shannon"] as const) {
    const [found, wanted] = [sparsely, densely].map((teacher) =>
      stepOf(teacher, smallRows, { objective: objective(name), student: learnerOf() })
    );
    const [one, other] = [await found, await wanted];
    assertAllClose([one.loss, one.gradNorm], [other.loss, other.gradNorm], { atol: 2e-5, rtol: 2e-4 });
  }
  const uld = { student: bytes, teacher: words, topK: 16, elsewhere: "uld" as const };
  const found = (await answerOf(alignedTeacher(sparse(model, { topK: 16 }), uld))).sorted!;
  const wanted = (await answerOf(alignedTeacher(model, uld))).sorted!;
  assertEquals([...found.places], [...wanted.places]);
  assertAllClose([...found.probs], [...wanted.probs], { atol: 1e-6, rtol: 1e-4 });
});

Deno.test("alignedTeacher() of the same tokenizer is the dense teacher, every objective and its gradient", async () => {
  const size = words.vocabularySize;
  const teacher = alignedTeacher(model, { student: words, teacher: words, topK: teacherSize(size) });
  assertEquals(teacher.measures(rows), { alignedTokens: 1, singleTokens: 1 });
  for (const name of ["forward-kl", "amid", "reverse-kl"] as const) {
    const changes = { objective: objective(name), distillWeight: 0.7 };
    const [one, other] = [await stepOf(teacher, rows, changes), await stepOf(model, rows, changes)];
    assertAllClose([one.loss, one.lmLoss, one.gradNorm], [other.loss, other.lmLoss, other.gradNorm], {
      atol: 2e-5,
      rtol: 2e-4,
    });
  }
  function teacherSize(all: number): number {
    return alignedTeacher(model, { student: words, teacher: words }).commonTokens < all ? all - 1 : all;
  }
});

/** The logits that are compared, from those of the student by operations that are traced one by one. */
function traced(logits: tf.Tensor, { answer, labels }: { answer: SparseAnswer; labels: Int32Array }): tf.Tensor {
  const k = answer.ids.length / labels.length, width = logits.shape[1]!;
  const logProbs = tf.logSoftmax(logits);
  const none = tf.fill([1], -Infinity);
  const compared = Array.from(answer.spans!).flatMap((size, place) => size >= 0 ? [{ size, place }] : []);
  const lines = compared.map(({ size, place }) => {
    const at = (row: number, id: number) => tf.slice(logProbs, [row, id], [1, 1]).reshape([1]);
    const ids = [...answer.ids.subarray(place * k, (place + 1) * k)];
    const [label, isNamed] = [labels[place], ids.includes(labels[place])];
    if (size === 0) {
      const closed = tf.tensor1d(
        Array.from({ length: width }, (_, id) => id === label || ids.includes(id) ? -1e30 : 0),
      );
      const rest = tf.logSumExp(tf.add(tf.slice(logProbs, [place, 0], [1, width]).reshape([width]), closed)).reshape([
        1,
      ]);
      return tf.concat([...ids.map((id) => at(place, id)), isNamed ? none : at(place, label), rest]);
    }
    const sum = tf.addN(Array.from({ length: size }, (_, token) => at(place + token, labels[place + token])));
    const own = isNamed ? ids.indexOf(label) : k;
    return tf.concat([
      ...Array.from({ length: k + 1 }, (_, column) => column === own ? sum : none),
      tf.log(tf.sub(1, tf.exp(sum))),
    ]);
  });
  return tf.stack(lines);
}

Deno.test("coarsened() of spans has every objective's values and gradients of autodiff", async () => {
  await useEngine("cpu");
  const teacher = alignedTeacher(model, options({ topK: 8, student: short, teacher: words }));
  const row = rowFromText(short, { prompt: "Name a wader.\n", response: "An unquestionably grey heron" });
  const batch = { rows: [row], recurring: false, ...trainingBatch([row]) };
  const targets = await teacher.prepare(batch) as SparseTargets;
  const { labels } = batch;
  const answer = targets.answer(0, labels.length);
  assert(answer.spans!.some((size) => size > 1) && answer.spans!.includes(-1) && answer.spans!.includes(0));
  const logits = tf.tidy(() =>
    tf.matMul(student.states(batch.tokens, { keep: batch.keep }), student.head, false, true)
  );
  const rows = tf.tensor1d(Array.from(answer.spans!).flatMap((size, place) => size >= 0 ? [place] : []), "int32");
  for (const name of objectives()) {
    const one = objective(name);
    if (one.needs?.reference) continue;
    const compared = (student: tf.Tensor) => {
      const pair = coarsened({ student, labels }, answer);
      return tf.sum(one.perToken({ student: tf.gather(pair.student, rows), teacher: tf.gather(pair.teacher, rows) }));
    };
    const known = tf.tidy(() => tf.gather(coarsened({ student: logits, labels }, answer).teacher, rows));
    const slow = (student: tf.Tensor) =>
      tf.sum(one.perToken({ student: traced(student, { answer, labels }), teacher: known }));
    const [found, expected] = [compared, slow].map((loss) => tf.valueAndGrad(loss)(logits));
    assertAllClose(found.value, expected.value, { atol: 1e-4, rtol: 1e-4 });
    assertAllClose(found.grad, expected.grad, { atol: 2e-5, rtol: 2e-3 });
    tf.dispose([known, found.value, found.grad, expected.value, expected.grad]);
  }
  tf.dispose([logits, rows]);
  targets.dispose();
  await useEngine("wasm");
});

Deno.test("alignedTeacher() compares sorted probabilities where spans of several tokens begin, if it is told to", async () => {
  const own = options({ student: short, teacher: words });
  const [row] = shortRows;
  const { ids, promptLength } = row;
  const prompt = words.encode(short.decode(ids.slice(0, promptLength)));
  const response = words.encode(short.decode(ids.slice(promptLength, -1)));
  const p = logProbsOf(model, [...prompt, ...response, words.endToken], prompt.length);
  const q = logProbsOf(student, ids, promptLength);
  const teacher = alignedTeacher(model, { ...own, elsewhere: "uld" });
  const targets = await teacher.prepare({ rows: [row], recurring: false, ...trainingBatch([row]) }) as SparseTargets;
  const { places, probs } = targets.answer(0, keptTokens([row])).sorted!;
  targets.dispose();
  assert(places.length > 3, `${places.length} spans`);
  const sorted = (logs: number[]) => logs.map(Math.exp).sort((a, b) => b - a).slice(0, 16);
  let sum = 0;
  for (const [index, place] of places.entries()) {
    const theirs = [...probs.subarray(index * 16, (index + 1) * 16)];
    assert(p.some((logs) => sorted(logs).every((one, rank) => Math.abs(one - theirs[rank]) < 1e-5)), "of the teacher");
    const ours = sorted(q[place]);
    sum += ours.reduce((total, one, rank) => total + Math.abs(one - theirs[rank]), 0);
    sum += Math.abs(ours.reduce((total, one) => total + one, 0) - theirs.reduce((total, one) => total + one, 0));
  }
  const single = await stepOf(alignedTeacher(model, { ...own, elsewhere: "single" }), [row]);
  for (const changes of [{}, { chunkSize: 6 }]) {
    const found = await stepOf(teacher, [row], changes);
    const expected = single.distillLoss + sum / keptTokens([row]);
    assertAllClose(found.distillLoss, expected, { atol: 1e-5, rtol: 1e-4 });
    assert(found.gradNorm !== single.gradNorm);
  }
});

Deno.test("alignedTeacher() learns from single tokens alone where it is told to, and says what it lost", async () => {
  const teacher = alignedTeacher(model, options({ elsewhere: "single" }));
  const all = alignedTeacher(model, options());
  const [some, more] = [await stepOf(teacher, rows), await stepOf(all, rows)];
  assert(some.distillLoss > 0 && some.distillLoss < more.distillLoss);
  const batch = { rows, recurring: false, ...trainingBatch(rows) };
  const targets = await teacher.prepare(batch) as SparseTargets;
  const { spans } = targets.answer(0, batch.labels.length);
  targets.dispose();
  const single = spans!.filter((size) => size === 0).length / batch.labels.length;
  assertAllClose(teacher.measures(rows).singleTokens, single);
  const losses = [await teacherLoss(all, rows), await teacherLoss(teacher, rows)];
  assertAllClose(losses[1], losses[0], { atol: 1e-6, rtol: 1e-6 });
  const short3 = alignedTeacher(model, options({ elsewhere: "single", student: short, teacher: words }));
  const [inChunks, atOnce] = [await stepOf(short3, shortRows, { chunkSize: 3 }), await stepOf(short3, shortRows)];
  assertAllClose([inChunks.distillLoss, inChunks.gradNorm], [atOnce.distillLoss, atOnce.gradNorm], { rtol: 1e-4 });
});

Deno.test("alignedTeacher() trains with states cached, beside others by row, and refuses what is not defined", async () => {
  const plain = await stepOf(alignedTeacher(model, options()), rows);
  const kept = alignedTeacher(cached(model), options());
  for (let pass = 0; pass < 2; pass++) assertAllClose((await stepOf(kept, rows)).distillLoss, plain.distillLoss);
  const own = sparse(model, { topK: 16 });
  const both = teacherPerRow({ own, other: alignedTeacher(model, options()) });
  const named = rows.map((row, index) => ({ ...row, fields: { teacher: ["own", "other"][index] } }));
  const parts = [await stepOf(own, [rows[0]]), await stepOf(kept, [rows[1]])];
  const counts = rows.map((row) => keptTokens([row]));
  const expected = (parts[0].distillLoss * counts[0] + parts[1].distillLoss * counts[1]) / keptTokens(rows);
  assertAllClose((await stepOf(both, named, { chunkSize: 7 })).distillLoss, expected, { atol: 1e-5, rtol: 1e-4 });
  assertThrows(() => alignedTeacher(own, options({ topK: 8 })), RangeError, "topK must be that of");
  const drawn = sampledTail(model, { topK: 8, samples: 8 });
  assertThrows(() => alignedTeacher(drawn, options()), TypeError, "must be exact");
  assertThrows(
    () => alignedTeacher(model, options({ topK: 5000 })),
    RangeError,
    "common tokens, current value is 5000",
  );
  assertThrows(() => mixedTeacher([kept, model]), TypeError, "names 16 tokens");
  assertThrows(() => cached(kept), TypeError, "those of");
  const custom = { name: "mine", perToken: objective("forward-kl").perToken };
  await assertRejects(async () => await stepOf(kept, rows, { objective: custom }), TypeError, "comparesDistributions");
  const strange = { ...short, specification: { ...short.specification, decoder: { type: "WordPiece" } } };
  assertThrows(() => alignedTeacher(model, options({ teacher: strange })), TypeError, "it is WordPiece");
  const { settings } = await kept.identity();
  assert(settings.kind === "aligned" && settings.elsewhere === "span");
  const long = initializeModel({ ...sizes, n_positions: 4, vocab_size: words.vocabularySize }, { seed: 3 });
  const narrow = alignedTeacher(localTeacher(long), options());
  await assertRejects(async () => await stepOf(narrow, rows), RangeError, "must leave room in its context of 4 tokens");
});
