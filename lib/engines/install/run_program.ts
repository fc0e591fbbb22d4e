/**
 * Runs a program for an installer, and keeps the end of its output.
 *
 * @module
 */

/** Options for {@linkcode runProgram}. */
export interface RunProgramOptions {
  /** The folder that it runs in. */
  folder: URL;
  /**
   * What it reads from its standard input.
   *
   * @default {nothing}
   */
  stdin?: string;
}

/** The outcome of a program. */
export interface ProgramResult {
  /** Whether it was started and ended with status 0. */
  success: boolean;
  /** The last lines of its output, or why it could not be started. */
  tail: string;
}

/**
 * Runs a program to its end.
 *
 * @param program Its name or path.
 * @param args Its arguments, not interpreted by a shell.
 * @returns How it ended; a missing program is a failure with that as its text.
 */
export async function runProgram(program: string, args: string[], options: RunProgramOptions): Promise<ProgramResult> {
  const { folder, stdin } = options;
  try {
    const child = new Deno.Command(program, {
      args,
      cwd: folder,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
    }
    const { success, stdout, stderr } = await child.output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).filter(Boolean).join("\n");
    const [said] = text.split(/\s*Stack backtrace:/);
    return { success, tail: said.split("\n").slice(-4).map((line) => line.trim()).join(" / ") };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { success: false, tail: `there is no program "${program}"` };
    throw error;
  }
}
