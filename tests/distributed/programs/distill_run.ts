/** Runs `distill` on these ranks and prints what each saw: `distill_run.ts FOLDER '{"totalSteps":8}'`. */
import * as tf from "@tensorflow/tfjs-core";
import { openCommunicator } from "../../../lib/engines/open_communicator.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import type { Row } from "../../../lib/batches/row.ts";
import { kl } from "../../../lib/divergences/mod.ts";
import { type Objective, objective } from "../../../lib/objectives/mod.ts";
import { cached } from "../../../lib/teachers/cached.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import type { Teacher } from "../../../lib/teachers/teacher.ts";
import { TeacherError } from "../../../lib/teachers/teacher_error.ts";
import { distill, type DistillEvent } from "../../../lib/training/run/distill.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

interface Changes {
  /** The rank that differs from the others in what follows. */
  odd?: number;
  /** The rank that gets the signal to stop after this step. */
  stop?: { rank: number; step: number };
  rows?: number;
  studentSeed?: number;
  /** The rank whose teacher, that of a server, fails at this request. */
  lost?: { rank: number; request: number };
  /** Whether the objective weighs tokens by their positions and by a field of their rows, and holds to a reference. */
  weighed?: boolean;
  [option: string]: unknown;
}

const [folder, json] = Deno.args;
const { odd, stop, rows = 10, studentSeed = 1, lost, weighed = false, ...changes } = JSON.parse(json) as Changes;
const communicator = await openCommunicator("mpi");
await useEngine("wasm");
const mine = odd === undefined || odd === communicator.rank;
const student = tinyModel(mine ? studentSeed : 1);
const graded = (rows: Row[]) => rows.map((row, i) => ({ ...row, fields: { grade: 1 + i % 4 } }));
const held: Objective = {
  name: "held",
  needs: { reference: true },
  perToken: ({ student, teacher, reference, tokens }) => {
    const [q, p, r] = [student, teacher, reference!].map((logits) => tf.logSoftmax(logits));
    const weight = tf.div(tokens!.field("grade"), tf.add(1, tokens!.positions));
    return tf.add(tf.mul(weight, kl(p, q)), kl(r, q));
  },
};
/** A teacher as on a server, which is gone on one rank from a request on. */
function served(): Teacher {
  const { rank, request } = lost!;
  const inner = sparse(tinyModel(2), { topK: 4 });
  let requests = 0;
  return {
    ...inner,
    worksBeside: true,
    vocabularySize: inner.vocabularySize,
    async prepare(batch) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      requests += 1;
      if (communicator.rank === rank && requests >= request) throw new TeacherError("Cannot learn from it: it is gone");
      return await inner.prepare(batch);
    },
  };
}
const controller = new AbortController();
const events: DistillEvent[] = [];
let error: string | undefined;
try {
  const run = distill({
    student,
    teacher: lost ? served() : cached(tinyModel(2)),
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    batchSize: 4,
    totalSteps: 8,
    seed: 3,
    optimizer: { learningRate: 1e-2 },
    ...weighed ? { objective: held, reference: tinyModel(4) } : {},
    rows: graded(tinyRows(mine ? rows : 10)),
    validRows: tinyRows(3, { seed: 9 }),
    validateEvery: 2,
    policy: { name: "mixed", probability: 0.5, replay: "constant" },
    replayCapacity: 8,
    responses: { maxNewTokens: 3 },
    sampleRows: tinyRows(2, { seed: 8 }),
    averageDecay: 0.9,
    checkpointFolder: folder === "" ? undefined : folder,
    saveEvery: 3,
    resume: true,
    measureEvery: 2,
    ...mine ? changes : {},
    communicator,
    signal: controller.signal,
  });
  for await (const event of run) {
    events.push(event);
    const told = stop?.rank === communicator.rank && event.type === "step" && event.step === stop.step;
    if (told) controller.abort();
  }
} catch (caught) {
  error = `${(caught as Error).name}: ${(caught as Error).message}`;
}
const norm = (parameter: tf.Tensor) => tf.tidy(() => tf.norm(parameter).dataSync()[0]);
const norms = [...student.parameters.values()].map(norm);
console.log(JSON.stringify({ rank: communicator.rank, events, norms, error }));
communicator.dispose();
