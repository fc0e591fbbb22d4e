/**
 * Kernels of normalised logits, as `lib/distributions/normalize_logits.ts`, `lib/distributions/logits_gradient.ts` and
 * `lib/operations/cross_entropy.ts` describe them: one pass for the logarithms, one for the probabilities.
 *
 * @module
 */
import { kernel, type KernelGroup } from "../kernel.ts";
import { dtypes } from "../symbols.ts";

/** The attributes, as the operation describes them. */
interface CrossEntropyAttributes {
  labels: Int32Array;
  scale: number;
  gradient: boolean;
}

/** Kernels of normalised logits. */
export const crossEntropyKernels: KernelGroup = {
  NormalizeLogits: kernel<{ floor: number }>(({ inputs: { logits }, attrs: { floor }, backend, torch }) => {
    const plain = torch.cast(backend.handle(logits), dtypes.float32);
    const logProbs = torch.call("logSoftmax", plain, logits.shape.length - 1, false);
    torch.call("clampMinInPlace", logProbs, torch.scalar(floor));
    return [logProbs, torch.call("exp", logProbs)].map((handle) => backend.own(handle, logits.shape, "float32"));
  }),

  LogSoftmaxGrad: kernel(({ inputs: { dy, logProbs }, backend, torch }) => {
    const [gradient, logarithms] = [dy, logProbs].map((input) => torch.cast(backend.handle(input), dtypes.float32));
    const axis = dy.shape.length - 1;
    return backend.own(
      torch.call("logSoftmaxBackward", gradient, logarithms, axis, dtypes.float32),
      dy.shape,
      "float32",
    );
  }),

  CrossEntropy: kernel<CrossEntropyAttributes>(({ inputs: { logits }, attrs, backend, torch }) => {
    const { labels, scale, gradient } = attrs;
    const rows = logits.shape[0];
    const logProbs = torch.call("logSoftmax", torch.cast(backend.handle(logits), dtypes.float32), 1, false);
    const places = backend.upload(BigInt64Array.from(labels, BigInt), [rows, 1], dtypes.int64);
    const chosen = torch.call("neg", torch.call("gather", logProbs, 1, places, false));
    const values = backend.own(torch.view(chosen, [rows], [1]), [rows], "float32");
    if (!gradient) return [values];
    const ones = torch.full([rows, 1], -1, dtypes.float32);
    const error = torch.call("scatterAddInPlace", torch.call("expInPlace", logProbs), 1, places, ones);
    const scaled = scale === 1 ? error : torch.multiplyScalar(error, scale);
    return [values, backend.own(scaled, logits.shape, "float32")];
  }),
};
