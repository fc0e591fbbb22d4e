/**
 * PyTorch's side of comparisons, from Python.
 *
 * @module
 */
import { runToEnd } from "./programs.ts";
import stepProgram from "../bench/peer/step.py" with { type: "text" };

/** What the program of the step prints. */
export interface StepPeer {
  seconds: number[];
  peakMiB: number;
  version: string;
  /** Where its models are from. */
  models: string;
}

/** Runs the padded step. */
export async function runStepPeer(python: string, settings: Record<string, unknown>): Promise<StepPeer> {
  return JSON.parse(await runPython(python, stepProgram, JSON.stringify(settings)));
}

/**
 * Runs a program in Python.
 *
 * @returns The last line of what it printed.
 * @throws {Error} If it fails, with the end of what it said.
 */
export async function runPython(python: string, program: string, input = ""): Promise<string> {
  const { success, stdout, stderr } = await runToEnd(python, { args: ["-c", program] }, input);
  const text = (bytes: Uint8Array<ArrayBuffer>) => new TextDecoder().decode(bytes).trim().split("\n");
  if (success) return text(stdout).at(-1)!;
  throw new Error(`Cannot run ${python}: ${text(stderr).slice(-3).join(" / ")}`);
}

/** The first of some programs that is a Python with PyTorch, with its version; undefined if none is. */
export async function findTorchPython(candidates: readonly string[]): Promise<PythonFound | undefined> {
  for (const python of candidates) {
    try {
      return { python, ...JSON.parse(await runPython(python, FIND)) };
    } catch {
      // It is not there, or has no PyTorch: the next one.
    }
  }
  return undefined;
}

/** A Python, its PyTorch, and the folder of that. */
export interface PythonFound {
  python: string;
  version: string;
  folder: string;
}

const FIND = `
import importlib.util, json, os, re
folder = list(importlib.util.find_spec("torch").submodule_search_locations)[0]
version = re.search(r"__version__ = '(.*?)'", open(os.path.join(folder, "version.py")).read()).group(1)
print(json.dumps({"version": version, "folder": folder}))
`;
