import fc from "fast-check";
import {
  checkAgreement,
  checkDevices,
  dealPlaces,
  onAnyRank,
  onFirstRank,
  RankError,
  shareOf,
  single,
  spread,
} from "../../lib/distributed/mod.ts";
import { crowd } from "../support/crowd.ts";
import { assert, assertEquals } from "../support/mod.ts";

Deno.test("dealPlaces() deals every place once, and no rank more than another by more than one item", () => {
  const weights = fc.array(fc.nat(1000), { maxLength: 40 });
  fc.assert(fc.property(weights, fc.integer({ min: 1, max: 9 }), (weights, size) => {
    const deal = dealPlaces(weights, size);
    assertEquals(deal.length, size);
    assertEquals(deal.flat().sort((a, b) => a - b), [...weights.keys()]);
    const loads = deal.map((places) => places.reduce((sum, place) => sum + weights[place], 0));
    assert(Math.max(...loads) - Math.min(...loads) <= Math.max(0, ...weights));
    for (const places of deal) assertEquals(places, [...places].sort((a, b) => a - b));
  }));
});

Deno.test("dealPlaces() deals items of no weight evenly, and leaves ranks empty where items are few", () => {
  assertEquals(dealPlaces([0, 0, 0, 0], 2), [[0, 2], [1, 3]]);
  assertEquals(dealPlaces([5], 3), [[0], [], []]);
});

Deno.test("shareOf() returns everything on a rank alone, and on each of several its own share", () => {
  const items = ["aaaa", "b", "cc", "d"];
  const weigh = (item: string) => item.length;
  assertEquals(shareOf(items, { communicator: { rank: 0, size: 1 }, weigh }), items);
  assertEquals(shareOf(items, { communicator: { rank: 0, size: 2 }, weigh }), ["aaaa"]);
  assertEquals(shareOf(items, { communicator: { rank: 1, size: 2 }, weigh }), ["b", "cc", "d"]);
});

Deno.test("spread(), onAnyRank(), checkAgreement() and checkDevices() send nothing where a rank is alone", async () => {
  const communicator = single();
  const work = (items: readonly number[], places: readonly number[]) =>
    Promise.resolve(items.map((item, index) => item * 10 + places[index]));
  assertEquals(await spread([3, 4], { communicator, work }), [30, 41]);
  assertEquals([await onAnyRank(communicator, true), await onAnyRank(communicator, false)], [true, false]);
  await checkAgreement(communicator, { a: "1" });
  await checkDevices(communicator, { device: "cuda:0" });
});

Deno.test("spread() gives every rank all results in the order of the items, whoever made them", async () => {
  const items = ["aaaa", "b", "cc", "ddddd", "e"];
  for (const size of [1, 2, 3, 7]) {
    const made = new Set<number>();
    const outcomes = await crowd(size, (communicator) =>
      spread(items, {
        communicator,
        weigh: ({ length }) => length,
        work: (share, places) => {
          if (share.length > 0) made.add(communicator.rank);
          return Promise.resolve(share.map((item, index) => `${item}${places[index]}`));
        },
      }));
    for (const outcome of outcomes) assertEquals(outcome, ["aaaa0", "b1", "cc2", "ddddd3", "e4"]);
    assertEquals(made.size, Math.min(size, items.length));
  }
});

Deno.test("spread() fails on every rank where it fails on one, as the caller wants to call it", async () => {
  const failing = (communicator: Parameters<typeof onAnyRank>[0], failure?: () => Error) =>
    spread([1, 2, 3], {
      communicator,
      ...failure && { failure },
      work: (share) => communicator.rank === 1 ? Promise.reject(new TypeError("too small")) : Promise.resolve(share),
    });
  for (const outcome of await crowd(3, (ranks) => failing(ranks))) {
    assert(outcome instanceof RankError && outcome.message === "rank 1: too small", String(outcome));
  }
  for (const outcome of await crowd(3, (ranks) => failing(ranks, () => new RangeError("so")))) {
    assert(outcome instanceof RangeError && outcome.message === "so", String(outcome));
  }
});

Deno.test("onFirstRank() works once, tells all, and fails everywhere with the first rank's own error there", async () => {
  let times = 0;
  const work = () => Promise.resolve({ path: `folder ${++times}` });
  assertEquals(await crowd(3, (ranks) => onFirstRank(ranks, work)), Array(3).fill({ path: "folder 1" }));
  const failing = await crowd(2, (ranks) => onFirstRank(ranks, () => Promise.reject(new TypeError("no folder"))));
  assert(failing[0] instanceof TypeError && failing[0].message === "no folder", String(failing[0]));
  assert(failing[1] instanceof RankError && failing[1].message === "rank 0: no folder", String(failing[1]));
});

Deno.test("onAnyRank() is so everywhere where it is so on one", async () => {
  assertEquals(await crowd(3, (ranks) => onAnyRank(ranks, ranks.rank === 2)), [true, true, true]);
  assertEquals(await crowd(3, (ranks) => onAnyRank(ranks, false)), [false, false, false]);
});
