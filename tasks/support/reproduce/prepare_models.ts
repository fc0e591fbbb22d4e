/**
 * The models that all runs of a pipeline begin from: the teacher, its answers, and the starts of the students.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exists } from "../../../lib/files/exists.ts";
import { argsOf, type Pipeline, placesOf } from "./place.ts";
import type { FlagGroup } from "./recipe.ts";
import type { Step } from "./run_step.ts";

/** A step towards the models. */
export interface ModelStep extends Step {
  /** What the progress calls it. */
  label: string;
  /** The size's estimate that it takes. */
  estimate: "teacher" | "prune" | "start" | "answers";
  /** Whether it has been done. */
  done: () => Promise<boolean>;
}

/** The steps, in order. */
export function modelSteps(
  pipeline: Pipeline,
  { students, answers }: { students: string[]; answers: boolean },
): ModelStep[] {
  const { recipe, work } = pipeline;
  const places = placesOf(pipeline);
  const data = `--data=${places.data}`;
  const step = (
    label: string,
    { task, estimate, file, groups, flags, made }: Pick<ModelStep, "task" | "estimate"> & {
      file: string;
      groups: FlagGroup[];
      flags: string[];
      made: string;
    },
  ): ModelStep => ({
    label,
    task,
    estimate,
    args: argsOf(pipeline, { file, groups, flags: [...flags, data] }),
    root: work,
    done: () => exists(made),
  });
  const chosen = (label: string, run: string, estimate: ModelStep["estimate"]): ModelStep => ({
    label,
    task: "select",
    estimate,
    args: ["--by=loss", `--run=${run}`, ...engineFlags(pipeline), "--valid-rows=1000"],
    root: work,
    done: () => exists(join(run, "best", "config.json")),
  });
  const trained = (
    name: string,
    { file, group, model }: { file: string; group: "teacher" | "start"; model?: string },
  ) => {
    const run = join(work, name);
    const flags = [
      `--name=${name}`,
      "--resume=auto",
      "--keep-best",
      ...model === undefined ? [] : [`--model=${model}`],
    ];
    const made = join(run, "result.json");
    return [
      step(`${name}: next-token training`, {
        task: "sft",
        estimate: group,
        file,
        groups: ["precise", group],
        flags,
        made,
      }),
      chosen(`${name}: the lowest validation loss`, run, "prune"),
    ];
  };
  const ofStudents = students.flatMap((student) => {
    const { prune, start } = recipe.students[student];
    const output = places.pruned(student);
    // What a start that was killed has left of it is replaced.
    const flags = [`--model=${places.teacher}`, `--output=${output}`, "--overwrite"];
    const made = join(output, "config.json");
    return [
      step(`${student}: pruned`, { task: "prune", estimate: "prune", file: prune, groups: ["prune"], flags, made }),
      ...trained(`start-${student}`, { file: start, group: "start", model: output }),
    ];
  });
  const written = answers
    ? [step("the teacher's answers", {
      task: "pseudo-targets",
      estimate: "answers",
      file: recipe.answers,
      groups: ["precise", "answers"],
      flags: [`--teacher=${places.teacher}`, "--name=teacher-answers"],
      made: join(places.answers, "train.jsonl"),
    })]
    : [];
  const model = recipe.size.model;
  const teacher = trained("teacher", { file: recipe.teacher, group: "teacher", model });
  return [...teacher, ...ofStudents, ...written];
}

/** The flags that choose the engine. */
export const engineFlags = ({ recipe: { size } }: Pipeline): string[] => {
  const isEngine = (flag: string) => /^--(engine|device|precision|tokenizer)=/.test(flag);
  return [...size.flags.all ?? [], ...size.flags.precise ?? []].filter(isEngine);
};

/** Removes a run's checkpoints, which only its choice needed. */
export async function dropCheckpoints({ task, args }: ModelStep): Promise<void> {
  const run = task === "select" ? args.find((arg) => arg.startsWith("--run="))?.slice(6) : undefined;
  const folder = run && join(run, "checkpoints");
  if (folder && dirname(folder) === run && await exists(folder)) await Deno.remove(folder, { recursive: true });
}
