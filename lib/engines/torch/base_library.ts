/**
 * libtorch's smallest library, through which the C library is reached: what has to be set before libtorch is loaded.
 *
 * libtorch is not loaded in a thread of its own, which would save a quarter of a second: what it does on being loaded
 * overflowed the stack of the runtime's threads.
 *
 * @module
 */
import { settingSymbols } from "./symbols.ts";

/** The library that the others depend on, and libtorch for the processor. */
export const BASE_LIBRARY = "libc10.so", PROCESSOR_LIBRARY = "libtorch_cpu.so";

/** Functions of the C library. */
export type BaseFunctions = Deno.StaticForeignLibraryInterface<typeof settingSymbols>;

/**
 * `mallopt` parameters of the GNU C library: sizes from which blocks are mapped, and above which memory is returned.
 */
const M_MMAP_THRESHOLD = -3, M_TRIM_THRESHOLD = -1;
/** The largest that the GNU C library takes. */
const LARGEST_MMAP_THRESHOLD = 32 << 20;
/** Variables by which a user says how threads wait. */
const WAITING_VARIABLES = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"] as const;
/**
 * How often a waiting thread looks before it sleeps: for 0.15 ms on a Xeon of 2.3 GHz. Between the kernels of a step
 * less passes, so that none has to be woken, which took half of a small step's time; and where other programs want the
 * processor, the thread that is waited for soon gets it. Looking on without end made steps there several times as long.
 */
const SPIN_COUNT = "10000";
const OVERWRITE = 1;

const text = (value: string) => new TextEncoder().encode(value + "\0");

/**
 * Opens the base library and sets how memory is kept and how threads wait. libtorch must not be loaded yet.
 *
 * @param open Opens it, with the functions that are wanted of it.
 */
export function openBase(open: (symbols: typeof settingSymbols) => BaseFunctions): BaseFunctions {
  const base = open(settingSymbols);
  // Freed blocks stay with the program: large tensors are made and freed all the time, and each return to the system
  // would fault every page in again. The largest are mapped all the same: aligned as tensors are, a freed block is a
  // little too small for the next one of its size, so that a head's gradient would take new memory at each step.
  base.mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD);
  base.mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
  if (WAITING_VARIABLES.every((name) => base.getenv(text(name)) === null)) {
    base.setenv(text("GOMP_SPINCOUNT"), text(SPIN_COUNT), OVERWRITE);
  }
  return base;
}
