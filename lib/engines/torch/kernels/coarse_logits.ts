/**
 * Kernels of logits over named tokens and one bucket for the rest, as `lib/operations/coarse_logits.ts` describes them: all
 * passes over the vocabulary but one of them in place.
 *
 * @module
 */
import { LOG_ZERO } from "../../../distributions/distribution.ts";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";

/** The attributes of the forward kernel, as the operation describes them. */
interface CoarseLogitsAttributes {
  ids: Int32Array<ArrayBuffer>;
  overwrite: boolean;
}

/** Kernels of coarse logits. */
export const coarseLogitsKernels: KernelGroup = {
  CoarseLogits: kernel<CoarseLogitsAttributes>(({ inputs: { logits }, attrs: { ids, overwrite }, backend, torch }) => {
    const rows = logits.shape[0], count = ids.length / rows;
    const stored = backend.handle(logits);
    const plain = torch.cast(stored, dtypes.float32);
    const places = placesOf(backend, ids, rows);
    const named = torch.call("gather", plain, 1, places, false);
    const others = overwrite || plain !== stored ? plain : torch.addScalar(plain, 0);
    torch.call("scatterInPlace", others, 1, places, torch.full([rows, count], LOG_ZERO, dtypes.float32));
    const shares = torch.call("softmax", others, 1, false);
    const [largest, where] = torch.callAll("maxAlong", others, 1, true);
    // log Σ exp(z − max z) = −log max share
    const rest = torch.subtract(largest, torch.call("log", torch.call("gather", shares, 1, where, false)));
    const coarse = torch.call("cat", [named, rest], 1);
    return [
      backend.own(coarse, [rows, count + 1], "float32"),
      backend.own(shares, logits.shape, "float32"),
      backend.own(largest, [rows, 1], "float32"),
    ];
  }),

  CoarseLogitsGrad: kernel<{ ids: Int32Array<ArrayBuffer> }>(
    ({ inputs: { gradient, shares }, attrs: { ids }, backend, torch }) => {
      const [rows, columns] = gradient.shape;
      const given = torch.cast(backend.handle(gradient), dtypes.float32);
      const [step, element] = torch.strides(given, 2);
      const named = torch.view(given, [rows, columns - 1], [step, element]);
      const rest = torch.view(given, [rows, 1], [step, element], (columns - 1) * element);
      const into = backend.handle(shares);
      torch.call("multiplyInPlace", into, rest);
      // Named tokens are 0 there; one that is named twice gets the sum.
      torch.call("scatterAddInPlace", into, 1, placesOf(backend, ids, rows), named);
      return backend.share(shares);
    },
  ),
};

function placesOf(backend: TorchBackend, ids: Int32Array<ArrayBuffer>, rows: number): Handle {
  const shape = [rows, ids.length / rows];
  return backend.torch.cast(backend.upload(ids, shape, dtypes.int32), dtypes.int64);
}
