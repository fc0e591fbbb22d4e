import { randomStream } from "../../../lib/random/random.ts";
import { ReplayBuffer } from "../../../lib/training/policy/replay_buffer.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const row = (token: number, length = 3) => ({ ids: Array(length + 1).fill(token), promptLength: 1 });

Deno.test("ReplayBuffer holds a thousand rows by default, and lets the oldest go", () => {
  assertEquals(new ReplayBuffer().capacity, 1000);
  const buffer = new ReplayBuffer(3);
  buffer.add([row(1), row(2)], 0);
  assert(!buffer.full);
  buffer.add([row(3), row(4)], 1);
  assert(buffer.full);
  assertEquals(buffer.state().map(({ row }) => row.ids[0]), [2, 3, 4]);
  buffer.add([5, 6, 7, 8].map((token) => row(token)), 2);
  assertEquals(buffer.state().map(({ row }) => row.ids[0]), [6, 7, 8]);
});

Deno.test("ReplayBuffer.sample() draws different rows, each as likely as any other", () => {
  const buffer = new ReplayBuffer(5);
  buffer.add([0, 1, 2, 3, 4].map((token) => row(token)), 0);
  const random = randomStream(3);
  const counts = Array(5).fill(0);
  for (let draw = 0; draw < 2000; draw++) {
    const drawn = buffer.sample(2, random).map(({ ids }) => ids[0]);
    assertEquals(new Set(drawn).size, 2);
    for (const token of drawn) counts[token] += 1;
  }
  // 800 of each expected; four standard deviations are 4 · √(2000 · 0.4 · 0.6) = 88.
  for (const count of counts) assert(Math.abs(count - 800) < 88, `${counts}`);
  assertEquals(buffer.sample(9, random).length, 5);
});

Deno.test("ReplayBuffer.statistics() returns size, mean age and mean length of responses", () => {
  const buffer = new ReplayBuffer(4);
  assertEquals(buffer.statistics(7), { size: 0, meanAge: 0, meanLength: 0 });
  buffer.add([row(1, 2)], 1);
  buffer.add([row(2, 5)], 4);
  assertEquals(buffer.statistics(6), { size: 2, meanAge: 3.5, meanLength: 3.5 });
});

Deno.test("ReplayBuffer refuses a capacity of 0, to draw from an empty buffer, and entries that are not rows", () => {
  assertThrows(() => new ReplayBuffer(0), RangeError, "capacity must be a positive whole number, current value is 0");
  assertThrows(() => new ReplayBuffer(2).sample(1, randomStream(0)), RangeError, "it is empty");
  const entries = [1, 2, 3].map((token) => ({ row: row(token), step: 0 }));
  assertThrows(() => new ReplayBuffer(2).restore(entries), RangeError, "it holds 2 rows, the checkpoint has 3");
  const broken = [{ row: { ids: [1], promptLength: 1 }, step: 0 }];
  assertThrows(() => new ReplayBuffer(2).restore(broken), RangeError, "a response must follow the prompt");
});
