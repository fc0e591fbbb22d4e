/**
 * Prints the flag by which a task may start some programs and no others: those that are there, by their paths, so that
 * one that is absent is not mentioned. `deno` is the Deno that runs this, whether it is on the `PATH` or not.
 *
 *     deno run --allow-read --allow-env=PATH,PATHEXT tasks/support/allow_run.ts deno mpirun .python/bin/python
 */
import { delimiter, join } from "node:path";
import { flagList } from "./flag_list.ts";

/** What {@linkcode allowRun} asks of the system. */
export interface ProgramSearch {
  /** The folders of the `PATH`. */
  folders: readonly string[];
  /** The endings that a program's file may have, the empty one among them. */
  endings: readonly string[];
  /** The Deno that runs. */
  deno: string;
  /** Whether there is a file of that name. */
  isFile(path: string): boolean;
}

/**
 * The flag for some programs.
 *
 * @param programs Names, or paths from the project's folder.
 * @returns `--allow-run=` with the paths of those that are there, or `--deny-run` where none is.
 */
export function allowRun(programs: readonly string[], { folders, endings, deno, isFile }: ProgramSearch): string {
  const found = programs.flatMap((program) => {
    if (program === "") return []; // an environment variable that is not set
    if (program === "deno") return [deno];
    const places = program.includes("/") ? [program] : folders.map((folder) => join(folder, program));
    const path = places.flatMap((place) => endings.map((ending) => place + ending)).find(isFile);
    return path === undefined ? [] : [path];
  });
  return flagList("run", found);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const endings = Deno.build.os === "windows" ? (Deno.env.get("PATHEXT") ?? ".EXE").split(";") : [];
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  console.log(allowRun(Deno.args, { folders, endings: ["", ...endings], deno: Deno.execPath(), isFile }));
}
