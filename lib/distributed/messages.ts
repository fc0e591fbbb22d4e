/**
 * Exchanges values between ranks as JSON: settings, rows, answers. Large numeric arrays are sent as such, see
 * `Communicator`.
 *
 * @module
 */
import type { BroadcastOptions, Communicator } from "./communicator.ts";

/**
 * Returns the values of all ranks on every rank.
 *
 * @param communicator The ranks.
 * @param value This rank's value, serializable as JSON.
 * @returns The ranks' values, in their order.
 */
export async function gatherValues<Value>(communicator: Communicator, value: Value): Promise<Value[]> {
  if (communicator.size === 1) return [value];
  const own = encoded(value);
  const lengths = new Float64Array(communicator.size);
  await communicator.allGather(Float64Array.of(own.length), lengths);
  const longest = Math.max(...lengths);
  const part = new Uint8Array(longest);
  part.set(own);
  const whole = new Uint8Array(longest * communicator.size);
  await communicator.allGather(part, whole);
  return Array.from(lengths, (length, rank) => decoded(whole.subarray(rank * longest, rank * longest + length)));
}

/**
 * Returns the value of one rank on every rank.
 *
 * @param communicator The ranks.
 * @param value The value; those of the other ranks are ignored.
 */
export async function broadcastValue<Value>(
  communicator: Communicator,
  value: Value,
  options: BroadcastOptions = {},
): Promise<Value> {
  if (communicator.size === 1) return value;
  const { root = 0 } = options;
  const own = communicator.rank === root ? encoded(value) : new Uint8Array();
  const length = Float64Array.of(own.length);
  await communicator.broadcast(length, { root });
  const bytes = communicator.rank === root ? own : new Uint8Array(length[0]);
  await communicator.broadcast(bytes, { root });
  return decoded(bytes);
}

/** Undefined, which JSON lacks, is sent as an empty message. */
const encoded = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value) ?? "");

function decoded<Value>(bytes: Uint8Array): Value {
  const text = new TextDecoder().decode(bytes);
  return (text === "" ? undefined : JSON.parse(text)) as Value;
}
