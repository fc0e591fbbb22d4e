/** Several ranks in one process, for tests of what ranks say to each other. */
import type { Communicator, SharedBytes } from "../../lib/distributed/communicator.ts";
import { single } from "../../lib/distributed/single.ts";

const bytes = (data: SharedBytes) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A place where all ranks wait for one another, and leave what they brought. */
class Meeting<Brought> {
  #waiting: { brought: Brought; leave: (all: Brought[]) => void }[] = [];
  constructor(readonly size: number) {}

  come(rank: number, brought: Brought): Promise<Brought[]> {
    return new Promise((leave) => {
      this.#waiting[rank] = { brought, leave };
      if (Object.keys(this.#waiting).length < this.size) return;
      const all = this.#waiting.splice(0);
      for (const { leave } of all) leave(all.map(({ brought }) => brought));
    });
  }
}

/**
 * Has ranks run a program, each at its own pace.
 *
 * @param size How many ranks.
 * @param program What each does.
 * @param hosts The machine that each is on.
 * @returns What came of each: its result or its error.
 */
export async function crowd<Result>(
  size: number,
  program: (communicator: Communicator) => Promise<Result>,
  hosts: readonly string[] = [],
): Promise<(Result | Error)[]> {
  const meeting = new Meeting<Uint8Array>(size);
  const rankOf = (rank: number): Communicator => ({
    ...single(),
    rank,
    size,
    host: hosts[rank] ?? "here",
    async broadcast(data, { root = 0 } = {}) {
      bytes(data).set((await meeting.come(rank, bytes(data).slice()))[root]);
    },
    async allGather(part, whole) {
      const all = await meeting.come(rank, bytes(part).slice());
      all.forEach((one, index) => bytes(whole).set(one, index * one.length));
    },
    async allReduce(numbers, { operation = "sum" } = {}) {
      const all = await meeting.come(rank, bytes(numbers).slice());
      const lists = all.map(({ buffer }) =>
        numbers instanceof Float32Array ? new Float32Array(buffer) : new Float64Array(buffer)
      );
      const pick = { sum: (a: number, b: number) => a + b, max: Math.max, min: Math.min }[operation];
      for (const index of numbers.keys()) {
        numbers[index] = lists.map((list) => list[index]).reduce((a, b) => pick(a, b));
      }
    },
    barrier: async () => void await meeting.come(rank, new Uint8Array()),
  });
  const outcomes = await Promise.allSettled(Array.from({ length: size }, (_, rank) => program(rankOf(rank))));
  return outcomes.map((outcome) => outcome.status === "fulfilled" ? outcome.value : outcome.reason as Error);
}
