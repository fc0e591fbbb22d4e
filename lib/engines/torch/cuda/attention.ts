/**
 * Causal attention over packed rows on CUDA: all rows and heads in one call, without padding.
 *
 * bfloat16 goes through libtorch's "flash" kernels, float32 through its "memory-efficient" ones, which know no shared
 * heads: there the query heads that share a key and value head are as many calls, on views.
 *
 * Source: T. Dao, "FlashAttention-2: faster attention with better parallelism and work partitioning", 2023.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, reshape } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** The attributes of both kernels; a soft cap never comes here. */
interface AttentionAttributes {
  rowLengths: number[];
  heads: number;
  keyValueHeads: number;
  scale: number;
  window: number;
}

/** `custom_mask_type` of the memory-efficient kernels. */
const CAUSAL_FROM_TOP_LEFT = 1;
/** The flash kernels take heads whose width is a multiple of this. */
const FLASH_WIDTH = 8;

/** Which of a packed tensor's heads: `count` of them, every `step`-th from the `first` on. */
interface Heads {
  count: number;
  width: number;
  step?: number;
  first?: number;
}

/** Packed positions `[S, W]` as `[1, S, heads, width]`, or without the leading axis: a view. */
function headsView(torch: Torch, packed: Handle, positions: number, heads: Heads & { batched: boolean }): Handle {
  const { count, width, step = 1, first = 0, batched } = heads;
  const [position, element] = torch.strides(packed, 2);
  const shape = [positions, count, width], strides = [position, step * width * element, element];
  const leading = batched ? [[1, ...shape], [positions * position, ...strides]] : [shape, strides];
  return torch.view(packed, leading[0], leading[1], first * width * element);
}

/** Where rows begin, and where the last one ends: int32 `[B + 1]`. */
function rowStarts(backend: TorchBackend, rowLengths: readonly number[]): Handle {
  const starts = new Int32Array(rowLengths.length + 1);
  rowLengths.forEach((length, row) => starts[row + 1] = starts[row] + length);
  return backend.upload(starts, [starts.length], dtypes.int32);
}

/** The elements of a position are neighbours. */
function packed(backend: TorchBackend, input: tf.TensorInfo): Handle {
  const handle = backend.operand(input);
  return backend.torch.strides(handle, 2)[1] === 1 ? handle : backend.torch.contiguous(handle);
}

/** A call on rows, with what its backward pass needs besides; the random state counts only where there is dropout. */
interface Call {
  backend: TorchBackend;
  attrs: AttentionAttributes;
  starts: Handle;
  longest: number;
}

function flashForward({ backend: { torch }, attrs, starts, longest }: Call, [q, k, v]: Handle[]): Handle[] {
  const { scale, window } = attrs;
  const sides = window > 0 ? [window - 1, 0] as const : [null, null] as const;
  const rest = [longest, longest, 0, true, false, scale, ...sides, null, null] as const;
  return torch.callAll("flashAttention", q, k, v, starts, starts, ...rest);
}

function flashBackward(call: Call, [dy, q, k, v, y, logSums]: Handle[]): Handle[] {
  const { backend: { torch }, attrs: { scale, window }, starts, longest } = call;
  const sides = window > 0 ? [window - 1, 0] as const : [null, null] as const;
  const random = [torch.empty([2], dtypes.uint64), torch.empty([], dtypes.uint64)] as const;
  const rest = [longest, longest, 0, true, ...random, scale, ...sides] as const;
  return torch.callAll("flashAttentionBackward", dy, q, k, v, y, logSums, starts, starts, ...rest);
}

function efficientForward({ backend: { torch }, attrs, starts, longest }: Call, [q, k, v]: Handle[]): Handle[] {
  const window = attrs.window > 0 ? attrs.window : null;
  const rest = [longest, longest, 0, CAUSAL_FROM_TOP_LEFT, true, attrs.scale, null, window] as const;
  return torch.callAll("efficientAttention", q, k, v, null, starts, starts, ...rest);
}

function efficientBackward(call: Call, [dy, q, k, v, y, logSums]: Handle[]): Handle[] {
  const { backend: { torch }, attrs, starts, longest } = call;
  const window = attrs.window > 0 ? attrs.window : null;
  const random = [torch.empty([], dtypes.int64), torch.empty([], dtypes.int64)] as const;
  const rest = [0, ...random, CAUSAL_FROM_TOP_LEFT, false, attrs.scale, null, window, false] as const;
  const inputs = [dy, q, k, v, null, y, starts, starts, longest, longest, logSums] as const;
  return torch.callAll("efficientAttentionBackward", ...inputs, ...rest);
}

