/** The training step with every family, capped logits, heads of their own and heads that are padded. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { firstGradients } from "../support/first_gradients.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { mixtureLoss, textbookStep } from "../support/textbook_step.ts";
import { tinyFamilies, tinyFamily } from "../support/tiny_families.ts";

await useEngine("cpu");

const mixture = { alpha: 0.3, lambda: 0.2 };
const amid = objective("amid", mixture);
/** Rows of one length, with a preamble that they share. */
const rows = [[7, 3, 9, 1, 40, 22, 5, 8], [7, 3, 9, 4, 4, 52, 0, 13]].map((ids) => ({ ids, promptLength: 3 }));

/** Loss and every gradient of the trainer's step. */
async function ofStep(student: LanguageModel, model: LanguageModel, kept = false) {
  const options = { totalSteps: 5, distillWeight: 0.7, optimizer: { learningRate: 1e-3, clipNorm: 0 } };
  const teacher = keptTeacher(model, kept);
  const trainer = new Trainer({ ...options, student, teacher, objective: amid, chunkSize: 3 });
  const { loss } = await trainer.step(rows);
  const gradients = firstGradients(trainer);
  trainer.dispose();
  return { loss, gradients };
}

/** Another family teaches each. */
const teachers = new Map(Object.keys(tinyFamilies).map((family, i, all) => [family, all[(i + 6) % all.length]]));

for (const [family, teacherFamily] of teachers) {
  Deno.test(`step() gives ${family}, taught by ${teacherFamily}, the gradients of autodiff`, async () => {
    const [student, teacher] = [tinyFamily(family, 1), tinyFamily(teacherFamily, 2)];
    const expected = textbookStep({ student, teacher }, { rows, perToken: mixtureLoss(mixture), distillWeight: 0.7 });
    const { loss, gradients } = await ofStep(student, teacher, family === "llama");
    assertAllClose([loss], [expected.loss], { atol: 1e-5 });
    for (const [name, gradient] of expected.gradients) {
      assertAllClose(gradients.get(name)!, gradient, { atol: 1e-5, rtol: 1e-4 });
      // A bias of keys moves all scores of a query alike, which the softmax does not see; experts may have no token.
      assert(
        name.includes("k_proj.bias") || name.includes(".experts.") ||
          gradient.some((number) => Math.abs(number) > 1e-6),
        `${name} learns nothing`,
      );
    }
    [student, teacher].forEach((model) => model.dispose());
  });
}

Deno.test("step() leaves no tensor behind, whatever the family", async () => {
  for (const [family, teacherFamily] of teachers) {
    const [student, teacher] = [tinyFamily(family, 1, { vocab_size: 60 }), tinyFamily(teacherFamily, 2)];
    student.limitVocabulary(53);
    const before = tf.memory().numTensors;
    await ofStep(student, teacher);
    assertEquals(tf.memory().numTensors, before, family);
    [student, teacher].forEach((model) => model.dispose());
  }
});

/** The same model with a head and embedding of more rows, the new ones far from 0. */
function padded(model: LanguageModel, vocabularySize: number): LanguageModel {
  const { model_type: family } = model.config.json as { model_type: string };
  const wide = tinyFamily(family, 9, { vocab_size: vocabularySize });
  for (const [name, parameter] of wide.parameters) {
    const numbers = parameter.dataSync().map((number) => 5 * number + 3);
    numbers.set(model.parameters.get(name)!.dataSync());
    parameter.assign(tf.tensor(numbers, parameter.shape));
  }
  return wide;
}

for (const [family, teacherFamily] of [["qwen2", "mistral"], ["gpt2", "qwen3"], ["llama", "gemma2"]]) {
  Deno.test(`step() gives padding no probability and no gradient: ${family}, taught by ${teacherFamily}`, async () => {
    const [student, teacher] = [tinyFamily(family, 1), tinyFamily(teacherFamily, 2)];
    const [wideStudent, wideTeacher] = [padded(student, 56), padded(teacher, 64)];
    wideStudent.limitVocabulary(53);
    wideTeacher.limitVocabulary(53);
    assertAllClose([await validationLoss(wideStudent, rows)], [await validationLoss(student, rows)], { atol: 1e-5 });
    const [expected, actual] = [await ofStep(student, teacher), await ofStep(wideStudent, wideTeacher)];
    assertAllClose([actual.loss], [expected.loss], { atol: 1e-5 });
    for (const [name, gradient] of expected.gradients) {
      const wide = actual.gradients.get(name)!;
      assertAllClose(wide.slice(0, gradient.length), gradient, { atol: 1e-5, rtol: 1e-4 });
      assert(wide.slice(gradient.length).every((number) => number === 0), `${name}: padding has a gradient`);
    }
  });
}

Deno.test("Trainer refuses heads of two sizes until limitVocabulary() cuts them, and names it", () => {
  const [student, teacher] = [tinyFamily("gpt2", 1), tinyFamily("llama", 2, { vocab_size: 64 })];
  const make = () =>
    new Trainer({ student, teacher, objective: amid, totalSteps: 1, optimizer: { learningRate: 1e-3 } });
  assertThrows(make, RangeError, "the student's is 53, the teacher's 64; if heads are padded, use limitVocabulary()");
  teacher.limitVocabulary(53);
  make().dispose();
});
