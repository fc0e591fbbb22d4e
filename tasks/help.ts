/**
 * Lists the tasks, in groups.
 *
 *     deno task help
 */
import { z } from "zod";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/** A task's name and what it does, in words that fit on a line. */
type Line = [name: string, about: string];

/** The tasks by what they are for. */
export const overview: [heading: string, tasks: Line[]][] = [
  ["Train", [
    ["distill", "distil a teacher into a student"],
    ["sft", "train a teacher, or a student's start, by next-token loss"],
    ["sweep", "distil with every combination of some settings, and rank them"],
    ["select", "pick a run's best checkpoint"],
    ["reproduce", "carry out a whole pipeline: teacher, methods, table"],
    ["replay-step", "repeat a step that ended a run"],
  ]],
  ["Score", [
    ["evaluate", "score a model, or compare several on several sets"],
    ["comparison", "compare settings over seeds and record the results"],
  ]],
  ["Data and models", [
    ["data", "prepare a data set: tokens with an index, and their texts"],
    ["fetch", "load a model with its tokenizer into the cache"],
    ["export", "write a model for llama.cpp as GGUF, or as safetensors"],
    ["prune", "cut a student's start out of a teacher"],
    ["targets", "pack a teacher's answers about all rows of a run"],
    ["pseudo-targets", "have a teacher write the responses of a data set"],
    ["tokenizer", "train the built-in byte-pair vocabulary again"],
  ]],
  ["Engines and machines", [
    ["engines", "list the engines, what they lack, and how fast they are"],
    ["engine", "install an engine: torch or tensorflow"],
    ["doctor", "check an engine, line by line: arithmetic, models, speed"],
    ["bench", "measure step, loss, generation, loading, overhead"],
    ["plan", "plan a run on many devices: memory, time, efficiency"],
  ]],
  ["Notebooks and figures", [
    ["kernel", "install a permanent Deno kernel for Jupyter"],
    ["notebooks", "run the notebooks with Jupyter's client"],
    ["figures", "redraw all figures"],
  ]],
  ["The project itself", [
    ["help", "show this"],
    ["test", "run the tests"],
    ["test:docs", "run the examples of the documentation"],
    ["lint:docs", "check the documentation of public symbols"],
    ["docs", "write the API reference into docs/api/"],
    ["ok", "run all checks before a change goes in"],
  ]],
];

/**
 * Prints the overview.
 *
 * @param args The flags; `--help` is the only one.
 */
export async function main(args: readonly string[]): Promise<void> {
  await parseTask({ name: "help", description: "List the tasks.", schema: z.strictObject({}), args });
  const lines = overview.flatMap(([heading, tasks]) => {
    return [`${heading}:`, ...tasks.map(([name, about]) => `  ${name.padEnd(16)}${about}`), ""];
  });
  console.log(["Usage: deno task TASK [flags]", "", ...lines].join("\n"));
  console.log(
    '"deno task TASK --help" shows the flags of a task; "deno task --quiet TASK" hides\nits command line.',
  );
}

if (import.meta.main) await runTask(main);
