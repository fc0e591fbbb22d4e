/**
 * Who holds a lock, and what messages say of it.
 *
 * @module
 */

/** The process that has a lock. */
export interface LockHolder {
  /** Its process id on its machine. */
  pid: number;
  /** Its machine; absent if reading the host name is not permitted. */
  host?: string;
  /** Its job id in the scheduler, which stays the same when the job is restarted. */
  job?: string;
  /** When it took the lock, in ISO 8601. */
  since: string;
}

/** Whether a holder is on another machine, and not an earlier start of this same job, which has ended. */
export const isElsewhere = (there: LockHolder, here: LockHolder): boolean =>
  there.host !== undefined && here.host !== undefined && there.host !== here.host &&
  (there.job === undefined || there.job !== here.job);

/** This process, as far as it may know. */
export function thisProcess(): LockHolder {
  const granted = (permission: Deno.PermissionDescriptor) => Deno.permissions.querySync(permission).state === "granted";
  const host = granted({ name: "sys", kind: "hostname" }) ? Deno.hostname() : undefined;
  const job = granted({ name: "env", variable: "SLURM_JOB_ID" }) ? Deno.env.get("SLURM_JOB_ID") : undefined;
  return { pid: Deno.pid, host, job, since: new Date().toISOString() };
}

const nameOf = ({ pid, host }: LockHolder): string => `process ${pid}${host === undefined ? "" : ` on ${host}`}`;
const timeOf = ({ since }: LockHolder): string => since.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");

/** Why a lock cannot be taken: somebody has it. */
export function takenText(what: string, there: LockHolder | undefined, here: LockHolder): string {
  if (!there) return `Cannot use ${what}: another process is using it`;
  const own = there.pid === here.pid && there.host === here.host;
  const who = own ? `this same process (${nameOf(there)})` : nameOf(there);
  return `Cannot use ${what}: ${who} has been using it since ${timeOf(there)}`;
}

/** Why a lock cannot be taken: somebody elsewhere may have it. */
export const unsureText = (what: string, there: LockHolder, path: string): string =>
  `Cannot use ${what}: ${nameOf(there)} started using it at ${
    timeOf(there)
  }, and whether it still does cannot be seen ` +
  `from here; if it does not, delete ${path}`;
