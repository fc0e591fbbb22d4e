/**
 * The settings of the task notebooks.
 *
 * @module
 */
import { z } from "zod";
import { is } from "./effects.ts";

const schema = z.strictObject({
  from: z.string().min(1).default("notebooks").describe("folder of the notebooks"),
  only: z.string().default("").describe("names of the notebooks, joined by commas; all if absent"),
  keepOutputs: z.boolean().default(false).describe("write the outputs into the notebooks, figures as SVG"),
  clear: z.boolean().default(false).describe("remove the outputs from the notebooks, without running them"),
  seconds: z.int().min(1).default(300).describe("time limit per cell, in seconds"),
  folder: z.string().min(1).default(".jupyter").describe("folder for the kernel's description and temporary files"),
});

/** Which settings count only beside others. */
const effects = [{ of: ["seconds", "folder"] as const, needs: [is("clear", false)] }];

/** The task, as its command line is read. */
export const notebooksTask = { name: "notebooks", description: "Run the notebooks.", schema, effects };
