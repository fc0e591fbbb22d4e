import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { assistantFloat64 } from "../../../lib/analysis/assistant_float64.ts";
import { explorer } from "../../../lib/figures/explorer/explore.ts";
import { toyExplorerPairs } from "../../../lib/figures/explorer/explorer_pair.ts";
import { firstSettings } from "../../../lib/figures/explorer/explorer_settings.ts";
import { nextTokenPair } from "../../../lib/figures/explorer/next_token_pair.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";

await useEngine("wasm");

Deno.test("explorer() computes r and ω as double precision does, at every order", () => {
  for (const pair of toyExplorerPairs({ count: 101 })) {
    const exploring = explorer(pair);
    const logs = { teacher: pair.teacher.map(Math.log), student: pair.student.map(Math.log) };
    for (const alpha of [-Infinity, -5, -1, 0.999, 1, 1.001, 3, Infinity]) {
      const mixture = { alpha, lambda: 0.3 };
      const { logR, weight } = exploring.at({ ...firstSettings, ...mixture });
      const expected = assistantFloat64(logs, mixture);
      assertAllClose(logR.map(Math.exp), expected.logProbs.map(Math.exp), { atol: 1e-8, rtol: 2e-5 });
      const heard = [...logR.keys()].filter((i) =>
        Number.isFinite(logs.teacher[i]) && Number.isFinite(logs.student[i])
      );
      assertAllClose(heard.map((i) => weight[i]), heard.map((i) => expected.weight[i]), { atol: 2e-5 });
    }
    exploring.dispose();
  }
});

Deno.test("explorer() measures the gradient against forward and reverse KL", () => {
  const exploring = explorer(toyExplorerPairs({ count: 101 })[0]);
  const forward = exploring.at({ ...firstSettings, order: "pq" });
  assertAllClose([forward.forwardCosine], [1]);
  const reverse = exploring.at({ ...firstSettings, order: "qp" });
  assertAllClose([reverse.reverseCosine], [1]);
  assert(reverse.forwardCosine < 0.999 && reverse.value !== forward.value);
  exploring.dispose();
});

Deno.test("explorer() leaves no tensors behind, and refuses pairs of two lengths", () => {
  const before = tf.memory().numTensors;
  const exploring = explorer(toyExplorerPairs({ count: 11 })[1]);
  exploring.at({ ...firstSettings, order: "rq", detach: true });
  exploring.at({ ...firstSettings, order: "pr", detach: true });
  exploring.dispose();
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => explorer({ teacher: [1], student: [0.5, 0.5] }), RangeError, "1 and 2");
});

Deno.test("nextTokenPair() keeps the most probable tokens of either model, and all of the probability", async () => {
  const [teacher, student] = [await loadModel("data/teacher"), await loadModel("data/student-start")];
  const tokenizer = await loadTokenizer("data/tokenizer");
  const pair = nextTokenPair({ teacher, student, tokenizer, prompt: "Is a heron a bird?", count: 5 });
  assertEquals([pair.labels?.length, pair.teacher.length, pair.labels?.at(-1)], [6, 6, "all others"]);
  for (const probs of [pair.teacher, pair.student]) assertAllClose([probs.reduce((sum, x) => sum + x)], [1]);
  const kept = pair.teacher.slice(0, -1);
  assertEquals(kept, kept.toSorted((a, b) => b - a));
});
