import { lacksLlama, llama } from "../support/llama.ts";
import { assertEquals, testUnless } from "../support/mod.ts";
import { realModel } from "../support/real_models.ts";

const { path, reason } = await realModel("smollm2-135m-instruct");

testUnless(lacksLlama() ?? reason, "llama() continues token ids greedily, cuts texts and decodes ids", async () => {
  const [prompt] = (await llama({ path: path!, texts: ["The capital of France is"] })).ids;
  const { answers } = await llama({ path: path!, prompts: [prompt, [...prompt, 7042, 30]], count: 3 });
  const { decoded } = await llama({ path: path!, decode: [answers[0], prompt] });
  assertEquals([answers.length, answers[0].length, decoded[1]], [2, 3, "The capital of France is"]);
  assertEquals(decoded[0].startsWith(" Paris"), true, decoded[0]);
});
