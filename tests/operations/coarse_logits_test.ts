import * as tf from "@tensorflow/tfjs-core";
import { coarseLogits, coarseLogitsGradient, lowPrecision } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";

const WIDTH = 9;
const numbers = (seed: number) => Array.from({ length: 2 * WIDTH }, (_, i) => Math.sin(seed + 2.3 * i) * 3);
/** Two named tokens of each of two rows; of the second row it is one, named twice. */
const ids = Int32Array.of(4, 0, 8, 8);
const named = [[4, 0], [8]];

/** What the operation is to give, in float64. */
function expected(logits: number[]) {
  return named.map((those, row) => {
    const own = logits.slice(row * WIDTH, (row + 1) * WIDTH);
    const powers = own.map((z, token) => those.includes(token) ? 0 : Math.exp(z));
    const sum = powers.reduce((total, power) => total + power, 0);
    const coarse = [...ids.subarray(2 * row, 2 * row + 2)].map((token) => own[token]);
    const largest = Math.max(...own.filter((_, token) => !those.includes(token)));
    return { coarse: [...coarse, Math.log(sum)], shares: powers.map((power) => power / sum), largest };
  });
}

testOnEngines(
  "coarseLogits() has named tokens, the rest, its shares and its largest logit, and leaves the logits alone",
  () => {
    const given = numbers(1);
    const logits = tf.tensor2d(given, [2, WIDTH]);
    const { coarse, shares, largest } = coarseLogits(logits, { ids });
    const rows = expected(given);
    assertAllClose(coarse, rows.flatMap(({ coarse }) => coarse));
    assertAllClose(shares, rows.flatMap(({ shares }) => shares), { atol: 1e-6 });
    assertAllClose(largest, rows.map(({ largest }) => largest));
    assertAllClose(logits, given, { atol: 1e-6 });
    const again = coarseLogits(logits, { ids, overwrite: true });
    assertAllClose(again.coarse, coarse.dataSync(), { atol: 0, rtol: 0 });
    tf.dispose([logits, coarse, shares, largest, again.coarse, again.shares, again.largest]);
  },
);

testOnEngines(
  "coarseLogitsGradient() gives a named token its own gradient, twice its sum, and others their share",
  () => {
    const [given, slopes] = [numbers(2), [0.5, -1, 2, 0.25, 3, -0.75]];
    const logits = tf.tensor2d(given, [2, WIDTH]), upstream = tf.tensor2d(slopes, [2, 3]);
    const { coarse, shares, largest } = coarseLogits(logits, { ids });
    const gradient = coarseLogitsGradient(upstream, { shares, ids });
    const wanted = expected(given).flatMap(({ shares }, row) =>
      shares.map((share, token) =>
        share * slopes[3 * row + 2] +
        [0, 1].reduce((sum, column) => sum + (ids[2 * row + column] === token ? slopes[3 * row + column] : 0), 0)
      )
    );
    assertAllClose(gradient, wanted, { atol: 1e-6 });
    tf.dispose([logits, upstream, coarse, shares, largest, gradient]);
  },
);

testOnEngines("coarseLogits() of all tokens has a rest without probability, and NaN stays in its row", () => {
  const every = Int32Array.from({ length: 6 }, (_, at) => at % 3);
  const full = coarseLogits(tf.tensor2d([1, 2, 3, -1, -Infinity, 0], [2, 3]), { ids: every });
  const found = full.coarse.dataSync();
  assertEquals([...found.slice(0, 3), ...found.slice(4, 7)], [1, 2, 3, -1, -Infinity, 0]);
  assert(found[3] < -1e29 && found[7] < -1e29, `${found}`);
  for (const place of [0, 2]) {
    const broken = tf.tensor2d([1, 2, 3, 4, 5, 6].map((z, at) => at === place ? NaN : z), [2, 3]);
    const { coarse } = coarseLogits(broken, { ids: Int32Array.of(0, 1) });
    const rows = coarse.arraySync();
    assert(rows[0].some(Number.isNaN) && rows[1].every(Number.isFinite), `${rows}`);
  }
});

testOnEngines("coarseLogits() takes logits that an engine stores in fewer bits", () => {
  const given = numbers(3).map((z) => Math.round(z * 4) / 4);
  const low = lowPrecision(tf.tensor2d(given, [2, WIDTH])) as tf.Tensor2D;
  assertAllClose(coarseLogits(low, { ids, overwrite: true }).coarse, expected(given).flatMap(({ coarse }) => coarse));
});
