/**
 * Causal attention over packed rows, by libtorch's blockwise ("flash") attention: no matrix of scores is kept.
 *
 * Rows of one length that follow one another are one call. Query heads that share a key and value head are as many
 * calls, on views, so that keys and values are not copied; those of a row with a prefix are put behind one another.
 *
 * Source: T. Dao et al., "FlashAttention: fast and memory-efficient exact attention with IO-awareness", 2022.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { RowTree } from "../../../batches/row_layout.ts";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, reshape } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { attentionGroups, type Group } from "./attention_groups.ts";
import { masksFor } from "./attention_masks.ts";
import { bring, headsView, seen } from "./attention_views.ts";
import { type CappedAttention, cappedAttention, cappedAttentionGradients } from "./capped_attention.ts";

/** The attributes of both kernels. */
interface AttentionAttributes extends RowTree {
  heads: number;
  keyValueHeads: number;
  scale: number;
  window: number;
  softCap: number;
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

/** One call on the views of a group's heads. */
interface Part {
  /** `[rows, heads, length, width]`. */
  queries: Handle;
  /** `[rows, heads, keys, width]`. */
  keys: Handle;
  /** `[rows, heads, keys, width]`. */
  values: Handle;
  /** The mask; without one a position sees all before it. */
  mask: Handle | null;
  group: Group;
}

/** How parts are attended to. */
function attender(torch: Torch, { softCap, scale, keyValueHeads, width }: AttentionAttributes & { width: number }) {
  const queryShape = ({ rows, length }: Group) => [rows, keyValueHeads, length, width];
  const capped = ({ queries, keys, values, mask, group }: Part): CappedAttention => {
    const keyShape = [group.rows, keyValueHeads, group.keys, width];
    return {
      queries: { handle: queries, shape: queryShape(group) },
      keys: { handle: keys, shape: keyShape },
      values: { handle: values, shape: keyShape },
      scale,
      softCap,
      mask: mask!,
    };
  };
  return {
    /** The attended values and the log of the sums. */
    forward(part: Part): Handle[] {
      const { queries, keys, values, mask, group } = part;
      if (softCap === 0) return torch.callAll("attention", queries, keys, values, 0, mask === null, mask, scale);
      return [cappedAttention(torch, capped(part)), torch.full(queryShape(group).slice(0, 3), 0, dtypes.float32)];
    },
    /** The gradients of queries, keys and values. */
    backward(part: Part, { gradient, result, logSums }: Record<"gradient" | "result" | "logSums", Handle>): Handle[] {
      const { queries, keys, values, mask, group } = part;
      if (softCap !== 0) {
        return cappedAttentionGradients(torch, capped(part), { handle: gradient, shape: queryShape(group) });
      }
      return torch.callAll(
        "attentionBackward",
        gradient,
        queries,
        keys,
        values,
        result,
        logSums,
        0,
        mask === null,
        mask,
        scale,
      );
    },
  };
}

/** The calls that rows take, with the mask of each and the way it goes. */
function plan(backend: TorchBackend, settings: AttentionAttributes & { width: number; dtype: DTypeCode }) {
  const groups = attentionGroups(settings);
  return { groups, maskOf: masksFor(backend, groups, settings), attend: attender(backend.torch, settings) };
}

/** Kernels of attention; the state is the log of each softmax's sum, `[heads · S]` in the order of the calls. */
export const attentionKernels: KernelGroup = {
  TreeAttention: kernel<AttentionAttributes>(({ inputs: { query, key, value }, attrs, backend, torch }) => {
    const { heads, keyValueHeads } = attrs;
    const width = query.shape[1] / heads, sharing = heads / keyValueHeads;
    const [q, k, v] = alike(backend, [query, key, value]);
    const out = torch.empty(query.shape, torch.dtype(q));
    const { groups, maskOf, attend } = plan(backend, { ...attrs, width, dtype: torch.dtype(q) });
    const sums: Handle[] = [];
    for (const group of groups) {
      const mask = maskOf(group);
      const [keys, values] = [k, v].map((positions) => seen(torch, positions, group, { count: keyValueHeads, width }));
      for (let first = 0; first < sharing; first++) {
        const own = { ...group, count: keyValueHeads, width, step: sharing, first };
        const [result, logSums] = attend.forward({ queries: headsView(torch, q, own), keys, values, mask, group });
        torch.copy(headsView(torch, out, own), result);
        const shape = [group.rows, keyValueHeads, group.length];
        sums.push(reshape(torch, { handle: logSums, shape }, [group.rows * keyValueHeads * group.length]));
      }
    }
    const state = torch.call("cat", sums, 0);
    return [backend.own(out, query.shape, "float32"), backend.own(state, [heads * query.shape[0]], "float32")];
  }),

  TreeAttentionGrad: kernel<AttentionAttributes>(({ inputs, attrs, backend, torch }) => {
    const { query, key, value } = inputs;
    const { heads, keyValueHeads } = attrs;
    const width = query.shape[1] / heads, sharing = heads / keyValueHeads;
    const [q, k, v, dy, y] = alike(backend, [query, key, value], [inputs.dy, inputs.y]);
    const state = backend.handle(inputs.state);
    const { groups, maskOf, attend } = plan(backend, { ...attrs, width, dtype: torch.dtype(q) });
    // Many rows may add to a prefix's gradient.
    const summed = groups.some(({ runs }) => runs.length > 1) ? dtypes.float32 : torch.dtype(q);
    const dq = torch.empty(query.shape, torch.dtype(q));
    const [dk, dv] = [key, value].map(({ shape }) => torch.empty(shape, summed));
    let offset = 0;
    for (const group of groups) {
      const mask = maskOf(group);
      const shared = { count: keyValueHeads, width };
      const [keys, values] = [k, v].map((positions) => seen(torch, positions, group, shared));
      for (let first = 0; first < sharing; first++) {
        const own = { ...group, ...shared, step: sharing, first };
        const [gradient, queries, result] = [dy, q, y].map((positions) => headsView(torch, positions, own));
        const shape = [group.rows, keyValueHeads, group.length];
        const logSums = torch.view(state, shape, [keyValueHeads * group.length, group.length, 1], offset);
        offset += group.rows * keyValueHeads * group.length;
        const part: Part = { queries, keys, values, mask, group };
        const [dQueries, dKeys, dValues] = attend.backward(part, { gradient, result, logSums });
        torch.copy(headsView(torch, dq, own), dQueries);
        bring(torch, { whole: dk, part: dKeys }, { ...group, ...shared, again: first > 0 });
        bring(torch, { whole: dv, part: dValues }, { ...group, ...shared, again: first > 0 });
      }
    }
    return [dq, dk, dv].map((handle, i) => backend.own(handle, [query, key, value][i].shape, "float32"));
  }),
};
