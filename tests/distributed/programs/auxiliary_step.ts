/** Takes a step with an auxiliary loss on these ranks and prints what each saw: `auxiliary_step.ts '{"recompute":true}'`. */
import { openCommunicator } from "../../../lib/engines/open_communicator.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { auxiliaryModel } from "../../support/auxiliary_model.ts";
import { tinyRows } from "../../support/tiny_model.ts";

const communicator = await openCommunicator("mpi");
await useEngine("cpu");
const optimizer = { learningRate: 1e-3, clipNorm: 0 };
const student = auxiliaryModel(1);
const trainer = new Trainer({ student, totalSteps: 4, optimizer, communicator, ...JSON.parse(Deno.args[0]) });
const { loss, auxiliaryLosses } = await trainer.step(tinyRows(7, { preamble: true }));
const moments = [...trainer.optimizer.slots.get("first")!];
const gradients = moments.map(([name, moment]) => [name, Array.from(moment.dataSync(), (part) => 10 * part)]);
const spread = auxiliaryLosses!.spreadLoss;
console.log(JSON.stringify({ rank: communicator.rank, loss, spread, gradients: Object.fromEntries(gradients) }));
communicator.dispose();
