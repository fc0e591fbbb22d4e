/**
 * Checks shapes before an engine's kernel runs, with the same messages on every engine: some engines would name their
 * internal operators, some would read beyond the end of a tensor.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Refuses inputs that do not fit together. */
type Check = (operation: string, inputs: tf.TensorInfo[], attrs: Record<string, unknown>) => void;

const elementwise: Check = (operation, [a, b]) => requireBroadcast(operation, a.shape, b.shape);

const elementwiseKernels = [
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "FloorDiv",
  "Mod",
  "Pow",
  "Maximum",
  "Minimum",
  "SquaredDifference",
  "Equal",
  "NotEqual",
  "Less",
  "LessEqual",
  "Greater",
  "GreaterEqual",
  "LogicalAnd",
  "LogicalOr",
];

const checks: Record<string, Check> = {
  ...Object.fromEntries(elementwiseKernels.map((name) => [name, elementwise])),
  BatchMatMul: (operation, [a, b], { transposeA, transposeB }) => {
    const [inA, inB] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
    if (inA !== inB) {
      refuse(operation, "inner axes must have the same length", [
        `${text(a.shape)} gives ${inA}`,
        `${text(b.shape)} gives ${inB}`,
      ]);
    }
    requireBroadcast(operation, a.shape.slice(0, -2), b.shape.slice(0, -2));
  },
  Concat: (operation, inputs, { axis }) => {
    const along = tf.util.parseAxisParam(axis as number, inputs[0].shape)[0];
    const others = inputs.map(({ shape }) => shape.filter((_, i) => i !== along));
    requireOneShape(operation, others, inputs.map(({ shape }) => shape));
  },
  Pack: (operation, inputs) => {
    const shapes = inputs.map(({ shape }) => shape);
    requireOneShape(operation, shapes, shapes);
  },
  Reshape: (operation, [x], { shape }) => {
    const wanted = shape as number[];
    const known = wanted.reduce((product, extent) => extent < 0 ? product : product * extent, 1);
    const size = tf.util.sizeFromShape(x.shape);
    if (wanted.some((extent) => extent < 0) ? size % known !== 0 : size !== known) {
      refuse(operation, "the numbers of elements must be equal", [text(x.shape), text(wanted)]);
    }
  },
  Slice: (operation, [x], { begin, size }) => {
    const [from, many] = [begin, size].map((value) => typeof value === "number" ? [value] : value as number[]);
    const fits = from.every((start, i) => start >= 0 && start + Math.max(many?.[i] ?? -1, 0) <= x.shape[i]);
    if (!fits) {
      refuse(operation, "the part must lie within the tensor", [
        text(x.shape),
        `${text(many ?? [])} from ${text(from)}`,
      ]);
    }
  },
  Transpose: (operation, [x], { perm }) => {
    const order = perm as number[];
    if (order.length !== x.shape.length || order.some((_, axis) => !order.includes(axis))) {
      refuse(operation, "each axis must be named once", [text(x.shape), text(order)]);
    }
  },
  GatherV2: (operation, [x], { axis }) => {
    tf.util.parseAxisParam(axis as number, x.shape); // throws tensorflow.js's own error
    if (x.shape.length === 0) refuse(operation, "at least one axis is needed", [text(x.shape)]);
  },
  // The library's fused operations throw the messages of their compositions.
  Linear: (_, [x, weight, bias], { transposeWeight }) => {
    checks.BatchMatMul("BatchMatMul", [x, weight], { transposeA: false, transposeB: transposeWeight });
    const width = weight.shape[transposeWeight ? 0 : 1];
    if (bias) requireBroadcast("Add", [...x.shape.slice(0, -1), width], bias.shape);
  },
  BiasedProduct: (operation, inputs, attrs) => checks.Linear(operation, inputs, attrs),
  LayerNorm: (_, [x, gain, bias]) => {
    requireBroadcast("Multiply", x.shape, gain.shape);
    requireBroadcast("Add", x.shape, bias.shape);
  },
  UnsortedSegmentSum: (operation, [x, segmentIds]) => {
    if (segmentIds.shape.some((extent, axis) => extent !== x.shape[axis])) {
      refuse(operation, "segments must be given for the first axes", [text(x.shape), text(segmentIds.shape)]);
    }
  },
};

const checked = new Set<string>();

/**
 * Adds the checks to an engine's kernels. A second call for the same engine does nothing.
 *
 * @param backendName The engine's name in tensorflow.js, its kernels registered.
 */
export function checkShapes(backendName: string): void {
  if (checked.has(backendName)) return;
  checked.add(backendName);
  for (const [kernelName, check] of Object.entries(checks)) {
    const kernel = tf.getKernel(kernelName, backendName);
    if (!kernel) continue;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (args) => {
        check(kernelName, Object.values(args.inputs) as tf.TensorInfo[], (args.attrs ?? {}) as Record<string, unknown>);
        return kernel.kernelFunc(args);
      },
    });
  }
}

const text = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function refuse(operation: string, requirement: string, values: string[]): never {
  throw new RangeError(`Cannot compute ${operation}: ${requirement}, current values are ${values.join(" and ")}`);
}

function requireBroadcast(operation: string, a: readonly number[], b: readonly number[]): void {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [x, y] = [a[a.length - i], b[b.length - i]];
    if (x !== y && x !== 1 && y !== 1) {
      refuse(operation, "counted from the last axis, lengths must agree or be 1", [text(a), text(b)]);
    }
  }
}

function requireOneShape(operation: string, shapes: number[][], shown: number[][]): void {
  const other = shapes.findIndex((shape) => shape.join() !== shapes[0].join());
  if (other >= 0) refuse(operation, "shapes must agree", [text(shown[0]), text(shown[other])]);
}
