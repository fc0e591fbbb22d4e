/**
 * Sparse answers in few bits: about 125 bytes a token at k = 64.
 *
 * Bits of a place, the highest first: the largest log-probability, the spread down to the smallest finite one and the
 * rest, 16 bits each in steps of 1/1024 nat below 0, all ones for −∞; one bit for whether the row's own token is among the
 * k, and if not its log-probability as the others. Then the k tokens by their numbers, smallest first: what lies between a
 * number and the one before, and a log-probability of `bits` bits: how many of 2^bits − 2 equal parts of the spread it is
 * below the largest, all ones for −∞.
 *
 * A difference is a Rice code of b = ⌊log₂((n + 16) / 8)⌋ bits, where n is the smallest number that may follow: its upper
 * part in ones and a zero, its lower b bits; where it would need 15 ones or more, 15 ones and then the difference in 24
 * bits.
 *
 * Shapes: `c` tokens to be predicted, `k` best tokens for each.
 *
 * @module
 */
import { NO_TOKEN, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { BitReader, BitWriter } from "./bits.ts";
import type { Numbering } from "./numbering.ts";

/** How answers are packed. */
export interface PackOptions {
  /** Numbers of the tokens. */
  numbering: Numbering;
  /** Bits of a log-probability, 4 to 16. */
  bits: number;
  /** The rows' own tokens, `[c]`. */
  labels: Int32Array;
}

const STEPS = 1024;
const NONE = 0xffff;
const MOST_ONES = 15;

/**
 * Packs an answer.
 *
 * @throws {RangeError} If it names fewer than k tokens somewhere.
 */
export function packAnswer({ ids, logProbs, own, rest }: SparseAnswer, options: PackOptions): Uint8Array<ArrayBuffer> {
  const { numbering: { numbers }, bits, labels } = options;
  const writer = new BitWriter();
  const k = ids.length / Math.max(labels.length, 1);
  const infinite = 2 ** bits - 1;
  if (ids.includes(NO_TOKEN)) {
    throw new RangeError(`Cannot pack an answer: it must name ${k} tokens for each, it names fewer`);
  }
  for (let place = 0; place < labels.length; place += 1) {
    const order = Array.from({ length: k }, (_, rank) => place * k + rank)
      .sort((a, b) => numbers[ids[a]] - numbers[ids[b]]);
    const finite = order.map((at) => logProbs[at]).filter((logProb) => logProb > -Infinity);
    const highest = stepsOf(Math.max(...finite)), lowest = Math.max(...finite.map(stepsOf));
    const spread = finite.length === 0 ? 0 : lowest - highest;
    for (const value of [finite.length === 0 ? NONE : highest, spread, stepsOf(rest[place])]) writer.write(value, 16);
    const listed = order.some((at) => ids[at] === labels[place]);
    writer.write(listed ? 1 : 0, 1);
    if (!listed) writer.write(stepsOf(own[place]), 16);
    let next = 0;
    for (const at of order) {
      const number = numbers[ids[at]];
      writeDifference(writer, number - next, next);
      next = number + 1;
      const below = Math.max(0, Math.min(-logProbs[at] * STEPS - highest, spread));
      const code = spread === 0 ? 0 : Math.round(below / spread * (infinite - 1));
      writer.write(logProbs[at] === -Infinity ? infinite : code, bits);
    }
  }
  return writer.bytes();
}

/**
 * Unpacks an answer, whose probabilities are scaled to sum to 1 again.
 *
 * @param bytes What was packed.
 * @param options As they were when it was packed, and k.
 * @throws {RangeError} If the bytes are too few or too many, or a number is outside the vocabulary.
 */
export function unpackAnswer(bytes: Uint8Array, options: PackOptions & { topK: number }): SparseAnswer {
  const { numbering: { tokens }, bits, labels, topK: k } = options;
  const reader = new BitReader(bytes);
  const count = labels.length, infinite = 2 ** bits - 1;
  const ids = new Int32Array(count * k), logProbs = new Float32Array(count * k);
  const own = new Float32Array(count), rest = new Float32Array(count);
  for (let place = 0; place < count; place += 1) {
    const highest = nats(reader.read(16)), spread = reader.read(16) / STEPS;
    rest[place] = nats(reader.read(16));
    const listed = reader.read(1) === 1;
    if (!listed) own[place] = nats(reader.read(16));
    let next = 0;
    for (let at = place * k; at < (place + 1) * k; at += 1) {
      const number = next + readDifference(reader, next);
      if (number >= tokens.length) throw new RangeError(`it names token number ${number} of ${tokens.length}`);
      ids[at] = tokens[number];
      next = number + 1;
      const code = reader.read(bits);
      logProbs[at] = code === infinite ? -Infinity : highest - spread * code / (infinite - 1);
      if (listed && ids[at] === labels[place]) own[place] = logProbs[at];
    }
    normalize({ logProbs: logProbs.subarray(place * k, (place + 1) * k), own, rest, place, listed });
  }
  if (!reader.isAtEnd) throw new RangeError("there are too many bytes");
  return { ids, logProbs, own, rest };
}

/** Divides the probabilities of a place by their sum. */
function normalize(
  { logProbs, own, rest, place, listed }: Pick<SparseAnswer, "logProbs" | "own" | "rest"> & {
    place: number;
    listed: boolean;
  },
): void {
  const others = Math.exp(rest[place]) + (listed ? 0 : Math.exp(own[place]));
  const log = Math.log(logProbs.reduce((sum, logProb) => sum + Math.exp(logProb), others));
  for (let rank = 0; rank < logProbs.length; rank += 1) logProbs[rank] -= log;
  own[place] -= log;
  rest[place] -= log;
}

/** A log-probability in steps below 0; what is below all steps becomes the last of them. */
function stepsOf(logProb: number): number {
  return logProb === -Infinity ? NONE : Math.max(0, Math.min(Math.round(-logProb * STEPS), NONE - 1));
}

const nats = (steps: number): number => steps === NONE ? -Infinity : -steps / STEPS;

/** The bits of a Rice code's lower part. */
const lowerBits = (next: number): number => 31 - Math.clz32((next + 16) >> 3);

function writeDifference(writer: BitWriter, difference: number, next: number): void {
  const lower = lowerBits(next), upper = difference >> lower;
  if (upper >= MOST_ONES) {
    writer.write(2 ** MOST_ONES - 1, MOST_ONES);
    writer.write(difference, 24);
    return;
  }
  writer.write(2 ** (upper + 1) - 2, upper + 1);
  writer.write(difference, lower);
}

function readDifference(reader: BitReader, next: number): number {
  const lower = lowerBits(next);
  const upper = reader.readOnes(MOST_ONES);
  if (upper === MOST_ONES) return reader.read(24);
  return upper * 2 ** lower + reader.read(lower);
}

/**
 * What packing changes: the mean divergence KL(p‖p̂) of the packed distributions p̂ from those before, over the k tokens,
 * the row's own and the rest, in nats.
 */
export function packingError(before: SparseAnswer, after: SparseAnswer, labels: Int32Array): number {
  const k = before.ids.length / Math.max(labels.length, 1);
  let sum = 0;
  for (let place = 0; place < labels.length; place += 1) {
    const packed = new Map<number, number>();
    for (let at = place * k; at < (place + 1) * k; at += 1) packed.set(after.ids[at], after.logProbs[at]);
    const pairs: [number, number][] = [[before.rest[place], after.rest[place]]];
    for (let at = place * k; at < (place + 1) * k; at += 1) {
      pairs.push([before.logProbs[at], packed.get(before.ids[at])!]);
    }
    if (!packed.has(labels[place])) pairs.push([before.own[place], after.own[place]]);
    const total = Math.log(pairs.reduce((mass, [logProb]) => mass + Math.exp(logProb), 0));
    for (const [p, q] of pairs) if (p > -Infinity) sum += Math.exp(p - total) * (p - total - q);
  }
  return sum / Math.max(labels.length, 1);
}
