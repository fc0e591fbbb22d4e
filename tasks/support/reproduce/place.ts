/**
 * Where the parts of a pipeline are, and what is fixed about it.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../../lib/files/exists.ts";
import { type FlagGroup, flagsOf, type Method, type Recipe } from "./recipe.ts";

/** A pipeline and its folder. */
export interface Pipeline {
  recipe: Recipe;
  /** Where data, models and runs are. */
  work: string;
}

/** The folders of a pipeline's parts. */
export const placesOf = ({ work }: Pick<Pipeline, "work">) => ({
  data: join(work, "data"),
  teacher: join(work, "teacher", "best"),
  answers: join(work, "teacher-answers"),
  pruned: (student: string) => join(work, student),
  start: (student: string) => join(work, `start-${student}`, "best"),
});

/** The arguments of a task: a file of the pipeline, the size's flags, and flags that differ. */
export function argsOf(
  { recipe }: Pick<Pipeline, "recipe">,
  { file, groups, flags }: { file: string; groups: readonly FlagGroup[]; flags: readonly string[] },
): string[] {
  const given = [...flagsOf(recipe, "all", ...groups), ...flags];
  // Of flags that are given twice, the last one counts.
  const last = new Map(given.map((flag) => [flag.split("=")[0], flag]));
  return [`--config=${join(recipe.folder, file)}`, ...last.values()];
}

/** The flags of a run of a method. */
export function distillArgs(
  pipeline: Pipeline,
  { name, method, student, seed, flags, evaluated }: {
    name: string;
    method: Method;
    student: string;
    seed: number;
    flags: readonly string[];
    evaluated: boolean;
  },
): string[] {
  const places = placesOf(pipeline);
  const groups: FlagGroup[] = ["precise", "distill", ...method.rateOf === undefined ? [] : ["policy" as const]];
  const plain = method.name === "next-token" || method.data === "answers";
  return argsOf(pipeline, {
    file: `distill/${method.name.replaceAll("-", "_")}_${student}.json`,
    groups: [...groups, ...evaluated ? ["final" as const] : []],
    flags: [
      ...evaluated ? [] : ["--save-every=never"],
      ...flags,
      `--name=${name}`,
      `--seed=${seed}`,
      `--teacher=${places.teacher}`,
      `--student=${places.start(student)}`,
      `--data=${method.data === "answers" ? places.answers : places.data}`,
      "--resume=auto",
      ...plain || method.rateOf !== undefined ? [] : ["--teacher-cache=disk", "--teacher-cache-type=bfloat16"],
    ],
  });
}

/** The commit that a folder of the project is at, by its files; unknown where it is no clone. */
export async function commitOf(root = "."): Promise<string> {
  try {
    const git = join(root, ".git");
    const { isFile } = await Deno.stat(git);
    // A worktree has a file that names its folder, which names the common one.
    const own = isFile ? (await Deno.readTextFile(git)).replace("gitdir:", "").trim() : git;
    const common = join(own, "commondir");
    const shared = await exists(common) ? join(own, (await Deno.readTextFile(common)).trim()) : own;
    const head = (await Deno.readTextFile(join(own, "HEAD"))).trim();
    if (!head.startsWith("ref: ")) return head.slice(0, 12);
    const ref = head.slice(5);
    if (await exists(join(shared, ref))) return (await Deno.readTextFile(join(shared, ref))).trim().slice(0, 12);
    const packed = await Deno.readTextFile(join(shared, "packed-refs"));
    const line = packed.split("\n").find((line) => line.endsWith(` ${ref}`));
    return line?.slice(0, 12) ?? "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown";
    throw error;
  }
}
