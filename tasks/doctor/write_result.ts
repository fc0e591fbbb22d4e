/**
 * The files of a result.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { claims } from "./claims.ts";
import { kernelPlaces } from "./kernel_places.ts";
import type { Result } from "./lines.ts";
import { claimState, markdownOf } from "./report.ts";

/** Writes `doctor.json` and `doctor.md` into an existing folder; returns their paths. */
export async function writeResult(result: Result, folder: string): Promise<string[]> {
  const files = [join(folder, "doctor.json"), join(folder, "doctor.md")];
  const states = claims.map((claim) => ({ ...claim, state: claimState(result, claim.checks) }));
  const all = { ...result, claims: states, kernels: kernelPlaces(result) };
  await writeAtomically(files[0], JSON.stringify(all, null, 2) + "\n");
  await writeAtomically(files[1], markdownOf(result));
  return files;
}
