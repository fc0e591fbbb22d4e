/**
 * The memory of tensors on the processor, as the program reads and writes it.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { TensorMemory } from "../../kernels/tensor_memory.ts";
import { dtypes } from "./symbols.ts";
import type { Torch } from "./torch.ts";

/** Numbers of `madvise`: pages of 2 MiB where there is room for one, and all pages at once. */
const MADV_HUGEPAGE = 14, MADV_POPULATE_WRITE = 23;

const PAGE = 4096n;

/** Addresses from `from` on and before `to`. */
interface AddressRange {
  from: bigint;
  to: bigint;
}

/** What has the tensors, a backend. */
interface TensorOwner {
  readonly torch: Torch;
  /** The handle of a tensor whose numbers are in one piece. */
  handle(tensor: tf.TensorInfo): bigint;
  /** All handles of a tensor, several where its numbers are in few bits. */
  handlesOf(tensor: tf.TensorInfo): readonly bigint[];
  /** What a tensor in few bits is made of; undefined for others. */
  packed(tensor: tf.TensorInfo): unknown;
}

/** The memory of a backend's tensors. */
export class HostMemory implements TensorMemory {
  readonly #backend: TensorOwner;

  /** @param backend The owner of the tensors. */
  constructor(backend: TensorOwner) {
    this.#backend = backend;
  }

  write(tensor: tf.TensorInfo, numbers: Float32Array<ArrayBuffer>, start: number): boolean {
    const { torch } = this.#backend;
    if (torch.library.device.kind !== "cpu" || this.#backend.packed(tensor)) return false;
    const handle = this.#backend.handle(tensor);
    if (torch.dtype(handle) !== dtypes.float32 || !torch.isContiguous(handle)) return false;
    torch.write(handle, numbers, 4 * start);
    return true;
  }

  bytesOf(tensor: tf.TensorInfo): number {
    const { torch } = this.#backend;
    return this.#backend.handlesOf(tensor).reduce((sum, handle) => sum + torch.storageBytes(handle), 0);
  }

  async takeAhead(tensors: readonly tf.TensorInfo[]): Promise<void> {
    const { torch } = this.#backend;
    if (torch.library.device.kind !== "cpu") return;
    const ranges = tensors.flatMap((tensor) => this.#backend.handlesOf(tensor)).map((handle) => {
      const from = torch.address(handle);
      return { from, to: from + BigInt(torch.storageBytes(handle)) };
    });
    // Where the system is too old for this, or short of memory, pages are taken when they are written, as ever.
    for (const { from, to } of joined(ranges)) {
      await torch.library.advise(from, to - from, MADV_HUGEPAGE);
      await torch.library.advise(from, to - from, MADV_POPULATE_WRITE);
    }
  }
}

/** The whole pages of ranges, those with less than a page between them as one. */
function joined(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = ranges.toSorted((a, b) => a.from < b.from ? -1 : 1);
  const merged: AddressRange[] = [];
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last && from - last.to < PAGE) last.to = to > last.to ? to : last.to;
    else merged.push({ from, to });
  }
  return merged.map(({ from, to }) => ({ from: (from + PAGE - 1n) / PAGE * PAGE, to: to / PAGE * PAGE }))
    .filter(({ from, to }) => to > from);
}
