/**
 * The memory of the machine that is available to a run.
 *
 * @module
 */

/** Options for {@linkcode availableMemory}. */
export interface AvailableMemoryOptions {
  /**
   * Reads a file, for the limits of a container.
   *
   * @default {Deno.readTextFileSync}
   */
  read?: (path: string) => string;
  /**
   * The system's own figure.
   *
   * @default {Deno.systemMemoryInfo}
   */
  system?: () => { available: number };
}

/**
 * Finds how many bytes of memory are available: those of the system, or of the container if it has fewer.
 *
 * @param options Where the figures come from.
 * @returns Bytes; undefined if the program may not ask (`--allow-sys=systemMemoryInfo`).
 *
 * @example A run that starts with a warning if the machine's memory will not suffice
 * ```ts
 * import { distill, initializeModel, useEngine } from "@amid/amid";
 * import { availableMemory } from "@amid/amid/training";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const student = initializeModel(json, { seed: 1 });
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const options = { batchSize: 1, totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 * for await (const event of distill({ student, rows, ...options, availableMemory: availableMemory() })) {
 *   console.log(event.type);
 * }
 * ```
 */
export function availableMemory(options: AvailableMemoryOptions = {}): number | undefined {
  const { read = Deno.readTextFileSync, system = Deno.systemMemoryInfo } = options;
  let available: number;
  try {
    available = system().available;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
  const [limit, used] = ["max", "current"].map((name) => readNumber(() => read(`/sys/fs/cgroup/memory.${name}`)));
  return limit !== undefined && used !== undefined ? Math.max(0, Math.min(available, limit - used)) : available;
}

/** A file's number; undefined if there is no such file, or it contains "max". */
function readNumber(read: () => string): number | undefined {
  try {
    const number = Number(read());
    return Number.isFinite(number) ? number : undefined;
  } catch {
    // Not Linux, no container, or a file that may not be read: the system's own number stands alone.
    return undefined;
  }
}
