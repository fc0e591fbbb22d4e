/**
 * Whether this Deno is one that the project works with. Run by itself, it ends with status 1 where it is not; tasks that
 * are no program of ours, such as the tests, run it first.
 *
 * A Deno before 2.3 does not get here: it stops at deno.lock, one before 2.0 at deno.json.
 */

/** The oldest Deno that the project works with. */
export const OLDEST = "2.9.0";
/** The Deno that the project is tested with. */
export const TESTED = "2.9.6";

/** Compares versions of three numbers; what stands behind a dash does not count. */
function isBefore(version: string, other: string): boolean {
  const [ours, theirs] = [version, other].map((text) => text.split("-")[0].split(".").map(Number));
  const place = ours.findIndex((part, index) => part !== theirs[index]);
  return place >= 0 && ours[place] < theirs[place];
}

/**
 * What is wrong with a version of Deno.
 *
 * @param version The version, `Deno.version.deno` for instance.
 * @returns What is needed and how to get it, or nothing.
 */
export function denoProblem(version: string): string | undefined {
  if (!isBefore(version, OLDEST)) return undefined;
  return `Cannot run a task: Deno ${OLDEST} or later is needed, current version is ${version}; ` +
    `"deno upgrade" installs it, or use "npx -y deno@${TESTED}" instead of "deno" if you have Node.js`;
}

if (import.meta.main) {
  const problem = denoProblem(Deno.version.deno);
  if (problem) {
    console.error(`error: ${problem}`);
    Deno.exit(1);
  }
}
