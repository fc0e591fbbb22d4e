/**
 * What a position may look at where that is not all before it in its own group.
 *
 * @module
 */
import type { TorchBackend } from "../backend.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Group } from "./attention_groups.ts";

/** 0 where a position may look, −∞ elsewhere: `[length, length]`. */
function maskFor(backend: TorchBackend, { length, window }: { length: number; window: number }): Handle {
  const mask = new Float32Array(length * length).fill(-Infinity);
  for (let from = 0; from < length; from++) {
    const first = window > 0 ? Math.max(0, from - window + 1) : 0;
    mask.fill(0, from * length + first, from * length + from + 1);
  }
  return backend.upload(mask, [length, length], dtypes.float32);
}

/** What decides what is masked. */
interface MaskOptions {
  window: number;
  softCap: number;
  dtype: DTypeCode;
}

/** The masks of the groups that need one, all of them parts of one: `[1, 1, queries, keys]`. */
export function masksFor(
  backend: TorchBackend,
  groups: readonly Group[],
  { window, softCap, dtype }: MaskOptions,
): (group: Group) => Handle | null {
  const { torch } = backend;
  const masked = ({ keys, length }: Group) => softCap !== 0 || (window > 0 && window < keys) || length < keys;
  const size = Math.max(0, ...groups.filter(masked).map(({ keys }) => keys));
  if (size === 0) return () => null;
  const mask = torch.cast(maskFor(backend, { length: size, window }), dtype);
  return (group) => {
    const { length, keys } = group;
    if (!masked(group)) return null;
    return torch.view(mask, [1, 1, length, keys], [size * size, size * size, size, 1], (keys - length) * size);
  };
}
