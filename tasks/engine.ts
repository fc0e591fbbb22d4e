/**
 * Installs an engine that npm alone cannot bring.
 *
 *     deno task engine torch [--gpu]
 *     deno task engine tensorflow [--gpu]
 */
import { Command } from "commander";
import { installTensorflow } from "../lib/engines/install/tensorflow.ts";
import { installTorch } from "../lib/engines/install/torch.ts";

/** Options of the command, as commander hands them over. */
interface Flags {
  gpu: boolean;
}

/** By name; each says what it did. */
const installers: Record<string, (flags: Flags) => Promise<string>> = {
  torch: async ({ gpu }) => {
    const { version, linkedTo, fresh } = await installTorch({ gpu, report: console.log });
    const what = linkedTo ? `PyTorch ${version} in ${linkedTo}` : `libtorch ${version}`;
    return fresh ? `installed ${what}` : `${what} is installed already; nothing was done`;
  },
  tensorflow: async ({ gpu }) => {
    const { package: name, source, fresh } = await installTensorflow({ gpu, report: console.log });
    return fresh ? `installed ${name}, its libraries ${source}` : `${name} is installed already; nothing was done`;
  },
};

await new Command("engine")
  .description("Install an engine into .engines/")
  .argument("<name>", `one of ${Object.keys(installers).join(", ")}`)
  .option("--gpu", "the libraries for CUDA devices", false)
  .action(async (name: string, flags: Flags) => {
    const install = Object.hasOwn(installers, name) ? installers[name] : undefined;
    if (!install) {
      console.error(`Cannot install an engine: its name must be one of ${Object.keys(installers)}, got ${name}`);
      Deno.exit(2);
    }
    try {
      console.log(await install(flags));
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      Deno.exit(1);
    }
  })
  .parseAsync(Deno.args, { from: "user" });
