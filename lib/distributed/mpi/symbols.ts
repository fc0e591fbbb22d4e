/**
 * The functions of Open MPI's C interface that are called, as data, and its handles.
 *
 * Functions that return `i32` return 0; if something fails, Open MPI itself reports it and ends the run. Handles are
 * pointers, as 64-bit integers.
 *
 * @module
 */

/** The address of an array, or `MPI_IN_PLACE`: the two ways to specify what is sent. */
const [send, sendInPlace] = ["buffer", "usize"] as const;

/** Functions of libmpi. */
export const symbols = {
  MPI_Initialized: { parameters: ["buffer"], result: "i32" },
  // argc, argv, requested thread level, provided level
  MPI_Init_thread: { parameters: ["usize", "usize", "i32", "buffer"], result: "i32" },
  MPI_Finalize: { parameters: [], result: "i32" },
  MPI_Abort: { parameters: ["usize", "i32"], result: "i32" },
  // text, length
  MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
  MPI_Get_processor_name: { parameters: ["buffer", "buffer"], result: "i32" },
  // handles by their numbers in Fortran, which are the same in every build
  MPI_Comm_f2c: { parameters: ["i32"], result: "usize" },
  MPI_Type_f2c: { parameters: ["i32"], result: "usize" },
  MPI_Op_f2c: { parameters: ["i32"], result: "usize" },
  MPI_Type_size: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Comm_rank: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["usize", "buffer"], result: "i32" },
  // communicator, request
  MPI_Ibarrier: { parameters: ["usize", "buffer"], result: "i32" },
  // data, count, type, root, communicator, request
  MPI_Ibcast: { parameters: ["buffer", "i32", "usize", "i32", "usize", "buffer"], result: "i32" },
  // what is sent, what is received, count, type, operation, communicator, request
  MPI_Iallreduce: {
    parameters: [sendInPlace, "buffer", "i32", "usize", "usize", "usize", "buffer"],
    result: "i32",
  },
  // what is sent, what is received, count per rank, type, operation, communicator, request
  MPI_Ireduce_scatter_block: {
    parameters: [send, "buffer", "i32", "usize", "usize", "usize", "buffer"],
    result: "i32",
  },
  // sent, count, type, received, count per rank, type, communicator, request
  MPI_Iallgather: {
    parameters: [send, "i32", "usize", "buffer", "i32", "usize", "usize", "buffer"],
    result: "i32",
  },
  // request, whether it is done, status
  MPI_Test: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  // the process (0 for this one), size of the mask in bytes, the mask: a libc function, reached through libmpi; absent
  // on other systems
  sched_getaffinity: { parameters: ["i32", "usize", "buffer"], result: "i32", optional: true },
  // request, status
  MPI_Wait: { parameters: ["buffer", "usize"], result: "i32" },
} as const;

/** Numbers of handles in Fortran. */
export const fortran = {
  world: 0,
  types: { byte: 1, float32: 13, float64: 17 },
  operations: { max: 1, min: 2, sum: 3 },
} as const;

/** Sends what is in the result's buffer. */
export const IN_PLACE = 1n;
/** Only the thread that initialized MPI calls it. */
export const THREAD_FUNNELED = 1;
/** The longest text that MPI writes: `MPI_MAX_LIBRARY_VERSION_STRING`. */
export const LONGEST_TEXT = 256;
