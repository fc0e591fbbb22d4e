/**
 * The reference checkpoints of all families: logits, greedy tokens, storage in fewer bits.
 *
 * @module
 */
import { generate } from "../../../lib/models/generation/generate.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import type { Precision, StoragePrecision } from "../../../lib/engines/mod.ts";
import { type Case, type Check, largestError, notOk, onCuda, type Place, precisionsOf, within } from "../check.ts";
import { start } from "../engine.ts";
import { goldenModels, withFolder } from "../golden.ts";

interface Way {
  /** What the engine computes in, and how parameters are stored. */
  engine: Precision;
  storage: StoragePrecision;
  /** The error that is allowed, as a share of the largest logit, or absolute where it is to be the same number. */
  allowed: number;
  relative: boolean;
}

const exact: Way = { engine: "float32", storage: "float32", allowed: 1e-4, relative: false };
/** Eight, eight and four bits: a few layers add their roundings. */
const coarse: Way[] = [
  { engine: "float32", storage: "bfloat16", allowed: 0.05, relative: true },
  { engine: "bfloat16", storage: "bfloat16", allowed: 0.05, relative: true },
  { engine: "float32", storage: "int8", allowed: 0.08, relative: true },
  { engine: "float32", storage: "int4", allowed: 0.6, relative: true },
];

function caseOf(family: string, { engine, storage, allowed, relative }: Way, place: Place): Case {
  return {
    name: `${family}, computed in ${engine}, stored in ${storage}`,
    run: async () =>
      await withFolder(goldenModels[family].files, async (folder) => {
        const { golden } = goldenModels[family];
        await start(place, engine);
        const model = await loadModel(folder, { precision: storage });
        const logits = model.logits({ inputIds: golden.input_ids });
        const scale = relative ? Math.max(...golden.logits.map(Math.abs)) : 1;
        const error = largestError(await logits.data(), golden.logits, scale);
        const options = { maxNewTokens: golden.greedy.length, temperature: 0, stopTokens: [] };
        const [answer] = await generate(model, [golden.greedy_prompt], options);
        logits.dispose();
        model.dispose();
        if (!relative && answer.join() !== golden.greedy.join()) {
          return notOk(`greedy tokens are ${answer}, not ${golden.greedy}`);
        }
        return within(error, allowed);
      }),
  };
}

const families = Object.keys(goldenModels);

/** Logits and greedy tokens. */
export const models: Check = {
  name: "models",
  group: "Models",
  about: "logits and greedy tokens of seven families are transformers'",
  seconds: 60,
  cases: (place) => families.map((family) => caseOf(family, exact, place)),
};

/** Fewer bits. */
export const storage: Check = {
  name: "storage",
  group: "Models",
  about: "models stored in bfloat16, 8 and 4 bits answer as the full ones do, to their rounding",
  seconds: 60,
  skip: (place) => precisionsOf(place).length === 1 ? "only torch stores fewer bits" : undefined,
  cases: (place) =>
    // Where the processor's own tests have all families, one of each kind of block is enough.
    (onCuda(place) ? families : ["gpt2", "llama"]).flatMap((family) => coarse.map((way) => caseOf(family, way, place))),
};
