/** A teacher on a real server: SmolLM2-135M by vLLM on the processor. */
import { trainingBatch } from "../../../lib/batches/training_batch.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../../lib/models/load_model.ts";
import { servedTeacher } from "../../../lib/teachers/served/served_teacher.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import type { SparseTargets, Teacher } from "../../../lib/teachers/teacher.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { assert, assertAllClose, assertEquals, assertRejects, testUnless } from "../../support/mod.ts";
import { realModel } from "../../support/real_models.ts";
import { lacksVllm, serveByVllm } from "../../support/vllm.ts";

const { path, reason } = await realModel("smollm2-135m-instruct");

testUnless(
  lacksVllm() ?? reason,
  "servedTeacher() by vLLM gives SmolLM2's numbers, and names its flag for more",
  async () => {
    await useEngine("wasm");
    const [model, tokenizer, folder] = [await loadModel(path!), await loadTokenizer(path!), await Deno.makeTempDir()];
    await saveModel(model, folder);
    await tokenizer.save(folder);
    await using server = await serveByVllm(folder, { maxLogprobs: 64 });
    const texts = [
      "The capital of France is Paris, and that of Japan is Tokyo.",
      "Ein Reiher — 鷺 🦩 — steht im Fluss.",
    ];
    const rows = texts.map((text, index) => ({ ids: tokenizer.encode(text), promptLength: 1 + index }));
    const batch = { rows, recurring: true, ...trainingBatch(rows) };
    const answerOf = async (teacher: Teacher) =>
      (await teacher.prepare(batch) as SparseTargets).answer(0, batch.labels.length);
    await using teacher = servedTeacher(server.address, { tokenizer, topK: 64 });
    assertEquals((await teacher.connect()).protocol, "vllm");
    const [found, expected] = [await answerOf(teacher), await answerOf(sparse(model, { topK: 64 }))];
    assertAllClose([...found.own], [...expected.own], { atol: 1e-3, rtol: 1e-3 });
    assertAllClose([...found.rest].map(Math.exp), [...expected.rest].map(Math.exp), { atol: 1e-4, rtol: 0 });
    const best = ({ ids, logProbs }: typeof found, place: number) =>
      new Map([...ids.subarray(64 * place, 64 * place + 64)].map((id, rank) => [id, logProbs[64 * place + rank]]));
    for (let place = 0; place < batch.labels.length; place += 1) {
      const [one, other] = [best(found, place), best(expected, place)];
      const common = [...one.keys()].filter((id) => other.has(id));
      // Of two tokens that are alike at the end of the list, each side may name another.
      assert(common.length >= 63, `${common.length} of 64 at ${place}`);
      assertAllClose(common.map((id) => one.get(id)!), common.map((id) => other.get(id)!), { atol: 1e-3, rtol: 1e-3 });
    }
    await using greedy = servedTeacher(server.address, { tokenizer, topK: 65 });
    await assertRejects(() => greedy.connect(), Error, "start the server with --max-logprobs 65");
    model.dispose();
  },
);
