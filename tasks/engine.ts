/**
 * Installs an engine that npm alone cannot bring.
 *
 *     deno task engine torch [--gpu] [--compiler]
 *     deno task engine tensorflow [--gpu]
 */
import { z } from "zod";
import { installTensorflow } from "../lib/engines/install/tensorflow.ts";
import { installTorch } from "../lib/engines/install/torch.ts";
import { is } from "./support/effects.ts";
import { withFirst } from "./support/positional.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

const schema = z.strictObject({
  name: z.enum(["torch", "tensorflow"]).describe("the engine; the flag may be omitted"),
  gpu: z.boolean().default(false).describe("install the libraries for CUDA devices"),
  compiler: z.boolean().default(false).describe(
    "torch: install NVIDIA's compiler too, which builds CUDA kernels without a GPU; --gpu brings it",
  ),
});

type Settings = z.output<typeof schema>;

/** By name; each says what it did. */
const installers: Record<Settings["name"], (settings: Settings) => Promise<string>> = {
  torch: async ({ gpu, compiler }) => {
    const { version, linkedTo, fresh } = await installTorch({ gpu, compiler: compiler || gpu, report: console.log });
    const what = linkedTo ? `PyTorch ${version} in ${linkedTo}` : `libtorch ${version}`;
    return fresh ? `installed ${what}` : `${what} is already installed; nothing was done`;
  },
  tensorflow: async ({ gpu }) => {
    const { package: name, source, fresh } = await installTensorflow({ gpu, report: console.log });
    return fresh ? `installed ${name}, its libraries ${source}` : `${name} is already installed; nothing was done`;
  },
};

/**
 * Runs the task.
 *
 * @param args The name of the engine and the flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Install an engine that needs more than npm packages, into .engines/.";
  const help = { examples: ["deno task engine torch", "deno task engine torch --gpu"] };
  const effects = [{ of: ["compiler"] as const, needs: [is("name", "torch")] }];
  const all = { name: "engine", description, schema, args: withFirst(args, "--name"), help, effects };
  const { config } = await parseTask(all);
  console.log(await installers[config.name](config));
}

if (import.meta.main) await runTask(main);
