/** Takes two steps in a process of its own and prints the most memory that they held, and the estimate, in bytes. */
import { resourceUsage } from "node:process";
import { type Precision, useEngine } from "../../../lib/engines/mod.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { runMemory } from "../../../lib/training/memory/run_memory.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";

const { config, precision, recompute } = JSON.parse(Deno.args[0]) as {
  config: Record<string, unknown> & { vocab_size: number };
  precision: Precision;
  recompute: boolean;
};
await useEngine("torch", { precision });
const before = Deno.memoryUsage().rss;
const student = initializeModel(config, { seed: 1 });
const teacher = initializeModel(config, { seed: 2, precision });
const rows = Array.from({ length: 8 }, (_, row) => ({
  ids: Array.from({ length: 200 }, (_, place) => (131 * row + 17 * place) % config.vocab_size),
  promptLength: 100,
}));
const settings = { totalSteps: 2, optimizer: { learningRate: 1e-3 }, recompute };
const run = { student, teacher, objective: objective("amid", { alpha: 0, lambda: 0.1 }), ...settings };
const estimate = runMemory({ ...run, rows, batchSize: rows.length }).peak;
const trainer = new Trainer(run);
for (let step = 0; step < 2; step++) await trainer.step(rows);
console.log(JSON.stringify({ peak: peakResident() - before, estimate }));

/**
 * The most memory that this process has held, in bytes. Linux hands `maxRSS` on from the process that started this one,
 * so there it is read from a record that begins with the program.
 */
function peakResident(): number {
  if (Deno.build.os !== "linux") return 1024 * resourceUsage().maxRSS;
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
}
