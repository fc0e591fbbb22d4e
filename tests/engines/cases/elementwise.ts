/** Operations that work element by element, with broadcasting. */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, floats, ints, of } from "./case.ts";

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type Unary = (x: tf.Tensor) => tf.Tensor;

const binary: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
};

const broadcasts = [
  [of(2, 3, 4), of(2, 3, 4)],
  [of(2, 3, 4), of(4)],
  [of(2, 3, 4), of(2, 1, 4)],
  [of(2, 3, 1), of(3, 4)],
  [of(3, 4), of()],
  [of(), of(3, 4)],
];

const unary: Record<string, Unary> = {
  neg: tf.neg,
  abs: tf.abs,
  exp: tf.exp,
  expm1: tf.expm1,
  square: tf.square,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  relu: tf.relu,
  erf: tf.erf,
  sin: tf.sin,
  cos: tf.cos,
  softplus: tf.softplus,
};

const positive: Record<string, Unary> = {
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
};

const stepwise: Record<string, Unary> = {
  sign: tf.sign,
  step: tf.step,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
};

/** Their gradients in tensorflow.js are for arguments of one shape. */
const unlikeShapesLackGradient = ["maximum", "minimum", "squaredDifference"];

/** Infinities and the ends of float32. Smaller numbers than the normal ones may be taken for zero. */
const ends = () => floats([0, 1, -1, 1e-30, 1e30, -1e30, 88, -104, Infinity, -Infinity]);

/** The cases. */
export const elementwise: Case[] = [
  ...Object.entries(binary).flatMap(([name, run]): Case[] =>
    broadcasts.map(([a, b]) => ({
      name: `${name}: [${a.shape}] with [${b.shape}]`,
      inputs: name === "div" ? [a, b.within(0.3, 2)] : [a, b],
      run,
      gradient: a.shape.join() === b.shape.join() || !unlikeShapesLackGradient.includes(name),
    }))
  ),
  ...Object.entries(unary).map(([name, run]): Case => ({ name, inputs: [of(3, 7)], run })),
  ...Object.entries(positive).map(([name, run]): Case => ({ name, inputs: [of(3, 7).within(0.1, 3)], run })),
  ...Object.entries(stepwise).map(([name, run]): Case => ({ name, inputs: [of(21)], run, gradient: false })),
  { name: "pow: a tensor by a tensor", inputs: [of(3, 4).within(0.2, 2), of(3, 4)], run: tf.pow },
  { name: "pow: by a scalar", inputs: [of(3, 4).within(0.2, 2)], run: (x) => tf.pow(x, 1.7) },
  { name: "divNoNan", inputs: [of(4)], run: (x) => tf.divNoNan(x, floats([2, 0, -4, 1e-3])), gradient: false },
  { name: "clipByValue", inputs: [of(3, 7)], run: (x) => tf.clipByValue(x, -1, 0.75) },
  { name: "addN", inputs: [of(2, 3), of(2, 3), of(2, 3)], run: (...x) => tf.addN(x) },
  { name: "addN: many", inputs: Array(30).fill(of(2, 3)), run: (...x) => tf.addN(x) },
  { name: "expm1: of small numbers", inputs: [of(40).within(-1e-4, 1e-4)], run: tf.expm1, atol: 1.2e-7 },
  // Here the wasm and webgpu kernels are log(1 + x), no better than float32's step at 1.
  { name: "log1p: of small numbers", inputs: [of(40).within(-1e-4, 1e-4)], run: tf.log1p, atol: 2.4e-7 },
  { name: "exp: of infinities and large numbers", inputs: [], run: () => tf.exp(ends()) },
  { name: "log: of 0 and infinity", inputs: [], run: () => tf.log(floats([0, 1, 1e-30, 1e30, Infinity])) },
  { name: "expm1: of infinities", inputs: [], run: () => tf.expm1(floats([0, 50, -50, -Infinity, Infinity])) },
  { name: "sigmoid: of large numbers", inputs: [], run: () => tf.sigmoid(ends()), atol: 1e-30 },
  { name: "tanh: of large numbers", inputs: [], run: () => tf.tanh(ends()) },
  { name: "maximum: of infinities", inputs: [], run: () => tf.maximum(ends(), 0) },
  { name: "floorDiv: whole numbers", inputs: [], run: () => tf.floorDiv(ints([0, 1, 5, 6, 7]), tf.scalar(3, "int32")) },
  { name: "cast: float to int cuts", inputs: [of(12)], run: (x) => tf.cast(x, "int32"), gradient: false },
  { name: "cast: float to bool", inputs: [], run: () => tf.cast(floats([0, 1]), "bool") },
  {
    name: "cast: comparison to float",
    inputs: [of(12)],
    run: (x) => tf.cast(tf.greater(x, 0), "float32"),
    gradient: false,
  },
  { name: "clone", inputs: [of(5)], run: tf.clone },
];
