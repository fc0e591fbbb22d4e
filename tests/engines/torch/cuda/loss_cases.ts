/** Rows of logits on which the loss kernel is compared with double precision, on the processor and on devices. */
import type { AmidLossSpecification } from "../../../../lib/kernels/amid_loss_specification.ts";
import type { HostCase, HostResult } from "./host_kernel.ts";
import { lossFloat64 } from "./loss_float64.ts";

/** Numbers between −spread and spread, by a multiplicative generator. */
export function spreadLogits(count: number, { seed, spread }: { seed: number; spread: number }): Float32Array {
  let state = seed * 2654435761 % 2147483647;
  return Float32Array.from({ length: count }, () => {
    state = state * 48271 % 2147483647;
    return spread * (2 * state / 2147483647 - 1);
  });
}

const ORDERS = ["pr", "qr", "rp", "rq", "pq", "qp"];
const ALPHAS = [-Infinity, -5, -1, 0, 0.95, 1, 1 + 1e-6, 3, Infinity];
const PAIRS = [[0.2, 0.7], [1, 0], [0, 1], [2, -1], [1, -1], [0, 0], [1, 1], [0, -0.5]];

/** Two rows for a specification; the second has other labels. */
function caseOf(specification: AmidLossSpecification, changes: Partial<HostCase> = {}): HostCase {
  const { vocabulary = 65 } = changes;
  const spread = specification.divergence.name === "kl" ? 4 : 2;
  return {
    specification,
    elements: { teacher: "float32", student: "float32" },
    vocabulary,
    teacher: spreadLogits(2 * vocabulary, { seed: 1, spread }),
    student: spreadLogits(2 * vocabulary, { seed: 2, spread }),
    labels: [1, vocabulary - 1],
    divergenceScale: 0.7,
    nextTokenScale: 0.3,
    ...changes,
  };
}

const assistant = (alpha: number, lambda = 0.3, detach = false) => ({ alpha, lambda, detach });

/** Every order at every kind of α, every kind of αβ, temperatures, detached assistants. */
export const lossCases: readonly HostCase[] = [
  ...ORDERS.flatMap((order) =>
    ALPHAS.map((alpha) => caseOf({ divergence: { name: "kl" }, order, assistant: assistant(alpha) }))
  ),
  ...PAIRS.flatMap(([alpha, beta], i) =>
    ORDERS.filter((_, place) => place % 2 === i % 2).map((order) =>
      caseOf({ divergence: { name: "alpha-beta", alpha, beta }, order, assistant: assistant(0.5) })
    )
  ),
  ...ORDERS.map((order) => caseOf({ divergence: { name: "kl" }, order, assistant: assistant(0, 0.4), temperature: 2 })),
  ...["rq", "qr"].map((order) => caseOf({ divergence: { name: "kl" }, order, assistant: assistant(0, 0.4, true) })),
];

const forward: AmidLossSpecification = { divergence: { name: "kl" }, order: "pr", assistant: assistant(0, 0.1) };
const low = { teacher: "bfloat16", student: "bfloat16" } as const;

/** As a device runs it: 1,024 threads, vocabularies that its vectors do not divide, up to what a block's memory holds. */
export const wideCases: readonly HostCase[] = [
  ...[5, 1025, 4099, 28001].map((vocabulary) => caseOf(forward, { vocabulary, threads: 1024 })),
  caseOf(forward, { vocabulary: 50257, threads: 1024, elements: low }),
];

/** The same with logits of bfloat16 on either side. */
export const lowCases: readonly HostCase[] = ([["bfloat16", "bfloat16"], ["float32", "bfloat16"], [
  "bfloat16",
  "float32",
]] as const).map(([teacher, student]) =>
  caseOf({ divergence: { name: "kl" }, order: "pr", assistant: assistant(0, 0.1) }, { elements: { teacher, student } })
);

/** Tokens whose derivative is compared: all of a small vocabulary, some of a large one, the label among them. */
function placesOf({ vocabulary }: HostCase, label: number): number[] {
  if (vocabulary <= 100) return Array.from({ length: vocabulary }, (_, i) => i);
  return [0, label, ...Array.from({ length: 6 }, (_, i) => (i + 1) * 7919 % vocabulary)];
}

/**
 * The largest error of what a kernel found, in units of what float32 allows: values to their size, derivatives to the
 * largest of the row, where the student is bfloat16 each to its own size by its rounding.
 *
 * @returns Up to 1 where all is well.
 */
export function lossError(one: HostCase, { values, nextToken, gradient }: HostResult): number {
  const { vocabulary, labels, elements } = one;
  const low = elements.student === "bfloat16";
  const errors = labels.flatMap((label, row) => {
    const part = (logits: Float32Array, element: string) =>
      Array.from(logits.subarray(row * vocabulary, (row + 1) * vocabulary), (x) => element === "float32" ? x : bits(x));
    const places = placesOf(one, label);
    const given = { teacher: part(one.teacher, elements.teacher), student: part(one.student, elements.student) };
    const wanted = lossFloat64({ ...one, ...given, label }, places);
    const steepest = Math.max(...wanted.gradient.map(Math.abs), 1e-3);
    return [
      Math.abs(values[row] - wanted.value) / (3e-5 * Math.max(1, Math.abs(wanted.value))),
      Math.abs(nextToken[row] - wanted.nextToken) / (1e-5 * Math.max(1, wanted.nextToken)),
      ...places.map((place, i) => {
        const error = Math.abs(gradient[row * vocabulary + place] - wanted.gradient[i]);
        return error / (3e-5 * Math.max(1, steepest) + (low ? Math.abs(wanted.gradient[i]) / 250 : 0));
      }),
    ];
  });
  return errors.some(Number.isNaN) ? Infinity : Math.max(...errors);
}

/** A float32 number as bfloat16 holds it. */
function bits(value: number): number {
  const word = new Uint32Array(Float32Array.of(value).buffer);
  word[0] = word[0] + 0x7fff + ((word[0] >> 16) & 1) & 0xffff0000;
  return new Float32Array(word.buffer)[0];
}
