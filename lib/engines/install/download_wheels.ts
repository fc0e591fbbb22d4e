/**
 * Fetches wheels from Python's package index with pip.
 *
 * @module
 */
import { type ProgramResult, runProgram } from "./run_program.ts";

/** Options for {@linkcode downloadWheels}. */
export interface DownloadWheelsOptions {
  /** The folder that pip runs in; it briefly holds the list of wheels. */
  folder: URL;
  /** Where the wheels go, relative to the folder. */
  destination: string;
  /** The platforms that the wheels may be for. */
  platforms: readonly string[];
  /** The ABIs that they may have. */
  abis: readonly string[];
}

/** How wheels are fetched and what that requires, for messages. */
export const NEEDS_PIP = `"python3 -m pip download"; python3 with pip and access to its package index are needed`;

/**
 * Fetches wheels without their dependencies.
 *
 * @param wheels A requirements line for each, with its hashes.
 * @param options Their target folder and platforms.
 * @returns How pip ended.
 */
export async function downloadWheels(
  wheels: readonly string[],
  { folder, destination, platforms, abis }: DownloadWheelsOptions,
): Promise<ProgramResult> {
  const list = new URL("wheels.txt", folder);
  await Deno.writeTextFile(list, wheels.join("\n") + "\n");
  const target = ["--python-version", "3.11", "--implementation", "cp"];
  for (const abi of abis) target.push("--abi", abi);
  for (const platform of platforms) target.push("--platform", platform);
  const options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", destination];
  const args = ["-m", "pip", "download", ...options, ...target, "--requirement", "wheels.txt"];
  try {
    return await runProgram("python3", args, { folder });
  } finally {
    await Deno.remove(list);
  }
}
