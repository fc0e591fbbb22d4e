/**
 * Attention of newest tokens to keys and values in slots, as `lib/operations/slot_attention.ts` describes it: slots are
 * filled in place, and one call of libtorch's blockwise attention looks at those in use.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, type Shaped, shaped } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { cappedAttention } from "./capped_attention.ts";

interface PutAttributes {
  slot: number;
  capacity: number;
}

interface JoinAttributes {
  used: readonly number[];
  rows: readonly (readonly number[])[];
  lengths: readonly number[];
  capacity: number;
}

interface SlotAttentionAttributes {
  slots: number;
  scale: number;
  softCap: number;
}

/** The type in which keys and values are kept: that of the products that they come from. */
function storedType({ precision, torch }: TorchBackend, input: Handle): DTypeCode {
  return precision === "bfloat16" ? dtypes.bfloat16 : torch.dtype(input);
}

/** Slots of a tensor `[B, K, C, D]`: a view. */
function slotsOf(
  torch: Torch,
  { handle, shape }: Shaped,
  { from = 0, count }: { from?: number; count: number },
): Shaped {
  const strides = torch.strides(handle, 4);
  const size = [shape[0], shape[1], count, shape[3]];
  return { handle: torch.view(handle, size, strides, from * strides[2]), shape: size };
}

/** Kernels of attention to slots. */
export const slotAttentionKernels: KernelGroup = {
  PutSlots: kernel<PutAttributes>(({ inputs, attrs: { slot, capacity }, backend, torch }) => {
    const { added, before } = inputs as { added: tf.TensorInfo; before?: tf.TensorInfo };
    const [rows, heads, count, width] = added.shape;
    const source = torch.cast(backend.handle(added), storedType(backend, backend.handle(added)));
    const hasRoom = before !== undefined && slot + count <= before.shape[2];
    const shape = hasRoom ? before.shape : [rows, heads, capacity, width];
    const into: Shaped = { handle: hasRoom ? backend.handle(before) : torch.empty(shape, torch.dtype(source)), shape };
    if (before && !hasRoom) {
      const [to, from] = [into, shaped(backend, before)].map((x) => slotsOf(torch, x, { count: slot }).handle);
      torch.copy(to, from);
    }
    torch.copy(slotsOf(torch, into, { from: slot, count }).handle, source);
    return hasRoom ? backend.share(before) : backend.own(into.handle, shape, "float32");
  }),

  JoinSlots: kernel<JoinAttributes>(({ inputs, attrs: { used, rows, lengths, capacity }, backend, torch }) => {
    const parts = Object.values(inputs).map((input) => shaped(backend, input));
    const [, heads, , size] = parts[0].shape;
    const width = Math.max(...lengths);
    const shape = [lengths.length, heads, capacity, size];
    const into = torch.full(shape, 0, torch.dtype(parts[0].handle));
    let row = 0;
    const slotsOfRow = ({ handle, shape }: Shaped, row: number, { from, count }: { from: number; count: number }) => {
      const steps = torch.strides(handle, 4);
      return torch.view(handle, [shape[1], count, size], steps.slice(1), row * steps[0] + from * steps[2]);
    };
    parts.forEach((part, index) => {
      for (const taken of rows[index]) {
        const count = lengths[row];
        const to = slotsOfRow({ handle: into, shape }, row, { from: width - count, count });
        torch.copy(to, slotsOfRow(part, taken, { from: used[index] - count, count }));
        row++;
      }
    });
    return backend.own(into, shape, "float32");
  }),

  SlotAttention: kernel<SlotAttentionAttributes>(({ inputs, attrs, backend, torch }) => {
    const { slots, scale, softCap } = attrs;
    const [query, key, value] = [inputs.query, inputs.key, inputs.value].map((input) => shaped(backend, input));
    // libtorch asks for one type: bfloat16 where one of keys and values is stored so.
    const low = [key, value].some(({ handle }) => torch.dtype(handle) === dtypes.bfloat16);
    const dtype = low ? dtypes.bfloat16 : dtypes.float32;
    const typed = ({ handle, shape }: Shaped): Shaped => ({ handle: torch.cast(handle, dtype), shape });
    const queries = typed({ handle: torch.contiguous(query.handle), shape: query.shape });
    const [keys, values] = [key, value].map((x) => typed(slotsOf(torch, x, { count: slots })));
    const mask = torch.cast(backend.handle(inputs.mask), dtype);
    let attended: Handle;
    if (softCap === 0 && torch.library.device.kind === "cpu") {
      [attended] = torch.callAll("attention", queries.handle, keys.handle, values.handle, 0, false, mask, scale);
    } else attended = cappedAttention(torch, { queries, keys, values, scale, softCap, mask });
    return backend.own(attended, query.shape, "float32");
  }),
};
