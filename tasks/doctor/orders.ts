/**
 * What the processes of the task are asked for.
 *
 * @module
 */
import { useEngine } from "../../lib/engines/mod.ts";
import { checks } from "./checks.ts";
import { type ChildOrder, runCases } from "./child.ts";
import { setProgram } from "./command.ts";
import { endTogether } from "./programs.ts";
import { type RankOrder, rankProcess } from "./ranks.ts";

/** An order: the name of the fastest engine, a rank of a run, or the cases of a check. */
export type Order = { fastest: true } | RankOrder | ChildOrder;

/**
 * Carries an order out; the answer is on standard output.
 *
 * @param order What is asked for.
 * @param program The file that further processes run.
 * @returns The exit status.
 */
export async function carryOut(order: Order, program: string): Promise<number> {
  setProgram(program);
  endTogether();
  if ("fastest" in order) console.log((await useEngine("auto")).name);
  else if ("ranks" in order) console.log(await rankProcess(order));
  else await runCases(order, { checks, print: console.log });
  return 0;
}
