/**
 * Programs that a check's process starts, which must not outlive it.
 *
 * @module
 */

const running = new Set<Deno.ChildProcess>();

/** Runs a program to its end; `input` is what it reads. */
export async function runToEnd(
  program: string,
  options: Omit<Deno.CommandOptions, "stdin" | "stdout" | "stderr">,
  input = "",
): Promise<Deno.CommandOutput> {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program, { ...options, ...pipes }).spawn();
  running.add(child);
  try {
    const writer = child.stdin.getWriter();
    // A program that ends without reading closes the pipe; its status says why.
    await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
    return await child.output();
  } finally {
    running.delete(child);
  }
}

/** Has this process end its programs before itself when it is asked to end. */
export function endTogether(): void {
  Deno.addSignalListener("SIGTERM", () => {
    for (const child of running) child.kill("SIGTERM");
    Deno.exit(143);
  });
}
