/**
 * Causal attention over packed rows, by libtorch's blockwise ("flash") attention: no matrix of scores is kept.
 *
 * Rows of one length that follow one another are one call. Query heads that share a key and value head are as many
 * calls, on views, so that keys and values are not copied.
 *
 * Source: T. Dao et al., "FlashAttention: fast and memory-efficient exact attention with IO-awareness", 2022.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, reshape } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { type CappedAttention, cappedAttention, cappedAttentionGradients } from "./capped_attention.ts";

/** The attributes of both kernels. */
interface AttentionAttributes {
  rowLengths: number[];
  heads: number;
  keyValueHeads: number;
  scale: number;
  window: number;
  softCap: number;
}

/** Rows of one length, one after another. */
interface Group {
  rows: number;
  length: number;
  /** The first row's first position. */
  start: number;
}

/** Which heads of packed positions `[S, W]`, in which rows. */
interface Heads {
  group: Group;
  /** Heads of the view. */
  count: number;
  /** From one head of the view to the next, in heads. */
  step?: number;
  /** The first head of the view. */
  first?: number;
  /** The width of a head. */
  width: number;
}

function groups(rowLengths: readonly number[]): Group[] {
  const found: Group[] = [];
  let start = 0;
  for (const length of rowLengths) {
    const last = found.at(-1);
    if (last?.length === length) last.rows++;
    else found.push({ rows: 1, length, start });
    start += length;
  }
  return found.filter(({ length }) => length > 0);
}

/** Packed positions as `[rows, heads, length, width]`: a view. */
function headsView(torch: Torch, packed: Handle, { group, count, step = 1, first = 0, width }: Heads): Handle {
  const { rows, length, start } = group;
  const [position, element] = torch.strides(packed, 2);
  const strides = [length * position, step * width * element, position, element];
  return torch.view(packed, [rows, count, length, width], strides, start * position + first * width * element);
}

/** Makes the elements of a position neighbours, which libtorch's attention asks for. */
function packed(backend: TorchBackend, input: tf.TensorInfo): Handle {
  const { torch } = backend;
  const handle = backend.operand(input);
  return torch.strides(handle, 2)[1] === 1 ? handle : torch.contiguous(handle);
}

/**
 * The inputs in one type, which libtorch's attention asks for: bfloat16 where one of query, key and value is stored so,
 * and the processor multiplies that fast.
 */
function alike(backend: TorchBackend, deciding: tf.TensorInfo[], others: tf.TensorInfo[] = []): Handle[] {
  const { torch } = backend;
  const handles = [...deciding, ...others].map((input) => packed(backend, input));
  const low = torch.library.processor.bfloat16 &&
    handles.slice(0, deciding.length).some((handle) => torch.dtype(handle) === dtypes.bfloat16);
  return handles.map((handle) => torch.cast(handle, low ? dtypes.bfloat16 : dtypes.float32));
}

/** 0 where a position may look, −∞ elsewhere: `[1, 1, length, length]`. */
function maskFor(backend: TorchBackend, { length, window }: { length: number; window: number }): Handle {
  const mask = new Float32Array(length * length).fill(-Infinity);
  for (let from = 0; from < length; from++) {
    const first = window > 0 ? Math.max(0, from - window + 1) : 0;
    mask.fill(0, from * length + first, from * length + from + 1);
  }
  return backend.upload(mask, [1, 1, length, length], dtypes.float32);
}

/** One call on the views of a group's heads. */
interface Part {
  queries: Handle;
  keys: Handle;
  values: Handle;
  /** `[rows, heads, length, width]`. */
  shape: number[];
}

