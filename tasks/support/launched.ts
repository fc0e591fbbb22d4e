/**
 * What a launcher, Open MPI's `mpirun` or Slurm's `srun`, says about the ranks that it started.
 *
 * @module
 */

/** How many ranks a launcher says it started. */
export const launchedRanks = (): number =>
  Number(variable("OMPI_COMM_WORLD_SIZE") ?? variable("SLURM_STEP_NUM_TASKS") ?? 1);

/** Which of the ranks that a launcher started this one is. */
export const launchedRank = (): number => Number(variable("OMPI_COMM_WORLD_RANK") ?? variable("SLURM_PROCID") ?? 0);

/** An environment variable, where the task may read it; without asking the user for a missing permission. */
export function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
