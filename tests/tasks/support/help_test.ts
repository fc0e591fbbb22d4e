import { z } from "zod";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { inGroup } from "../../../tasks/support/field.ts";
import { overview } from "../../../tasks/help.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { HelpRequest } from "../../../tasks/support/usage_error.ts";

/** Tasks with more flags than one reads at a glance. */
const groupedTasks = ["distill", "sft", "sweep", "evaluate", "select", "pseudo_targets", "data", "plan", "prune"];
/** Those of `deno task help` that are programs of ours; the others are Deno's own, with its help. */
const others = overview.flatMap(([, tasks]) => tasks.map(([name]) => name))
  .filter((name) => !["test", "test:docs", "ok"].includes(name))
  .map((name) => name === "docs" ? "api_reference" : name.replace(/[-:]/, "_"))
  .filter((name) => !groupedTasks.includes(name));
const benchmarks = ["step", "loss", "generate", "load", "overhead", "leak", "peer", "comm", "ranks"];

async function helpOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof HelpRequest) return error.text;
    throw error;
  }
  throw new Error("there was no help");
}

const taskHelp = async (name: string): Promise<string> => {
  const { main } = await import(`../../../tasks/${name}.ts`);
  return await helpOf(() => main(["--help"]));
};

/** The flags in the help, in order, and the headings that they stand under. */
function flagsIn(text: string): { heading: string; flags: string[] }[] {
  const groups: { heading: string; flags: string[] }[] = [];
  for (const line of text.split("\n")) {
    const heading = /^(\S.*):$/.exec(line)?.[1];
    if (heading && heading !== "Examples") groups.push({ heading, flags: [] });
    const flag = /^ {2}(-h, )?--(\[no-\])?([a-z0-9-]+)/.exec(line)?.[3];
    if (flag) groups.at(-1)!.flags.push(flag);
  }
  return groups;
}

for (const name of [...groupedTasks, ...others]) {
  Deno.test(`the help of ${name} fits into 80 columns, each flag once, its examples use flags that there are`, async () => {
    const text = await taskHelp(name);
    for (const line of text.split("\n")) assert([...line].length <= 80, `${[...line].length} columns: ${line}`);
    const flags = flagsIn(text).flatMap(({ flags }) => flags);
    assertEquals(flags.length, new Set(flags).size);
    const [, examples = ""] = text.split("\nExamples:\n");
    for (const line of examples.split("\n").filter((line) => line.startsWith("  deno task "))) {
      if (!line.startsWith(`  deno task ${name.replace("_", "-")} `)) continue;
      for (const [, flag] of line.matchAll(/ --([a-z-]+)/g)) assert(flags.includes(flag), `${flag} in ${line}`);
    }
  });
}

for (const name of groupedTasks) {
  Deno.test(`the help of ${name} begins with at most a dozen flags, the others are in groups of a screen at most`, async () => {
    const text = await taskHelp(name);
    const [first, ...groups] = flagsIn(text);
    assertEquals(first.heading, "Needed most");
    assert(first.flags.length >= 5 && first.flags.length <= 11, `${first.flags.length} flags`);
    for (const { heading, flags } of groups) assert(flags.length <= 18, `${heading} has ${flags.length} flags`);
    assert(text.includes("\nExamples:\n"));
  });
}

Deno.test("the help of each benchmark fits into 80 columns", async () => {
  const { main } = await import("../../../tasks/bench.ts");
  for (const name of benchmarks) {
    const text = await helpOf(() => main([name, "--help"]));
    assert(text.startsWith(`Usage: deno task bench ${name} [flags]`), text);
    for (const line of text.split("\n")) assert([...line].length <= 80, line);
  }
});

Deno.test("parseTask() shows groups in order, what is needed most first, defaults that say something", async () => {
  const schema = z.strictObject({
    steps: z.int().default(5).describe("steps"),
    ...inGroup("Rows", {
      rows: z.int().optional().describe("rows; all if absent"),
      shuffle: z.boolean().default(true).describe("in another order"),
    }),
    ...inGroup("Names", { theNameOfTheWholeRunAndMore: z.string().default("x").describe("the name") }),
    dry: z.boolean().default(false).describe("nothing is done"),
  });
  const help = { first: ["dry" as const], examples: ["deno task demo --dry"] };
  const text = await helpOf(() => parseTask({ name: "demo", description: "Shows.", schema, args: ["-h"], help }));
  const expected = `Usage: deno task demo [flags]

Shows.

Needed most:
  --dry                         nothing is done

Rows:
  --rows <integer>              rows; all if absent
  --[no-]shuffle                in another order (default: on)

Names:
  --the-name-of-the-whole-run-and-more <text>
                                the name (default: x)

Others:
  --steps <integer>             steps (default: 5)
`;
  assertEquals(text.slice(0, expected.length), expected);
  await assertRejects(() => parseTask({ name: "demo", description: "", schema, args: ["--help"] }), HelpRequest);
});
