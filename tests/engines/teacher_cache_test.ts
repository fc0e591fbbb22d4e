/** Teacher's states in a folder, on every engine and in the precisions of torch: the same bits as computed afresh. */
import { join } from "node:path";
import { type EngineName, useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assertEquals } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";
import { testOnEngines } from "./on_engines.ts";

async function losses(place: boolean | string): Promise<number[]> {
  const trainer = new Trainer({
    student: tinyModel(1),
    teacher: keptTeacher(tinyModel(2), place),
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    totalSteps: 3,
    optimizer: { learningRate: 1e-2 },
  });
  const all: number[] = [];
  for (let step = 0; step < 3; step++) all.push((await trainer.step(tinyRows(1))).loss);
  trainer.dispose();
  trainer.student.dispose();
  return all;
}

async function sameWithFolder(precision: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  const fresh = await losses(false);
  for (const place of [folder, folder]) assertEquals(await losses(place), fresh);
  assertEquals(JSON.parse(await Deno.readTextFile(join(folder, "teacher.json"))).precision, precision);
}

testOnEngines("steps with the teacher's states in a folder are the same bits", async (engine: EngineName) => {
  await sameWithFolder("float32");
  if (engine !== "torch") return;
  try {
    await useEngine("torch", { precision: "bfloat16" });
    await sameWithFolder("bfloat16");
  } finally {
    await useEngine("torch", { precision: "float32" });
  }
});
