/**
 * The functions of NVIDIA's NCCL that are called, as data, and its numbers.
 *
 * Functions that return `i32` return 0 where all is well. A communicator, a stream and addresses on the device are 64-bit
 * integers.
 *
 * @module
 */

/** Bytes of `ncclUniqueId`. */
export const UNIQUE_ID_BYTES = 128;

/** `ncclUniqueId`, an array of characters in a struct, which is passed by value. */
const uniqueId = { struct: Array<"u8">(UNIQUE_ID_BYTES).fill("u8") } as const;

/** Functions of libnccl. */
export const symbols = {
  ncclGetVersion: { parameters: ["buffer"], result: "i32" },
  ncclGetErrorString: { parameters: ["i32"], result: "u64" },
  // communicator, or 0
  ncclGetLastError: { parameters: ["u64"], result: "u64" },
  ncclGetUniqueId: { parameters: ["buffer"], result: "i32" },
  // communicator, ranks, id, rank; it takes the calling thread's device, so it cannot be called on a thread of its own
  ncclCommInitRank: { parameters: ["buffer", "i32", uniqueId, "i32"], result: "i32" },
  ncclCommGetAsyncError: { parameters: ["u64", "buffer"], result: "i32" },
  ncclCommDestroy: { parameters: ["u64"], result: "i32" },
  ncclCommAbort: { parameters: ["u64"], result: "i32" },
  // what is sent, what is received, count, type, operation, communicator, stream
  ncclAllReduce: { parameters: ["u64", "u64", "u64", "i32", "i32", "u64", "u64"], result: "i32" },
  // what is sent, what is received, count, type, root, communicator, stream
  ncclBroadcast: { parameters: ["u64", "u64", "u64", "i32", "i32", "u64", "u64"], result: "i32" },
  // what is sent, what is received, count per rank, type, operation, communicator, stream
  ncclReduceScatter: { parameters: ["u64", "u64", "u64", "i32", "i32", "u64", "u64"], result: "i32" },
  // what is sent, what is received, count per rank, type, communicator, stream
  ncclAllGather: { parameters: ["u64", "u64", "u64", "i32", "u64", "u64"], result: "i32" },
  // the C library, by which texts are read without a permission for all foreign functions
  strlen: { parameters: ["u64"], result: "u64" },
  read_bytes: { name: "memcpy", parameters: ["buffer", "u64", "u64"], result: "void" },
} as const;

/** The functions of libnccl, opened. */
export type NcclFunctions = Deno.StaticForeignLibraryInterface<typeof symbols>;

/** `ncclFloat32`. */
export const FLOAT32 = 7;
/** `ncclSum`. */
export const SUM = 0;
/** The oldest version whose numbers these are, as `ncclGetVersion` has it: 2.10.0. */
export const OLDEST_VERSION = 21000;
