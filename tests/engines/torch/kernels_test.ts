import * as tf from "@tensorflow/tfjs-core";
import { assertAgrees, testOnTorch } from "./support.ts";

// Made again on each engine: a tensor belongs to the engine that it was made on.
const signed = () => tf.tensor2d([[-1.7, 0.4, 2.5], [0, -0.6, 1.2]]);
const positive = () => tf.tensor2d([[0.3, 1.4, 2.5], [0.01, 7, 1]]);
const inside = () => tf.tensor2d([[-0.7, 0.4, 0.95], [0, -0.6, 0.2]]);
const other = () => tf.tensor2d([[0.5, -1.4, 2.5], [3, 2, -1.5]]);
const row = () => tf.tensor1d([0.5, -2, 1.5]);
const whole = () => tf.tensor2d([[-7, 0, 3], [5, -2, 8]], undefined, "int32");
const divisor = () => tf.tensor1d([2, -3, 4], "int32");
const truth = () => tf.tensor2d([[1, 0, 1], [0, 0, 1]], undefined, "bool");
const cube = () => tf.tensor3d(Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7) * 2), [2, 3, 4]);

type Make = () => tf.Tensor | tf.Tensor[];

const differentiableUnary: Record<string, [(x: tf.Tensor) => tf.Tensor, () => tf.Tensor]> = {
  abs: [tf.abs, other],
  acos: [tf.acos, inside],
  acosh: [(x) => tf.acosh(tf.add(x, 1.1)), positive],
  asin: [tf.asin, inside],
  asinh: [tf.asinh, signed],
  atan: [tf.atan, signed],
  atanh: [tf.atanh, inside],
  cos: [tf.cos, signed],
  cosh: [tf.cosh, signed],
  elu: [tf.elu, other],
  erf: [tf.erf, signed],
  exp: [tf.exp, signed],
  expm1: [tf.expm1, signed],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.1), other],
  log: [tf.log, positive],
  log1p: [tf.log1p, positive],
  neg: [tf.neg, signed],
  reciprocal: [tf.reciprocal, positive],
  relu: [tf.relu, other],
  relu6: [(x) => tf.relu6(tf.mul(x, 4)), other],
  rsqrt: [tf.rsqrt, positive],
  selu: [tf.selu, other],
  sigmoid: [tf.sigmoid, signed],
  sin: [tf.sin, signed],
  sinh: [tf.sinh, signed],
  softplus: [tf.softplus, signed],
  sqrt: [tf.sqrt, positive],
  square: [tf.square, signed],
  tan: [tf.tan, inside],
  tanh: [tf.tanh, signed],
  clipByValue: [(x) => tf.clipByValue(x, -1, 1.5), other],
  softmax: [(x) => tf.softmax(x), signed],
  logSoftmax: [(x) => tf.logSoftmax(x), signed],
  logSumExp: [(x) => tf.logSumExp(x, -1), signed],
  sum: [(x) => tf.sum(x, 0), signed],
  sumAll: [(x) => tf.sum(x), signed],
  mean: [(x) => tf.mean(x, 1, true), signed],
  max: [(x) => tf.max(x, 1), other],
  min: [(x) => tf.min(x, [0, 1]), other],
  prod: [(x) => tf.prod(x, 1), other],
  cumsum: [(x) => tf.cumsum(x, 1), other],
  "cumsum, exclusive and reversed": [(x) => tf.cumsum(x, 1, true, true), other],
  transpose: [(x) => tf.transpose(x), other],
  "transpose of three axes": [(x) => tf.transpose(x, [2, 0, 1]), cube],
  reshape: [(x) => tf.reshape(x, [3, -1]), other],
  "reshape of a transpose": [(x) => tf.reshape(tf.transpose(x, [0, 2, 1]), [8, 3]), cube],
  slice: [(x) => tf.slice(x, [0, 1, 1], [2, 2, 2]), cube],
  split: [(x) => tf.split(x, [1, 2], 1)[1], cube],
  unstack: [(x) => tf.unstack(x, 1)[2], cube],
  stack: [(x) => tf.stack([x, x], 1), other],
  concat: [(x) => tf.concat([x, tf.mul(x, 2)], 1), other],
  tile: [(x) => tf.tile(x, [2, 3]), other],
  broadcastTo: [(x) => tf.broadcastTo(tf.slice(x, [0, 0], [1, 3]), [4, 3]), other],
  reverse: [(x) => tf.reverse(x, 2), cube],
  pad: [(x) => tf.pad(x, [[1, 0], [2, 1]], 0.5), other],
  gather: [(x) => tf.gather(x, tf.tensor1d([1, 0, 1], "int32")), other],
  "gather along the last axis": [(x) => tf.gather(x, tf.tensor2d([[3, 0], [1, 1]], undefined, "int32"), 2), cube],
  unsortedSegmentSum: [(x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 2], "int32"), 4), other],
  where: [(x) => tf.where(truth(), x, tf.mul(x, 3)), other],
};

