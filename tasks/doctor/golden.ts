/**
 * The golden numbers that checks compare with, as modules: a bundle of the task has them inside.
 *
 * @module
 */
import { join } from "node:path";
import gpt2Config from "../../tests/golden/models/gpt2/config.json" with { type: "json" };
import gpt2Golden from "../../tests/golden/models/gpt2/golden.json" with { type: "json" };
import gpt2Weights from "../../tests/golden/models/gpt2/model.safetensors" with { type: "bytes" };
import optConfig from "../../tests/golden/models/opt/config.json" with { type: "json" };
import optGenerationConfig from "../../tests/golden/models/opt/generation_config.json" with { type: "json" };
import optGolden from "../../tests/golden/models/opt/golden.json" with { type: "json" };
import optWeights from "../../tests/golden/models/opt/model.safetensors" with { type: "bytes" };
import llamaConfig from "../../tests/golden/models/llama/config.json" with { type: "json" };
import llamaGenerationConfig from "../../tests/golden/models/llama/generation_config.json" with { type: "json" };
import llamaGolden from "../../tests/golden/models/llama/golden.json" with { type: "json" };
import llamaWeights from "../../tests/golden/models/llama/model.safetensors" with { type: "bytes" };
import mistralConfig from "../../tests/golden/models/mistral/config.json" with { type: "json" };
import mistralGenerationConfig from "../../tests/golden/models/mistral/generation_config.json" with { type: "json" };
import mistralGolden from "../../tests/golden/models/mistral/golden.json" with { type: "json" };
import mistralWeights from "../../tests/golden/models/mistral/model.safetensors" with { type: "bytes" };
import qwen2Config from "../../tests/golden/models/qwen2/config.json" with { type: "json" };
import qwen2GenerationConfig from "../../tests/golden/models/qwen2/generation_config.json" with { type: "json" };
import qwen2Golden from "../../tests/golden/models/qwen2/golden.json" with { type: "json" };
import qwen2Weights from "../../tests/golden/models/qwen2/model.safetensors" with { type: "bytes" };
import qwen3Config from "../../tests/golden/models/qwen3/config.json" with { type: "json" };
import qwen3GenerationConfig from "../../tests/golden/models/qwen3/generation_config.json" with { type: "json" };
import qwen3Golden from "../../tests/golden/models/qwen3/golden.json" with { type: "json" };
import qwen3Weights from "../../tests/golden/models/qwen3/model.safetensors" with { type: "bytes" };
import gemma2Config from "../../tests/golden/models/gemma2/config.json" with { type: "json" };
import gemma2GenerationConfig from "../../tests/golden/models/gemma2/generation_config.json" with { type: "json" };
import gemma2Golden from "../../tests/golden/models/gemma2/golden.json" with { type: "json" };
import gemma2Weights from "../../tests/golden/models/gemma2/model.safetensors" with { type: "bytes" };
import studentConfig from "../../tests/golden/run/student/config.json" with { type: "json" };
import studentWeights from "../../tests/golden/run/student/model.safetensors" with { type: "bytes" };
import teacherConfig from "../../tests/golden/run/teacher/config.json" with { type: "json" };
import teacherWeights from "../../tests/golden/run/teacher/model.safetensors" with { type: "bytes" };

/** Files of a folder: bytes, or values that are written as JSON. */
type Files = Record<string, unknown>;

/** The numbers of a checkpoint, from the library that they came from; `tests/golden/README.md` says which. */
export interface GoldenModel {
  input_ids: number[][];
  logits: number[];
  logits_shape: number[];
  greedy_prompt: number[];
  greedy: number[];
}

/** The checkpoints, a family each. */
export const goldenModels: Readonly<Record<string, { golden: GoldenModel; files: Files }>> = {
  gpt2: { golden: gpt2Golden, files: { "config.json": gpt2Config, "model.safetensors": gpt2Weights } },
  opt: {
    golden: optGolden,
    files: { "config.json": optConfig, "generation_config.json": optGenerationConfig, "model.safetensors": optWeights },
  },
  llama: {
    golden: llamaGolden,
    files: {
      "config.json": llamaConfig,
      "generation_config.json": llamaGenerationConfig,
      "model.safetensors": llamaWeights,
    },
  },
  mistral: {
    golden: mistralGolden,
    files: {
      "config.json": mistralConfig,
      "generation_config.json": mistralGenerationConfig,
      "model.safetensors": mistralWeights,
    },
  },
  qwen2: {
    golden: qwen2Golden,
    files: {
      "config.json": qwen2Config,
      "generation_config.json": qwen2GenerationConfig,
      "model.safetensors": qwen2Weights,
    },
  },
  qwen3: {
    golden: qwen3Golden,
    files: {
      "config.json": qwen3Config,
      "generation_config.json": qwen3GenerationConfig,
      "model.safetensors": qwen3Weights,
    },
  },
  gemma2: {
    golden: gemma2Golden,
    files: {
      "config.json": gemma2Config,
      "generation_config.json": gemma2GenerationConfig,
      "model.safetensors": gemma2Weights,
    },
  },
};

/** Both models of the reference runs. */
export const referenceModels: Readonly<Record<"student" | "teacher", Files>> = {
  student: { "config.json": studentConfig, "model.safetensors": studentWeights },
  teacher: { "config.json": teacherConfig, "model.safetensors": teacherWeights },
};

/** Does something with a folder that holds some files, in a temporary folder; it is gone afterwards. */
export async function withFolder<Result>(files: Files, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
      await Deno.writeFile(join(folder, name), bytes);
    }
    return await work(await Deno.realPath(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
