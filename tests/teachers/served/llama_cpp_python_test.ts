/** A teacher on a real server: SmolLM2-135M by that of llama-cpp-python, from the GGUF file in F16. */
import { join } from "node:path";
import { trainingBatch } from "../../../lib/batches/training_batch.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { saveGguf } from "../../../lib/models/mod.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { servedTeacher } from "../../../lib/teachers/served/served_teacher.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import type { SparseTargets, Teacher } from "../../../lib/teachers/teacher.ts";
import { TeacherError } from "../../../lib/teachers/teacher_error.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { assert, assertAllClose, assertEquals, assertRejects, testUnless } from "../../support/mod.ts";
import { lacksLlamaCppPython, serveByLlamaCppPython } from "../../support/llama_cpp_python.ts";
import { realModel } from "../../support/real_models.ts";

const { path, reason } = await realModel("smollm2-135m-instruct");
const TOP_K = 20;

testUnless(
  lacksLlamaCppPython() ?? reason,
  "servedTeacher() by llama-cpp-python gives SmolLM2's numbers for rows that begin as it wants, and refuses others",
  async () => {
    await useEngine("wasm");
    const [model, tokenizer] = [await loadModel(path!), await loadTokenizer(path!)];
    const file = join(await Deno.makeTempDir(), "smollm2.gguf");
    await saveGguf(model, file, { tokenizer, precision: "F32" });
    await using server = await serveByLlamaCppPython(file);
    await using teacher = servedTeacher(server.address, { tokenizer, topK: TOP_K });
    assertEquals((await teacher.connect()).protocol, "openai");
    const rowOf = (prompt: string, response: string) => {
      const ids = tokenizer.encode(prompt);
      return { ids: [...ids, ...tokenizer.encode(response)], promptLength: ids.length };
    };
    const turn = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
    const rows = [
      rowOf(turn("What is the capital of France?"), "The capital of France is Paris.<|im_end|>"),
      rowOf(turn("Was steht im Fluss?"), "Ein Reiher — im “Fluss”.<|im_end|>"),
    ];
    const answerOf = async (teacher: Teacher) => {
      const batch = { rows, recurring: true, ...trainingBatch(rows) };
      return (await teacher.prepare(batch) as SparseTargets).answer(0, batch.labels.length);
    };
    const [found, expected] = [await answerOf(teacher), await answerOf(sparse(model, { topK: TOP_K }))];
    assertAllClose([...found.own], [...expected.own], { atol: 5e-3, rtol: 5e-3 });
    const best = ({ ids, logProbs }: typeof found, place: number) =>
      new Map(
        [...ids.subarray(TOP_K * place, TOP_K * (place + 1))].map((id, rank) => [id, logProbs[TOP_K * place + rank]]),
      );
    for (let place = 0; place < found.own.length; place += 1) {
      const [one, other] = [best(found, place), best(expected, place)];
      const common = [...one.keys()].filter((id) => other.has(id));
      // Tokens without a text of their own, such as those that end a turn, are left to the rest there.
      assert(common.length >= TOP_K - 4, `${common.length} of ${TOP_K} at ${place}`);
      assertAllClose(common.map((id) => one.get(id)!), common.map((id) => other.get(id)!), { atol: 5e-3, rtol: 5e-3 });
    }
    const refused = (row: (typeof rows)[number], reason: string) =>
      assertRejects(
        () => teacher.prepare({ rows: [row], recurring: true, ...trainingBatch([row]) }),
        TeacherError,
        reason,
      );
    await refused(rowOf("The capital of France is", " Paris."), "its first token must be the one that begins a text");
    await refused(rowOf(turn("Was ist das?"), "🦩<|im_end|>"), "because pieces of characters have none");
    model.dispose();
  },
);
