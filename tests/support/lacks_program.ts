/** Programs that tests can do without. */

/**
 * Why a program cannot be started, or undefined if it can.
 *
 * @param path The program.
 * @param reason What is said where it is absent.
 */
export function lacksProgram(path: string, reason: string): string | undefined {
  try {
    Deno.statSync(path);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return reason;
    throw error;
  }
}