/** How the heads of a call are cut into calls: all at once by flash, one share of the query heads after another else. */
function plan(backend: TorchBackend, query: tf.TensorInfo, handle: Handle, attrs: AttentionAttributes) {
  const { torch } = backend;
  const { heads, keyValueHeads } = attrs;
  const width = query.shape[1] / heads;
  const flash = torch.dtype(handle) === dtypes.bfloat16 && width % FLASH_WIDTH === 0;
  const calls = flash ? 1 : heads / keyValueHeads;
  const batched = !flash;
  const positions = query.shape[0];
  const own = (first: number): Heads =>
    flash ? { count: heads, width } : { count: keyValueHeads, width, step: calls, first };
  return {
    flash,
    calls,
    /** The view on the query's heads of a call. */
    ofQuery: (x: Handle, call: number) => headsView(torch, x, positions, { ...own(call), batched }),
    /** The view on all heads of keys or values. */
    ofKeys: (x: Handle) => headsView(torch, x, positions, { count: keyValueHeads, width, batched }),
  };
}

/** `[S, heads, width]` as `[S, heads · width]`. */
function flat(torch: Torch, handle: Handle, shape: readonly number[]): Handle {
  return reshape(torch, { handle, shape: torch.shape(handle) }, shape);
}

/** The call that all shares of the heads have in common. */
function callOf(backend: TorchBackend, attrs: AttentionAttributes): Call {
  const rowLengths = attrs.rowLengths.filter((length) => length > 0);
  return { backend, attrs, starts: rowStarts(backend, rowLengths), longest: Math.max(...rowLengths) };
}

/** Kernels of attention on CUDA; the state is the logs of the softmaxes' sums, a share of the heads after another. */
export const cudaAttentionKernels: KernelGroup = {
  CausalAttention: kernel<AttentionAttributes>(({ inputs: { query, key, value }, attrs, backend, torch }) => {
    const [q, k, v] = [query, key, value].map((input) => packed(backend, input));
    const { flash, calls, ofQuery, ofKeys } = plan(backend, query, q, attrs);
    const call = callOf(backend, attrs);
    let out = torch.empty(flash ? [0] : query.shape, torch.dtype(q));
    const sums: Handle[] = [];
    for (let share = 0; share < calls; share++) {
      const parts = [ofQuery(q, share), ofKeys(k), ofKeys(v)];
      const [result, logSums] = flash ? flashForward(call, parts) : efficientForward(call, parts);
      sums.push(logSums);
      if (flash) out = flat(torch, result, query.shape);
      else torch.copy(ofQuery(out, share), result);
    }
    const state = torch.call("stack", sums, 0);
    return [backend.own(out, query.shape, "float32"), backend.own(state, torch.shape(state), "float32")];
  }),

  CausalAttentionGrad: kernel<AttentionAttributes>(({ inputs, attrs, backend, torch }) => {
    const { query, key, value, state } = inputs;
    const [q, k, v, dy, y] = [query, key, value, inputs.dy, inputs.y].map((input) => packed(backend, input));
    const { flash, calls, ofQuery, ofKeys } = plan(backend, query, q, attrs);
    const call = callOf(backend, attrs);
    const varying = [query, key, value];
    const [dq, dk, dv] = varying.map(({ shape }) => torch.empty(flash ? [0] : shape, torch.dtype(q)));
    const gradient = torch.cast(dy, torch.dtype(q)), result = torch.cast(y, torch.dtype(q));
    const shape = state.shape.slice(1);
    const steps = torch.strides(backend.handle(state), state.shape.length);
    for (let share = 0; share < calls; share++) {
      const logSums = torch.view(backend.handle(state), shape, steps.slice(1), share * steps[0]);
      const parts = [
        ofQuery(gradient, share),
        ofQuery(q, share),
        ofKeys(k),
        ofKeys(v),
        ofQuery(result, share),
        logSums,
      ];
      if (flash) {
        const results = flashBackward(call, parts);
        return varying.map(({ shape }, i) => backend.own(flat(torch, results[i], shape), shape, "float32"));
      }
      const results = efficientBackward(call, parts);
      torch.copy(ofQuery(dq, share), results[0]);
      const shared = [[ofKeys(dk), results[1]], [ofKeys(dv), results[2]]];
      for (const [into, part] of shared) torch.copy(into, share === 0 ? part : torch.add(into, part));
    }
    return [dq, dk, dv].map((handle, i) => backend.own(handle, varying[i].shape, "float32"));
  }),
};
