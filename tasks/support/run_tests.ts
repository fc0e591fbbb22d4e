/**
 * Runs the tests in several processes at once, since most of them keep a single processor busy. Each process takes the next
 * few files of a folder, and its output is printed in one piece when it ends.
 *
 *     deno run --allow-read --allow-run --allow-env=DENO_JOBS tasks/support/run_tests.ts [flags of deno test] FOLDER [more]
 *
 * `DENO_JOBS` says how many processes, as for `deno test --parallel`, whose threads would share the folder they work in, the
 * environment and an engine's settings. With more behind the folder, paths or flags such as `--filter`, that is all that
 * runs: one `deno test` with them.
 */

/** Files of one process at most: few, so that processes end at about the same time. */
const FILES = 6;

/** Processes where `DENO_JOBS` does not say: some of the tests take two gigabytes. */
const MOST_JOBS = 4;

/** Folders whose tests take longest, which begin. */
const LONG = ["models", "tasks", "engines", "text"];

/**
 * The files of tests in a folder, in portions for one process each.
 *
 * @param folder The folder; those within it are searched too.
 * @returns Lists of paths, each list from a single folder; those that take longest first.
 */
export function portions(folder: string): string[][] {
  const at = folder.replace(/\/$/, "");
  const entries = [...Deno.readDirSync(at)].toSorted((a, b) => a.name < b.name ? -1 : 1);
  const rank = ({ name }: Deno.DirEntry) => LONG.includes(name) ? LONG.indexOf(name) : LONG.length;
  const folders = entries.filter(({ isDirectory }) => isDirectory).toSorted((a, b) => rank(a) - rank(b));
  const files = entries.filter(({ name, isFile }) => isFile && name.endsWith("_test.ts"));
  const own = files.flatMap((_, i) =>
    i % FILES === 0 ? [files.slice(i, i + FILES).map(({ name }) => `${at}/${name}`)] : []
  );
  return [...own, ...folders.flatMap(({ name }) => portions(`${at}/${name}`))];
}

/** Counts of tests. */
export interface TestCounts {
  passed: number;
  failed: number;
  /** Tests that lack something, an engine for instance. */
  skipped: number;
}

/** The counts of a process, from the line that `deno test` ends with. */
function countsOf(output: readonly Uint8Array[]): TestCounts {
  const decoder = new TextDecoder();
  const text = output.map((bytes) => decoder.decode(bytes, { stream: true })).join("");
  // deno-lint-ignore no-control-regex
  const plain = text.replaceAll(/\x1b\[\d*m/g, "");
  const found = plain.match(/^(?:ok|FAILED) \| (\d+) passed[^|]*\| (\d+) failed(?: \| (\d+) ignored)?/m);
  const [, passed = 0, failed = 0, skipped = 0] = (found ?? []).map(Number).map((count) => count || 0);
  return { passed, failed, skipped };
}

/** What one process prints, as it comes, and whether its tests passed. */
async function run(args: readonly string[]): Promise<{ output: Uint8Array[]; success: boolean }> {
  const output: Uint8Array[] = [];
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(Deno.execPath(), { args: [...args], ...options }).spawn();
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const bytes of stream) output.push(bytes);
  };
  const [{ success }] = await Promise.all([child.status, collect(child.stdout), collect(child.stderr)]);
  return { output, success };
}

/**
 * Runs portions of files, `jobs` of them at once.
 *
 * @param queue The portions, in their order.
 * @returns The portions whose process failed or died, and the counts of all tests.
 */
export async function runPortions(
  queue: readonly string[][],
  { flags, jobs, print }: { flags: readonly string[]; jobs: number; print: (bytes: Uint8Array) => void },
): Promise<{ failed: string[][]; counts: TestCounts }> {
  const [waiting, failed] = [[...queue], [] as string[][]];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const worker = async () => {
    for (let files = waiting.shift(); files !== undefined; files = waiting.shift()) {
      const { output, success } = await run(["test", "--no-check", ...flags, ...files]);
      output.forEach(print);
      if (!success) failed.push(files);
      for (const [name, count] of Object.entries(countsOf(output))) counts[name as keyof TestCounts] += count;
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return { failed, counts };
}

/** Runs Deno with this terminal. */
async function inTerminal(args: readonly string[]): Promise<number> {
  return (await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status).code;
}

if (import.meta.main) {
  const flags = Deno.args.filter((arg) => arg.startsWith("--allow-"));
  const [folder, ...more] = Deno.args.filter((arg) => !flags.includes(arg));
  if (more.length > 0) Deno.exit(await inTerminal(["test", ...flags, ...more]));
  const jobs = Number(Deno.env.get("DENO_JOBS") ?? Math.min(navigator.hardwareConcurrency, MOST_JOBS));
  if (!Number.isInteger(jobs) || jobs < 1) {
    console.error(`error: Cannot run tests: DENO_JOBS must be a positive whole number, current value is ${jobs}`);
    Deno.exit(1);
  }
  // Types once, rather than in every process.
  const code = await inTerminal(["check", "--quiet", folder]);
  if (code !== 0) Deno.exit(code);
  // A pipe may take a part.
  const print = (bytes: Uint8Array) => {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
  };
  const { failed, counts } = await runPortions(portions(folder), { flags, jobs, print });
  for (const files of failed) console.error(`error: tests failed; run them again: deno task test ${files.join(" ")}`);
  console.log(`all tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (failed.length > 0) Deno.exit(1);
}
