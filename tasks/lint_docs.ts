/**
 * The documentation lint of everything that the package exports.
 *
 *     deno task lint:docs
 *
 * A type in a signature must be public under some name of the package, which need not be the one that exports the signature.
 * `deno doc --lint` holds every type of another package for a private one. Those of tensorflow.js are meant to be there;
 * whatever else it finds is an error.
 */
import { z } from "zod";
import { entries } from "./support/entries.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

const foreign = /^error\[private-type-ref\].* references private type '(Scalar|Tensor(\dD)?|Variable)'$/;

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns 1 if there are findings, otherwise 0.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Check the documentation of everything that the package exports.";
  await parseTask({ name: "lint:docs", description, schema: z.strictObject({}), args });
  const lint = ["doc", "--lint", ...Object.values(entries)];
  const { stderr } = await new Deno.Command(Deno.execPath(), { args: lint, env: { NO_COLOR: "1" } }).output();
  const findings = new TextDecoder().decode(stderr).split(/\n(?=error)/).filter((part) => part.startsWith("error["));
  const ours = findings.filter((finding) => !foreign.test(finding.split("\n")[0]));
  for (const finding of ours) console.error(finding);
  console.log(`${ours.length} findings, ${findings.length - ours.length} types of tensorflow.js ignored`);
  return ours.length > 0 ? 1 : 0;
}

if (import.meta.main) await runTask(main);
