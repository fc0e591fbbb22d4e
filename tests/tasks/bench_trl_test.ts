/** Runs of TRL beside ours. */
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { benchTrl } from "../../tasks/bench/trl.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { testWithPython } from "../support/python.ts";

/** Two small models with the built-in tokenizer beside them, and rows for them. */
async function scene(): Promise<string> {
  await useEngine("cpu");
  const root = await Deno.makeTempDir();
  const tokenizer = await loadTokenizer("data/tokenizer");
  const sizes = {
    model_type: "llama",
    vocab_size: 4096,
    max_position_embeddings: 64,
    hidden_size: 16,
    num_hidden_layers: 1,
  };
  const heads = { num_attention_heads: 2, num_key_value_heads: 1, intermediate_size: 24, tie_word_embeddings: true };
  for (const [seed, name] of ["teacher", "student"].entries()) {
    const ends = { eos_token_id: tokenizer.endToken, bos_token_id: null };
    await saveModel(
      initializeModel({ ...sizes, ...heads, ...ends, initializer_range: 0.3 }, { seed }),
      `${root}/${name}`,
    );
    await tokenizer.save(`${root}/${name}`);
  }
  const lines = ["heron", "stork", "crane", "ibis", "egret", "avocet"].map((bird) =>
    JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: `A ${bird} is one.` })
  );
  await Deno.mkdir(`${root}/rows`);
  await Deno.writeTextFile(`${root}/rows/train.jsonl`, lines.join("\n"));
  return root;
}

testWithPython(
  ["torch", "trl"],
  "bench trl has TRL's losses step by step, and its own rows on the policy",
  async () => {
    const root = await scene();
    const common = ["--student", `${root}/student`, "--teacher", `${root}/teacher`, "--data", `${root}/rows`];
    const sizes = [
      "--steps",
      "3",
      "--batch-size",
      "2",
      "--max-length",
      "64",
      "--learning-rate",
      "1e-3",
      "--beta",
      "0.3",
    ];
    const run = async (...more: string[]) => {
      const all = ["--output", `${root}/out`, "--no-install", ...more];
      const [line] = await Array.fromAsync(benchTrl([...common, ...sizes, ...all]));
      return line as { losses: number[]; peerLosses: number[]; largestDifference: number; peerSecondsPerStep: number };
    };
    const off = await run();
    assertEquals(off.losses.length, 3);
    assertAllClose(off.losses, off.peerLosses, { atol: 2e-5, rtol: 2e-4 });
    assert(off.losses[0] > 0.01 && off.peerSecondsPerStep > 0);
    const written = JSON.parse(await Deno.readTextFile(`${root}/out/curves.json`));
    assertEquals(written.peerLosses, off.peerLosses);
    const on = await run("--policy", "on", "--max-new-tokens", "4");
    assert([...on.losses, ...on.peerLosses].every((loss) => loss > 0 && loss < 10), `${on.losses} ${on.peerLosses}`);
    assert(on.losses[0] !== off.losses[0]);
  },
);
