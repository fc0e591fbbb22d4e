/**
 * What a position may look at where that is not all before it in its own group.
 *
 * @module
 */
import type { TorchBackend } from "../backend.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Group } from "./attention_groups.ts";

/** 0 where one of the last `length` of `keys` positions may look, −∞ elsewhere: `[length, keys]`. */
function maskFor(backend: TorchBackend, { length, keys }: Pick<Group, "length" | "keys">, window: number): Handle {
  const mask = new Float32Array(length * keys).fill(-Infinity);
  for (let row = 0; row < length; row++) {
    const place = keys - length + row;
    const first = window > 0 ? Math.max(0, place - window + 1) : 0;
    mask.fill(0, row * keys + first, row * keys + place + 1);
  }
  return backend.upload(mask, [length, keys], dtypes.float32);
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
  const most = { length: 0, keys: 0 };
  for (const { length, keys } of groups.filter(masked)) {
    most.keys = Math.max(most.keys, keys);
    most.length = Math.max(most.length, length);
  }
  if (most.keys === 0) return () => null;
  const whole = torch.cast(maskFor(backend, most, window), dtype);
  return (group) => {
    if (!masked(group)) return null;
    // The last rows and columns: what a position may look at depends on how far it is away.
    const { length, keys } = group, size = most.length * most.keys;
    const first = (most.length - length) * most.keys + most.keys - keys;
    return torch.view(whole, [1, 1, length, keys], [size, size, most.keys, 1], first);
  };
}