for (const [name, [run, make]] of Object.entries(differentiableUnary)) {
  testOnTorch(`torch computes ${name} and its gradient as cpu does`, async () => {
    await assertAgrees(() => run(make()), { atol: 2e-6, rtol: 1e-5 });
    const weighted = (x: tf.Tensor) => {
      const y = run(x);
      return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
    };
    await assertAgrees(() => tf.grad(weighted)(make()), { atol: 5e-6, rtol: 2e-5 });
  });
}

const differentiableBinary: Record<string, [(a: tf.Tensor, b: tf.Tensor) => tf.Tensor, Make[]]> = {
  add: [tf.add, [signed, row]],
  sub: [tf.sub, [signed, row]],
  mul: [tf.mul, [signed, row]],
  div: [tf.div, [signed, row]],
  maximum: [tf.maximum, [signed, other]],
  minimum: [tf.minimum, [signed, other]],
  mod: [tf.mod, [signed, row]],
  pow: [tf.pow, [positive, row]],
  atan2: [tf.atan2, [other, row]],
  squaredDifference: [tf.squaredDifference, [signed, other]],
  prelu: [tf.prelu, [other, row]],
  "matMul of transposes": [(a, b) => tf.matMul(a, b, true, false), [signed, other]],
  "matMul with the right one transposed": [(a, b) => tf.matMul(a, b, false, true), [signed, other]],
  "matMul of batches": [(a, b) => tf.matMul(a, b, false, true), [cube, cube]],
  "matMul of batches, both transposed": [
    (a, b) => tf.matMul(a, tf.reshape(b, [2, 4, 3]), true, true),
    [cube, cube],
  ],
};

for (const [name, [run, [makeA, makeB]]] of Object.entries(differentiableBinary)) {
  testOnTorch(`torch computes ${name} and its gradients as cpu does`, async () => {
    const [a, b] = [makeA as () => tf.Tensor, makeB as () => tf.Tensor];
    await assertAgrees(() => run(a(), b()), { atol: 2e-6 });
    const weighted = (a: tf.Tensor, b: tf.Tensor) => {
      const y = run(a, b);
      return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
    };
    await assertAgrees(() => tf.grads(weighted as (...args: tf.Tensor[]) => tf.Scalar)([a(), b()]), { atol: 1e-5 });
  });
}

