import fc from "fast-check";
import { clusterSeconds, collectiveSeconds, fitLink } from "../../lib/planning/mod.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { clusterOf } from "./pair.ts";

const link = { latency: 1e-5, bandwidth: 1e9 };

Deno.test("collectiveSeconds() is α and β by hand", () => {
  // Four partners, 4 MB: a ring's all-reduce has six messages of 1 MB, a tree's four of 4 MB.
  const whole = { bytes: 4e6, partners: 4, link };
  assertAllClose(collectiveSeconds("all-reduce", whole), [6 * (1e-5 + 1e-3)]);
  assertAllClose(collectiveSeconds("reduce-scatter", whole), [3 * (1e-5 + 1e-3)]);
  assertAllClose(collectiveSeconds("all-gather", whole), [3 * (1e-5 + 1e-3)]);
  assertAllClose(collectiveSeconds("broadcast", whole), [2 * (1e-5 + 4e-3)]);
  // Eight bytes over 64 partners: twelve messages up and down a tree, not 126 around a ring.
  assertAllClose(collectiveSeconds("all-reduce", { bytes: 8, partners: 64, link }), [12 * (1e-5 + 8e-9)]);
});

Deno.test("collectiveSeconds() of a partner alone is nothing", () => {
  for (const collective of ["all-reduce", "reduce-scatter", "all-gather", "broadcast"] as const) {
    assertEquals(collectiveSeconds(collective, { bytes: 1e9, partners: 1, link }), 0);
  }
});

Deno.test("collectiveSeconds() refuses invalid arguments, naming them", () => {
  const time = (change: object) => collectiveSeconds("all-reduce", { bytes: 1, partners: 2, link, ...change });
  assertThrows(() => time({ partners: 0 }), RangeError, "partners must be a positive whole number, current value is 0");
  assertThrows(() => time({ bytes: -1 }), RangeError, "bytes must be a non-negative number, current value is -1");
  assertThrows(() => time({ link: { latency: NaN, bandwidth: 1 } }), RangeError, "current value is NaN");
  assertThrows(() => time({ link: { latency: 0, bandwidth: 0 } }), RangeError, "bandwidth must be above 0");
});

Deno.test("clusterSeconds() goes by levels: scattered inside, reduced between, gathered inside", () => {
  const cluster = clusterOf(16, 2);
  const { inside, between } = cluster;
  const bytes = 1e9;
  const expected = 2 * 7 * (inside.latency + bytes / 8 / inside.bandwidth) +
    2 * (between.latency + bytes / 2 / between.bandwidth);
  assertAllClose(clusterSeconds("all-reduce", { bytes, cluster }), [expected]);
});

Deno.test("clusterSeconds() never falls with size and never grows with bandwidth", () => {
  const size = fc.double({ min: 0, max: 1e10, noNaN: true });
  const bandwidth = fc.double({ min: 1e6, max: 1e12, noNaN: true });
  const shape = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 8 }));
  const collective = fc.constantFrom("all-reduce" as const, "reduce-scatter" as const, "all-gather" as const);
  fc.assert(fc.property(size, size, bandwidth, bandwidth, shape, collective, (b1, b2, w1, w2, [nodes, each], name) => {
    const seconds = (bytes: number, bandwidth: number) =>
      clusterSeconds(name, {
        bytes,
        cluster: clusterOf(nodes * each, nodes, { between: { latency: 1e-5, bandwidth } }),
      });
    const [small, large] = [Math.min(b1, b2), Math.max(b1, b2)], [slow, fast] = [Math.min(w1, w2), Math.max(w1, w2)];
    return seconds(small, fast) <= seconds(large, fast) && seconds(large, fast) <= seconds(large, slow);
  }));
});

Deno.test("fitLink() finds the link that timings were made of, whatever the operations", () => {
  const latency = fc.double({ min: 1e-6, max: 1e-3, noNaN: true });
  const bandwidth = fc.double({ min: 1e7, max: 1e11, noNaN: true });
  fc.assert(fc.property(latency, bandwidth, fc.integer({ min: 2, max: 3 }), (latency, bandwidth, partners) => {
    const link = { latency, bandwidth };
    const timings = (["all-reduce", "reduce-scatter", "all-gather", "broadcast"] as const).flatMap((collective) =>
      [1e3, 1e5, 1e7, 6e7].map((bytes) => ({
        collective,
        bytes,
        seconds: collectiveSeconds(collective, { bytes, partners, link }),
      }))
      // At two and three partners a tree's all-reduce is never the faster one but for the shortest messages of three.
    ).filter(({ collective, bytes }) => partners === 2 || collective !== "all-reduce" || bytes > 1e6);
    const fitted = fitLink(timings, partners);
    assertAllClose([fitted.latency, fitted.bandwidth], [latency, bandwidth], { atol: 0, rtol: 1e-3 });
  }));
});

Deno.test("fitLink() is not led astray by a disturbed timing, too long or too short", () => {
  const timings = [1e3, 4e3, 1.6e4, 6.4e4, 1e6, 4e6, 1.6e7].map((bytes) => ({
    collective: "all-reduce" as const,
    bytes,
    seconds: collectiveSeconds("all-reduce", { bytes, partners: 2, link }),
  }));
  for (const factor of [0.05, 30]) {
    for (const index of timings.keys()) {
      const disturbed = timings.map((timing, i) =>
        i === index ? { ...timing, seconds: factor * timing.seconds } : timing
      );
      const { latency, bandwidth } = fitLink(disturbed, 2);
      assertAllClose([latency / link.latency, bandwidth / link.bandwidth], [1, 1], { atol: 0.01 });
    }
  }
});

Deno.test("fitLink() keeps latency and bandwidth above 0 where timings fall with size", () => {
  const timings = [1e3, 1e6].map((bytes) => ({ collective: "all-reduce" as const, bytes, seconds: 1 / bytes }));
  const { latency, bandwidth } = fitLink(timings, 2);
  assert(latency >= 0 && bandwidth > 0);
});

Deno.test("fitLink() refuses one size, one rank and invalid times", () => {
  const timing = { collective: "all-reduce" as const, bytes: 1e3, seconds: 1e-3 };
  assertThrows(() => fitLink([timing, timing], 2), RangeError, "timings of two sizes are needed");
  assertThrows(() => fitLink([timing, { ...timing, bytes: 1e6 }], 1), RangeError, "two partners are needed");
  assertThrows(() => fitLink([timing, { ...timing, bytes: 1e6, seconds: 0 }], 2), RangeError, "current value is 0");
});
