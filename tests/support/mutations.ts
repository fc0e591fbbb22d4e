/** Files that are broken in ways that no one thought of: bytes changed, cut, moved and repeated, from a seed. */
import { type RandomStream, randomStream } from "../../lib/random/random.ts";

/** Numbers that lengths, offsets and counts are wrong by. */
const ODD = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0xffffffffffffffffn,
  1n << 40n,
];

type Change = (bytes: Uint8Array<ArrayBuffer>, random: RandomStream) => Uint8Array<ArrayBuffer>;

const changes: readonly Change[] = [
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random) => {
    const size = [1, 2, 4, 8][random.below(4)];
    const at = random.below(Math.max(1, bytes.length - size));
    for (let i = 0; i < size && at + i < bytes.length; i++) {
      bytes[at + i] = Number((ODD[random.below(ODD.length)] >> BigInt(8 * i)) & 0xffn);
    }
    return bytes;
  },
  (bytes, random) => {
    const [from, to] = [random.below(bytes.length), random.below(bytes.length)];
    bytes.copyWithin(to, from, from + random.below(40));
    return bytes;
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random.below(9))]);
  },
  (bytes, random) => {
    const [at, length] = [random.below(bytes.length), 1 + random.below(16)];
    const repeated = bytes.subarray(at, at + length);
    return Uint8Array.from([...bytes.subarray(0, at), ...repeated, ...bytes.subarray(at)]);
  },
];

/** Makes broken copies of a file, each by one to four changes. */
export function* mutations(whole: Uint8Array, { count, seed }: { count: number; seed: number }) {
  const random = randomStream(seed);
  for (let index = 0; index < count; index++) {
    let bytes = Uint8Array.from(whole);
    for (let left = 1 + random.below(4); left > 0 && bytes.length > 0; left--) {
      bytes = changes[random.below(changes.length)](bytes, random);
    }
    yield bytes;
  }
}
