/**
 * A step of a pipeline, started by `run_step.ts`.
 *
 * The first line on standard input says what to do; the end of standard input, which comes when the pipeline stops or
 * dies, ends the process. The last line on standard output is the outcome.
 */
import { failureOf } from "../../../lib/runs/sweep/sweep.ts";
import { type FileLock, LockedError, takeLock } from "../../../lib/files/file_lock.ts";
import { sharedWork } from "../../../lib/runs/shared_work.ts";
import { main as evaluate } from "../../evaluate.ts";
import { main as prune } from "../../prune.ts";
import { main as pseudoTargets } from "../../pseudo_targets.ts";
import { main as select } from "../../select.ts";
import { main as sft } from "../../sft.ts";
import { runDistill } from "../run_distill.ts";
import { measureCell } from "./measure_cell.ts";
import type { Step, StepEnd } from "./run_step.ts";
import { parseDistill } from "./settings.ts";

async function main(): Promise<void> {
  // Ctrl-C on a terminal reaches this process too; the pipeline closes standard input.
  Deno.addSignalListener("SIGINT", () => {});
  const step = await firstLine();
  let end: StepEnd;
  try {
    using _lock = await lockWhenFree(`${step.root}/.step.lock`);
    end = await carryOut(step);
  } catch (error) {
    end = { failure: failureOf(error) };
  }
  console.log(`\n${JSON.stringify(end)}`);
  Deno.exit(0); // standard input is still open
}

/**
 * Takes a lock as soon as it is free: the step of a pipeline that was killed ends when it has done its last operation,
 * which a new pipeline must not meet.
 */
async function lockWhenFree(path: string): Promise<FileLock> {
  for (let waited = 0;; waited++) {
    try {
      return takeLock(path, { what: "the pipeline's folder" });
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (waited === 0) console.error("waiting for a step of an earlier start to end");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function carryOut({ task, args, root }: Step): Promise<StepEnd> {
  switch (task) {
    case "sft":
      return { status: await sft(args, root) };
    case "pseudo-targets":
      return { status: await pseudoTargets(args, root) };
    case "prune":
      await prune(args);
      return { status: 0 };
    case "select":
      await select(args);
      return { status: 0 };
    case "evaluate":
      await evaluate(args, root);
      return { status: 0 };
    case "measure":
      return { status: 0, measured: await measureCell(args[0], args[1]) };
    case "distill": {
      const { config, origins } = await parseDistill(args);
      const shared = sharedWork(`${root}/.shared`);
      const { status } = await runDistill(config, { root, origins, label: config.name, shared });
      return { status };
    }
  }
}

/** Reads the step, and keeps reading, so that the end of standard input is noticed. */
function firstLine(): Promise<Step> {
  const { promise, resolve, reject } = Promise.withResolvers<Step>();
  const read = async () => {
    let text = "";
    let begun = false;
    for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (begun || !text.includes("\n")) continue;
      begun = true;
      resolve(JSON.parse(text.split("\n")[0]));
    }
    Deno.exit(130);
  };
  read().catch(reject);
  return promise;
}

if (import.meta.main) await main();
