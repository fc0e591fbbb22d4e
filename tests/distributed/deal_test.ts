import fc from "fast-check";
import {
  checkAgreement,
  checkDevices,
  dealPlaces,
  onAnyRank,
  shareOf,
  single,
  spread,
} from "../../lib/distributed/mod.ts";
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

Deno.test("shareOf() gives a rank alone everything, and each of several its own", () => {
  const items = ["aaaa", "b", "cc", "d"];
  const weigh = (item: string) => item.length;
  assertEquals(shareOf(items, { communicator: { rank: 0, size: 1 }, weigh }), items);
  assertEquals(shareOf(items, { communicator: { rank: 0, size: 2 }, weigh }), ["aaaa"]);
  assertEquals(shareOf(items, { communicator: { rank: 1, size: 2 }, weigh }), ["b", "cc", "d"]);
});

Deno.test("spread(), onAnyRank(), checkAgreement() and checkDevices() ask nobody where a rank is alone", async () => {
  const communicator = single();
  const work = (items: readonly number[], places: readonly number[]) =>
    Promise.resolve(items.map((item, index) => item * 10 + places[index]));
  assertEquals(await spread([3, 4], { communicator, work }), [30, 41]);
  assertEquals([await onAnyRank(communicator, true), await onAnyRank(communicator, false)], [true, false]);
  await checkAgreement(communicator, { a: "1" });
  await checkDevices(communicator, { device: "cuda:0" });
});