const plain: Record<string, Make> = {
  ceil: () => tf.ceil(signed()),
  floor: () => tf.floor(signed()),
  round: () => tf.round(tf.tensor1d([0.5, 1.5, 2.5, -0.5, -1.5, 2.4])),
  sign: () => tf.sign(signed()),
  step: () => tf.step(signed(), 0.3),
  isNaN: () => tf.isNaN(tf.tensor1d([NaN, 1, Infinity])),
  isInf: () => tf.isInf(tf.tensor1d([NaN, 1, -Infinity])),
  isFinite: () => tf.isFinite(tf.tensor1d([NaN, 1, -Infinity])),
  comparisons: () =>
    [tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual].map((f) => f(whole(), divisor())),
  "truth values": () => [
    tf.logicalAnd(truth(), tf.logicalNot(truth())),
    tf.logicalOr(truth(), truth()),
    tf.logicalXor(truth(), truth()),
    tf.any(truth(), 0),
    tf.all(truth(), 1),
    tf.any(truth()),
    tf.sum(truth(), 0),
    tf.sum(truth()),
  ],
  "whole numbers": () => [
    tf.add(whole(), divisor()),
    tf.sub(whole(), divisor()),
    tf.mul(whole(), divisor()),
    tf.div(whole(), divisor()),
    tf.floorDiv(whole(), divisor()),
    tf.maximum(whole(), divisor()),
    tf.squaredDifference(whole(), divisor()),
    tf.abs(whole()),
    tf.square(whole()),
    tf.neg(whole()),
    tf.max(whole(), 1),
    tf.sum(whole(), 1),
    tf.prod(whole(), 1),
    tf.mean(whole(), 1),
    tf.cumsum(whole(), 1),
    tf.addN([whole(), whole(), whole()]),
    tf.clipByValue(whole(), -1, 3),
  ],
  casts: () => [
    tf.cast(tf.tensor1d([-1.7, 0, 1.7]), "int32"),
    tf.cast(tf.tensor1d([-1.7, 0, 0.2]), "bool"),
    tf.cast(whole(), "float32"),
    tf.cast(truth(), "int32"),
  ],
  "indices of extremes": () => [tf.argMax(other(), 1), tf.argMin(other(), 0), tf.argMax(row())],
  divNoNan: () => tf.divNoNan(other(), signed()),
  stridedSlice: () => [
    tf.stridedSlice(cube(), [1, 2, 0], [2, 0, 4], [1, -1, 2]),
    tf.stridedSlice(cube(), [0, 0, 3], [2, 3, 0], [1, 2, -1]),
  ],
  gatherND: () => tf.gatherND(cube(), tf.tensor2d([[1, 2], [0, 1]], undefined, "int32")),
  "broadcasting of extremes": () => [tf.maximum(signed(), row()), tf.minimum(signed(), row())],
  topk: () => {
    const { values, indices } = tf.topk(tf.tensor2d([[3, 1, 4, 4], [5, 9, 2, 6]]), 3);
    return [values, indices];
  },
  cumprod: () => [tf.cumprod(other(), 1), tf.cumprod(other(), 0, true, true)],
  oneHot: () => tf.oneHot(tf.tensor2d([[0, 3], [2, 7]], undefined, "int32"), 4, 0.9, -0.1),
  "made from numbers": () => [
    tf.fill([2, 3], 1.5),
    tf.fill([2], 3, "int32"),
    tf.zeros([2, 2]),
    tf.onesLike(whole()),
    tf.zerosLike(truth()),
    tf.range(0, 5, 2),
    tf.range(5, 0, -2, "int32"),
    tf.linspace(0, 1, 5),
    tf.eye(3),
  ],
  addN: () => tf.addN([signed(), other(), positive()]),
  "gather in batches": () => tf.gather(cube(), tf.tensor2d([[2, 0], [1, 1]], undefined, "int32"), 1, 1),
  scatterND: () => tf.scatterND(tf.tensor2d([[1], [3], [1]], undefined, "int32"), tf.ones([3, 2]), [5, 2]),
  "scatterND of whole numbers": () =>
    tf.scatterND(tf.tensor2d([[1, 0], [0, 1], [1, 0]], undefined, "int32"), tf.tensor1d([5, 6, 7], "int32"), [2, 2]),
  tensorScatterUpdate: () =>
    tf.tensorScatterUpdate(tf.zeros([4, 2]), tf.tensor2d([[2], [0]], undefined, "int32"), tf.ones([2, 2])),
  "segments outside": () => tf.unsortedSegmentSum(signed(), tf.tensor1d([-1, 9], "int32"), 3),
  unique: () => {
    const { values, indices } = tf.unique(tf.tensor1d([4, 2, 4, 9, 2], "int32"));
    return [values, indices];
  },
  "unique rows": () => {
    const { values, indices } = tf.unique(tf.tensor2d([[1, 2], [3, 4], [1, 2]]), 0);
    return [values, indices];
  },
  searchSorted: () => [
    tf.searchSorted(tf.tensor1d([1, 3, 5]), tf.tensor1d([0, 3, 6]), "left"),
    tf.searchSorted(tf.tensor1d([1, 3, 5]), tf.tensor1d([0, 3, 6]), "right"),
  ],
  "matMul of one matrix with a batch": () => [
    tf.matMul(cube(), tf.reshape(tf.slice(cube(), [0, 0, 0], [1, 3, 4]), [4, 3])),
    tf.matMul(tf.slice(cube(), [0, 0, 0], [1, 3, 4]), tf.reshape(cube(), [2, 4, 3])),
  ],
  "fused matMul": () =>
    (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const).flatMap((activation) => [
      tf.fused.matMul({ a: signed(), b: tf.transpose(other()), bias: tf.tensor1d([1, -2]), activation }),
      tf.fused.matMul({ a: cube(), b: cube(), transposeB: true, bias: tf.tensor1d([1, -2, 0.5]), activation }),
    ]),
  einsum: () => [
    tf.einsum("ij,kj->ik", signed(), other()),
    tf.einsum("bij,bkj->bik", cube(), cube()),
  ],
  "empty tensors": () => [
    tf.concat([tf.zeros([0, 3]), signed()], 0),
    tf.sum(tf.zeros([0, 3]), 0),
    tf.slice(signed(), [0, 0], [0, 3]),
    tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])),
    tf.add(tf.zeros([0]), 1),
  ],
  scalars: () => [tf.add(1, 2), tf.sum(tf.scalar(3)), tf.reshape(tf.scalar(3), [1, 1]), tf.expandDims(tf.scalar(2))],
  moments: () => {
    const { mean, variance } = tf.moments(cube(), [0, 2], true);
    return [mean, variance];
  },
};

for (const [name, make] of Object.entries(plain)) {
  testOnTorch(`torch computes as cpu does: ${name}`, () => assertAgrees(make, { atol: 2e-6 }));
}
