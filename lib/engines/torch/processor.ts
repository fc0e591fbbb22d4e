/**
 * What of a processor decides how matrices are multiplied on it.
 *
 * @module
 */

/** Which products are the fast ones. */
export interface Processor {
  /** Whether ATen's own product of float32 is: Intel's library on Intel's processors. Elsewhere oneDNN's is. */
  readonly ownProducts: boolean;
  /** Whether products of bfloat16 are faster than those of float32. */
  readonly bfloat16: boolean;
}

/** Those of a CUDA device, whose products are libtorch's own in every type. */
export const CUDA_PRODUCTS: Processor = { ownProducts: true, bfloat16: true };

/** What is needed of the C library. */
interface Files {
  open(path: Uint8Array<ArrayBuffer>, flags: number): number;
  read(descriptor: number, into: Uint8Array<ArrayBuffer>, size: bigint): bigint;
  close(descriptor: number): number;
}

/** Where Linux describes the processor; Deno itself lets a program read there only if it may do everything. */
const DESCRIPTION = "/proc/cpuinfo";
/** More than the first of the processors takes. */
const FIRST_BYTES = 1 << 14;

/** The processor of this machine; where it cannot be determined, one on which libtorch's own choices are good. */
export function thisProcessor(files: Files): Processor {
  const descriptor = files.open(new TextEncoder().encode(DESCRIPTION + "\0"), 0);
  if (descriptor < 0) return processorOf("");
  const bytes = new Uint8Array(FIRST_BYTES);
  const count = Number(files.read(descriptor, bytes, BigInt(FIRST_BYTES)));
  files.close(descriptor);
  return processorOf(new TextDecoder().decode(bytes.subarray(0, Math.max(0, count))));
}

/**
 * Reads a description.
 *
 * Intel's AVX-512 multiplies bfloat16 no faster than float32, its AMX many times as fast; AMD's AVX-512 and ARM's
 * extension of that name are fast. A processor without any of them has to put every product together from float32.
 *
 * @param description The text of `/proc/cpuinfo`; what it does not state counts as good.
 */
export function processorOf(description: string): Processor {
  const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(.*)$`, "m").exec(description)?.[1];
  const words = field("flags") ?? field("Features");
  const intel = field("vendor_id") === "GenuineIntel";
  if (words === undefined) return { ownProducts: intel, bfloat16: true };
  const features = new Set(words.split(" "));
  const bfloat16 = features.has("amx_bf16") || features.has("bf16") || (features.has("avx512_bf16") && !intel);
  return { ownProducts: intel, bfloat16 };
}