/** How the parts of a group are attended to. */
function attender(
  backend: TorchBackend,
  { length }: Group,
  { window, softCap, scale, dtype }: AttentionAttributes & { dtype: DTypeCode },
) {
  const { torch } = backend;
  const masked = softCap !== 0 || (window > 0 && window < length);
  const mask = masked ? torch.cast(maskFor(backend, { length, window }), dtype) : null;
  const capped = ({ queries, keys, values, shape }: Part): CappedAttention => ({
    queries: { handle: queries, shape },
    keys: { handle: keys, shape },
    values: { handle: values, shape },
    ...{ scale, softCap, mask: mask! },
  });
  return {
    /** The attended values and the log of the sums. */
    forward(part: Part): Handle[] {
      if (softCap === 0) {
        return torch.callAll("attention", part.queries, part.keys, part.values, 0, !masked, mask, scale);
      }
      return [cappedAttention(torch, capped(part)), torch.full(part.shape.slice(0, 3), 0, dtypes.float32)];
    },
    /** The gradients of queries, keys and values. */
    backward(part: Part, { gradient, result, logSums }: Record<"gradient" | "result" | "logSums", Handle>): Handle[] {
      const { queries, keys, values, shape } = part;
      if (softCap !== 0) return cappedAttentionGradients(torch, capped(part), { handle: gradient, shape });
      return torch.callAll(
        "attentionBackward",
        ...[gradient, queries, keys, values, result, logSums] as const,
        ...[0, !masked, mask, scale] as const,
      );
    },
  };
}

/** Kernels of attention; the state is the log of each softmax's sum, `[heads · S]` in the order of the calls. */
export const attentionKernels: KernelGroup = {
  CausalAttention: kernel<AttentionAttributes>(({ inputs: { query, key, value }, attrs, backend, torch }) => {
    const { rowLengths, heads, keyValueHeads } = attrs;
    const width = query.shape[1] / heads, sharing = heads / keyValueHeads;
    const [q, k, v] = alike(backend, [query, key, value]);
    const out = torch.empty(query.shape, torch.dtype(q));
    const sums: Handle[] = [];
    for (const group of groups(rowLengths)) {
      const attend = attender(backend, group, { ...attrs, dtype: torch.dtype(q) });
      const shared = { group, count: keyValueHeads, width };
      const [keys, values] = [k, v].map((packed) => headsView(torch, packed, shared));
      const shape = [group.rows, keyValueHeads, group.length, width];
      for (let first = 0; first < sharing; first++) {
        const own = { ...shared, step: sharing, first };
        const [result, logSums] = attend.forward({ queries: headsView(torch, q, own), keys, values, shape });
        torch.copy(headsView(torch, out, own), result);
        const flat = [group.rows * keyValueHeads * group.length];
        sums.push(reshape(torch, { handle: logSums, shape: shape.slice(0, 3) }, flat));
      }
    }
    const state = torch.call("cat", sums, 0);
    return [backend.own(out, query.shape, "float32"), backend.own(state, [heads * query.shape[0]], "float32")];
  }),

  CausalAttentionGrad: kernel<AttentionAttributes>(({ inputs, attrs, backend, torch }) => {
    const { query, key, value } = inputs;
    const { rowLengths, heads, keyValueHeads } = attrs;
    const width = query.shape[1] / heads, sharing = heads / keyValueHeads;
    const [q, k, v, dy, y] = alike(backend, [query, key, value], [inputs.dy, inputs.y]);
    const state = backend.handle(inputs.state);
    const [dq, dk, dv] = [query, key, value].map((input) => torch.empty(input.shape, torch.dtype(q)));
    let offset = 0;
    for (const group of groups(rowLengths)) {
      const attend = attender(backend, group, { ...attrs, dtype: torch.dtype(q) });
      const { rows, length } = group;
      const shared = { group, count: keyValueHeads, width };
      const [keys, values, dKeys, dValues] = [k, v, dk, dv].map((packed) => headsView(torch, packed, shared));
      for (let first = 0; first < sharing; first++) {
        const own = { ...shared, step: sharing, first };
        const [gradient, queries, result] = [dy, q, y].map((packed) => headsView(torch, packed, own));
        const steps = [keyValueHeads * length, length, 1];
        const logSums = torch.view(state, [rows, keyValueHeads, length], steps, offset);
        offset += rows * keyValueHeads * length;
        const part = { queries, keys, values, shape: [rows, keyValueHeads, length, width] };
        const parts = attend.backward(part, { gradient, result, logSums });
        torch.copy(headsView(torch, dq, own), parts[0]);
        torch.copy(dKeys, first === 0 ? parts[1] : torch.add(dKeys, parts[1]));
        torch.copy(dValues, first === 0 ? parts[2] : torch.add(dValues, parts[2]));
      }
    }
    return [dq, dk, dv].map((handle, i) => backend.own(handle, [query, key, value][i].shape, "float32"));
  }),
};
