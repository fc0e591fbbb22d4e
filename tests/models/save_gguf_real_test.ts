/** A real model from its GGUF file, written again, and run by llama.cpp. */
import { EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { generate, loadModel, saveGguf } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { lacksLlama, llama } from "../support/llama.ts";
import { assert, assertEquals, testUnless } from "../support/mod.ts";
import { realModel } from "../support/real_models.ts";

const { reason } = await realModel("smollm2-135m-instruct");

testUnless(
  lacksLlama() ?? reason,
  "llama.cpp answers as generate() does from SmolLM2, loaded from 4 bits and saved in 16",
  async () => {
    try {
      await useEngine("torch");
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      await useEngine("wasm");
    }
    const tokenizer = await loadTokenizer("smollm2-135m-instruct");
    const model = await loadModel("smollm2-135m-instruct");
    const path = `${await Deno.makeTempDir()}/smollm2.gguf`;
    await saveGguf(model, path, { tokenizer, precision: "F16" });
    model.dispose();
    const again = await loadModel(path);
    const prompts = ["What is the capital of France?", "Explain what a prime number is."].map((content) =>
      tokenizer.encode(tokenizer.chatTemplate!.render([{ role: "user", content }]))
    );
    const count = 24;
    const ours = await generate(again, prompts, { maxNewTokens: count, temperature: 0 });
    again.dispose();
    const { answers, decoded } = await llama({ path, prompts, count, decode: ours });
    const end = (tokens: number[]) => tokens.slice(0, tokens.indexOf(tokenizer.endToken) + 1 || count);
    assertEquals(answers.map(end), ours);
    assert(decoded[0].startsWith("The capital of France is Paris."), decoded[0]);
    await Deno.remove(path);
  },
);
