/** SmolLM2 learns from Gemma 3, whose tokens are others. */
import { rowFromText } from "../../../lib/datasets/row_from_text.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { alignedTeacher } from "../../../lib/teachers/aligned/aligned_teacher.ts";
import { cached } from "../../../lib/teachers/cached.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { testOnTorch } from "../../engines/torch/support.ts";
import { assert, sharedFile, testUnless } from "../../support/mod.ts";
import { realModel } from "../../support/real_models.ts";

const [smol, gemma] = [await realModel("smollm2-135m-instruct"), await realModel("gemma-3-270m")];
const file = sharedFile("data/dolly/valid.jsonl");
const missing = smol.reason ?? gemma.reason ?? (file ? undefined : "there are no rows beside the checkout");
const declare = (name: string, body: () => Promise<void>) =>
  missing === undefined ? testOnTorch(name, body) : testUnless(missing, name, body);

declare(
  "alignedTeacher() lets Gemma 3 teach SmolLM2: nearly all tokens are aligned, and the loss falls",
  async () => {
    const tokenizers = await Promise.all(["smollm2-135m-instruct", "gemma-3-270m"].map((name) => loadTokenizer(name)));
    const [student, model] = [await loadModel("smollm2-135m-instruct"), await loadModel("gemma-3-270m")];
    const teacher = alignedTeacher(cached(model), { student: tokenizers[0], teacher: tokenizers[1], topK: 32 });
    assert(teacher.commonTokens > 45_000, `${teacher.commonTokens} common tokens`);
    const lines = (await Deno.readTextFile(file!)).trim().split("\n").slice(0, 40).map((line) => JSON.parse(line));
    const rows = lines.filter(({ output }) => output.length < 160).slice(0, 3).map(({ prompt, output }) =>
      rowFromText(tokenizers[0], { prompt, response: output, maxPromptLength: 64, maxLength: 112 })
    );
    const { alignedTokens, singleTokens } = teacher.measures(rows);
    assert(alignedTokens > 0.98 && singleTokens > 0.9, `${alignedTokens} aligned, ${singleTokens} one to one`);
    const options = { totalSteps: 3, optimizer: { learningRate: 2e-5 } };
    const trainer = new Trainer({ student, teacher, objective: objective("amid"), ...options });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) losses.push((await trainer.step(rows)).distillLoss);
    trainer.dispose();
    [student, model].forEach((one) => one.dispose());
    assert(losses[0] < 2 && losses[1] < losses[0] && losses[2] < losses[1], losses.join());
  },
);
