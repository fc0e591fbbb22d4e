/**
 * The settings of the task reproduce.
 *
 * @module
 */
import { z } from "zod";
import type { TaskHelp } from "../help.ts";
import { inGroup } from "../field.ts";

/** The settings of the task. */
const schema = z.strictObject({
  pipeline: z.string().regex(/^[\w.-]+$/).describe(
    "the pipeline, tasks/configs/<pipeline>.json; the first argument without a flag",
  ),
  size: z.string().min(1).default("recorded").describe(
    "full: the paper's lengths; recorded: those of the records in data/comparison; ci: minutes, by the built-in teacher",
  ),
  data: z.string().min(1).default("../shared/data").describe(
    "folder with dolly, self-inst, vicuna, sinst and gsm8k as JSON lines",
  ),
  records: z.string().min(1).optional().describe(
    "folder of the records; if absent data/comparison/<pipeline>/runs for recorded, otherwise records in the run's folder",
  ),
  machine: z.string().min(1).optional().describe("description of the machine, for the records"),
  ...inGroup("Watching", {
    list: z.boolean().default(false).describe("print the times and which runs are done, and exit"),
    table: z.boolean().default(false).describe("only make table.md beside the records, and exit"),
  }),
  ...inGroup("Run", {
    limit: z.int().min(1).optional().describe("end after this many runs; the same command continues"),
    keepRuns: z.boolean().default(false).describe("keep the folders of runs that are recorded, with their weights"),
  }),
});

/** The settings, as they are parsed. */
export type ReproduceConfig = z.output<typeof schema>;

const help: TaskHelp<keyof ReproduceConfig> = {
  first: ["pipeline", "size", "data", "records", "machine"],
  examples: [
    "deno task reproduce smollm2 --list",
    'deno task reproduce smollm2 --machine "two shared cores"',
    "deno task reproduce smollm2 --size ci",
    "deno task reproduce smollm2 --table",
  ],
};

/** The task, as its command line is read. */
export const reproduceTask = {
  name: "reproduce",
  description: "Carry out a whole pipeline: teacher, starts, every method, the table. It resumes where it was stopped.",
  schema,
  help,
};
