/**
 * The time of a collective operation over equal partners, by latency and bandwidth.
 *
 * Symbols: `n` partners, `B` bytes of the whole tensor, `α` seconds per message, `β` bytes per second each way.
 *
 * Source: R. Thakur, R. Rabenseifner and W. Gropp, "Optimization of collective communication operations in MPICH", 2005.
 *
 * @module
 */

/** The link between two partners. */
export interface Link {
  /** `α`: seconds that a message takes however short it is. */
  latency: number;
  /** `β`: bytes per second, in each direction at once. */
  bandwidth: number;
}

/** The operations that are modelled. */
export type Collective = "all-reduce" | "reduce-scatter" | "all-gather" | "broadcast";

/** Messages one after another, and bytes that pass a partner's link meanwhile, as a share of `B`. */
export interface CollectiveCost {
  /** Messages one after another. */
  messages: number;
  /** Bytes over a link, as a multiple of `B`. */
  share: number;
}

/**
 * How many messages follow one another in an operation, and how much passes a link.
 *
 * | operation | ring | tree |
 * |---|---|---|
 * | all-reduce | `2 (n − 1)` messages, `2 (n − 1) / n · B` | `2 ⌈log₂ n⌉` messages, each of `B` |
 * | reduce-scatter, all-gather | `n − 1` messages, `(n − 1) / n · B` | – |
 * | broadcast | – | `⌈log₂ n⌉` messages, each of `B` |
 *
 * @param collective The operation.
 * @param partners `n`.
 * @returns The algorithms that exist, the ring first; one partner alone sends nothing.
 * @throws {RangeError} If `n` is not a whole number from 1.
 */
export function collectiveCosts(collective: Collective, partners: number): CollectiveCost[] {
  if (!Number.isInteger(partners) || partners < 1) {
    throw new RangeError(
      `Cannot time ${collective}: partners must be a positive whole number, current value is ${partners}`,
    );
  }
  if (partners === 1) return [{ messages: 0, share: 0 }];
  const round = { messages: partners - 1, share: (partners - 1) / partners };
  const height = Math.ceil(Math.log2(partners));
  switch (collective) {
    case "all-reduce":
      return [{ messages: 2 * round.messages, share: 2 * round.share }, { messages: 2 * height, share: 2 * height }];
    case "broadcast":
      return [{ messages: height, share: height }];
    default:
      return [round];
  }
}

/** Options for {@linkcode collectiveSeconds}. */
export interface CollectiveOptions {
  /** `B`: the whole tensor, also where a partner begins or ends with its part alone. */
  bytes: number;
  /** `n`. */
  partners: number;
  /** The link between them. */
  link: Link;
}

/**
 * Estimates an operation's time: its fastest algorithm, `messages · α + share · B / β`.
 *
 * @param collective The operation.
 * @param options Bytes, partners, link.
 * @returns Seconds.
 * @throws {RangeError} If a number is invalid; the message names it.
 *
 * @example 1 GB over two partners at 100 Gbit/s: half of it out and half of it in, twice
 * ```ts
 * import { collectiveSeconds } from "@amid/amid/planning";
 *
 * const link = { latency: 10e-6, bandwidth: 12.5e9 };
 * console.log(collectiveSeconds("all-reduce", { bytes: 1e9, partners: 2, link })); // 0.08002
 * ```
 */
export function collectiveSeconds(collective: Collective, options: CollectiveOptions): number {
  const { bytes, partners, link } = options;
  checkLink(link, `time ${collective}`);
  if (!(bytes >= 0 && bytes < Infinity)) {
    throw new RangeError(`Cannot time ${collective}: bytes must be a non-negative number, current value is ${bytes}`);
  }
  const ways = collectiveCosts(collective, partners);
  return Math.min(...ways.map(({ messages, share }) => messages * link.latency + share * bytes / link.bandwidth));
}

/** Refuses a link whose latency or bandwidth is out of range. */
export function checkLink({ latency, bandwidth }: Link, what: string): void {
  if (!(latency >= 0 && latency < Infinity)) {
    throw new RangeError(
      `Cannot ${what}: latency must be a non-negative number of seconds, current value is ${latency}`,
    );
  }
  if (!(bandwidth > 0)) {
    throw new RangeError(`Cannot ${what}: bandwidth must be above 0 bytes per second, current value is ${bandwidth}`);
  }
}
