import { assertEquals } from "../../support/mod.ts";
import type { Functions } from "../../../lib/engines/torch/library.ts";
import { Threads } from "../../../lib/engines/torch/threads.ts";

/** A library with some threads at first, and the numbers that it is set to afterwards. */
function recorded(count: number): { threads: Threads; told: number[] } {
  const told: number[] = [];
  const functions = {
    torch_get_num_threads: (result: Uint32Array) => {
      result[0] = count;
      return 0;
    },
    omp_set_num_threads: (threads: number) => void told.push(threads),
  } as unknown as Functions;
  return { threads: new Threads(functions), told };
}

const FEW = 2 ** 15 - 1, MANY = 2 ** 15;

Deno.test("Threads.suit() gives one thread to few elements and all to many", () => {
  const { threads, told } = recorded(6);
  for (const elements of [FEW, MANY, 0, 50257 * 64]) threads.suit(elements);
  assertEquals(told, [1, 6, 1, 6]);
});

Deno.test("Threads.suit() tells the library only what changes", () => {
  const { threads, told } = recorded(2);
  for (const elements of [MANY, MANY, 8, 9, 10, MANY, MANY]) threads.suit(elements);
  assertEquals(told, [1, 2]);
});

Deno.test("Threads.set() counts for large kernels, and leaves a small one with one thread", () => {
  const { threads, told } = recorded(2);
  threads.set(4);
  threads.suit(8);
  threads.set(3);
  threads.suit(MANY);
  assertEquals(told, [4, 1, 1, 3]);
});
