import { checkAgreement, checkDevices, localRank } from "../../lib/distributed/mod.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { crowd } from "../support/crowd.ts";

const messages = (outcomes: readonly unknown[]) =>
  outcomes.map((outcome) => outcome instanceof Error ? outcome.message : outcome);

Deno.test("checkAgreement() tells every rank who was given what, and is silent where all were given the same", async () => {
  assertEquals(await crowd(3, (ranks) => checkAgreement(ranks, { a: "1", b: "2" })), [undefined, undefined, undefined]);
  const told = messages(
    await crowd(3, ({ rank, ...ranks }) => {
      const values: Record<string, string> = rank === 2 ? { a: "9" } : { a: "1", b: "2" };
      return checkAgreement({ rank, ...ranks }, values);
    }),
  );
  const expected =
    "Cannot run on 3 ranks: all must have the same settings; a is 9 on rank 2, 1 on rank 0; b is absent on rank 2, " +
    "2 on rank 0";
  assertEquals(told, [expected, expected, expected]);
});

Deno.test("checkAgreement() names the first of many differences", async () => {
  const values = (text: string) => Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`v${index}`, text]));
  const [told] = messages(await crowd(2, (ranks) => checkAgreement(ranks, values(String(ranks.rank)))));
  assert(String(told).endsWith("; and 4 more"), String(told));
});

Deno.test("checkDevices() refuses two ranks on one GPU, and leaves processors, other machines and other views alone", async () => {
  const on = (devices: readonly string[], { hosts, visible }: { hosts?: string[]; visible?: string[] } = {}) =>
    crowd(devices.length, (ranks) => {
      return checkDevices(ranks, { device: devices[ranks.rank], visible: visible?.[ranks.rank] });
    }, hosts);
  const well = [undefined, undefined];
  assertEquals(await on(["cpu", "cpu"]), well);
  assertEquals(await on(["cuda:0", "cuda:1"]), well);
  assertEquals(await on(["cuda:0", "cuda:0"], { hosts: ["a", "b"] }), well);
  assertEquals(await on(["cuda:0", "cuda:0"], { visible: ["0", "1"] }), well);
  for (const outcome of messages(await on(["cuda:1", "cuda:0", "cuda:1"]))) {
    assert(
      /ranks 0 and 2 both compute on cuda:1 of here; --device cuda assigns one to each/.test(String(outcome)),
      String(outcome),
    );
  }
});

Deno.test("localRank() counts ranks machine by machine", async () => {
  assertEquals(await crowd(5, localRank, ["a", "b", "a", "a", "b"]), [0, 0, 1, 2, 1]);
});
