/**
 * One run of a sweep in a process of its own, started by `run_child.ts`.
 *
 * The first line on standard input says what to run; the end of standard input, which comes when the sweep stops or dies,
 * stops the run with a checkpoint. The last line on standard output is the outcome.
 */
import { type DistillConfig, distillSchema } from "../distill_setup.ts";
import { fieldsOf, readNumber } from "../field.ts";
import { runDistill } from "../run_distill.ts";
import { sharedWork } from "../../../lib/runs/shared_work.ts";
import { failureOf, sharedFolder, type SweepEnd } from "../../../lib/runs/sweep/sweep.ts";

/** The task that a child process receives. */
export interface ChildTask {
  folder: string;
  config: DistillConfig;
  origins: Record<string, string>;
  hint: string;
}

async function main(): Promise<void> {
  const stop = new AbortController();
  // Ctrl-C on a terminal reaches children too; the sweep handles it and lets them stop.
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stop.abort());
  const { folder, config, origins, hint } = await firstLine(() => stop.abort());
  let end: SweepEnd;
  try {
    const shared = sharedWork(sharedFolder(folder));
    const { status } = await runDistill(config, { root: folder, origins, signal: stop.signal, shared, hint });
    end = { finished: status === 0 };
  } catch (error) {
    end = { failure: failureOf(error) };
  }
  console.log(JSON.stringify(end));
  Deno.exit(0); // standard input is still open
}

/** Reads the task, and keeps reading, so that the end of standard input is noticed. */
function firstLine(ended: () => void): Promise<ChildTask> {
  const infinite = new Set(fieldsOf(distillSchema).filter(({ infinite }) => infinite).map(({ key }) => key));
  const revive = (key: string, value: unknown) =>
    infinite.has(key) && typeof value === "string" ? readNumber(value, { infinite: true }) : value;
  const { promise, resolve, reject } = Promise.withResolvers<ChildTask>();
  const read = async () => {
    let text = "";
    for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      if (!text.includes("\n") && part.includes("\n")) {
        resolve(JSON.parse((text + part).split("\n")[0], revive));
      }
      text += part;
    }
    ended();
  };
  read().catch(reject);
  return promise;
}

if (import.meta.main) await main();
