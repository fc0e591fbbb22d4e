/**
 * llama.cpp by node-llama-cpp, as a reference for files of ours: a process that answers a list of requests.
 *
 *     node reference.mjs FOLDER < requests.json
 *
 * FOLDER has node_modules/. A request: `{ path, prompts, count, texts, decode }`; its answer: greedy tokens behind each
 * prompt (no token added to it), the ids of each text, and the text of each list of ids.
 */
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const library = join(process.argv[2], "node_modules", "node-llama-cpp", "dist", "index.js");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(library).href);
const requests = JSON.parse(await text(process.stdin));

// One thread: several wait for one another by turning, which takes minutes where other programs want the processors too.
const options = { gpu: false, build: "never", skipDownload: true, maxThreads: 1, logLevel: LlamaLogLevel.error };
const llama = await getLlama(options);

async function answerOf({ path, prompts = [], count = 0, texts = [], decode = [] }) {
  const model = await llama.loadModel({ modelPath: path, gpuLayers: 0, vocabOnly: prompts.length === 0 });
  const answers = [];
  for (const prompt of prompts) {
    const contextSize = Math.max(64, prompt.length + count);
    const context = await model.createContext({ contextSize, threads: 1, flashAttention: false });
    const answer = [];
    for await (const token of context.getSequence().evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      answer.push(token);
      if (answer.length >= count) break;
    }
    answers.push(answer);
    await context.dispose();
  }
  const ids = texts.map((text) => model.tokenize(text, true));
  const decoded = decode.map((tokens) => model.detokenize(tokens, true));
  await model.dispose();
  return { answers, ids, decoded };
}

const answers = [];
for (const request of requests) answers.push(await answerOf(request));
process.stdout.write(JSON.stringify(answers));
await llama.dispose();
