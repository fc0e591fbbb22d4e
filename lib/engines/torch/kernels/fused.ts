/**
 * Kernels of the library's own operations: layer normalisation, the Gaussian error unit, the linear map. Their inputs,
 * attributes and results are described beside each operation in `lib/operations/`.
 *
 * @module
 */
import type { ActivationFunction } from "../../../kernels/activation_function.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import { dtypes } from "../symbols.ts";
import { biasOf, lowResult, oriented } from "./matmul.ts";
import { packedProduct } from "./packed.ts";
import { multiply } from "./product.ts";
import { readyProduct } from "./ready_weight.ts";

/** Which of the two functions of that name. */
interface GeluAttributes {
  approximate: "tanh" | "none";
}

/** How a linear map is made. */
interface LinearAttributes {
  transposeWeight: boolean;
  activation?: ActivationFunction;
}

/** Kernels of the library's own operations. */
export const fusedKernels: KernelGroup = {
  LayerNorm: kernel<{ epsilon: number }>(({ inputs: { x, gain, bias }, attrs: { epsilon }, backend, torch }) => {
    const [source, factor, term] = [x, gain, bias].map((input) => backend.handle(input));
    const results = torch.callAll("layerNorm", source, gain.shape, factor, term, epsilon);
    const perPosition = [...x.shape.slice(0, -gain.shape.length), ...gain.shape.map(() => 1)];
    return [x.shape, perPosition, perPosition].map((shape, i) => backend.own(results[i], shape, "float32"));
  }),

  LayerNormGrad: kernel(({ inputs, backend, torch }) => {
    const { dy, x, gain, mean, reciprocalDeviation } = inputs;
    const [gradient, source, factor, centre, deviation] = [dy, x, gain, mean, reciprocalDeviation]
      .map((input) => backend.handle(input));
    const results = torch.callAll(
      "layerNormBackward",
      torch.cast(gradient, torch.dtype(source)),
      source,
      gain.shape,
      centre,
      deviation,
      factor,
      factor,
      [true, true, true], // the bias counts only by its shape
    );
    return [x.shape, gain.shape, gain.shape].map((shape, i) => backend.own(results[i], shape, "float32"));
  }),

  Gelu: kernel<GeluAttributes>(({ inputs: { x }, attrs: { approximate }, backend, torch }) =>
    backend.own(torch.call("gelu", backend.handle(x), approximate), x.shape, "float32")
  ),

  GeluGrad: kernel<GeluAttributes>(({ inputs: { dy, x }, attrs: { approximate }, backend, torch }) => {
    const source = backend.handle(x);
    const gradient = torch.cast(backend.handle(dy), torch.dtype(source));
    return backend.own(torch.call("geluBackward", gradient, source, approximate), x.shape, "float32");
  }),

  Linear: kernel<LinearAttributes>(({ inputs, attrs: { transposeWeight, activation }, backend, torch }) => {
    const { x, weight, bias } = inputs;
    const [a, term] = [oriented(backend, x, false), biasOf(backend, bias)];
    const large = transposeWeight ? packedProduct(backend, { a, weight, bias: term, activation }) : undefined;
    const ready = large ??
      readyProduct(backend, { x: a, weight, inputFirst: !transposeWeight, bias: term, activation });
    const { handle, shape } = ready ?? multiply(torch, {
      a,
      b: oriented(backend, weight, transposeWeight),
      bias: term,
      activation,
      low: lowResult(backend),
    });
    return backend.own(handle, shape, "float32");
  }),

  LowPrecision: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.alias(torch.cast(backend.handle(x), dtypes.bfloat16)), x.shape, "float32")
  ),
};
