/**
 * Kernels of the operations that the decoders after GPT-2 have: the root-mean-square norm, the rotary embedding, the
 * sigmoid linear unit. They are described beside each operation in `lib/operations/`.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelGroup, reshape } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** How heads are turned. */
interface RotaryAttributes {
  heads: number;
  /** 1 forwards, −1 back. */
  direction: number;
}

/** What the gradient of the norm is computed from. */
interface NormParts {
  dy: Handle;
  x: Handle;
  gain: Handle;
  reciprocalRoot: Handle;
}

/** The gradients of input and gain, by plain operations: libtorch has them in one call on CUDA alone. */
function normGradients(torch: Torch, { dy, x, gain, reciprocalRoot }: NormParts): Handle[] {
  const product = (a: Handle, b: Handle) => torch.call("multiply", a, b);
  const normal = product(x, reciprocalRoot);
  const dNormal = product(dy, gain);
  const mean = torch.call("mean", product(dNormal, normal), [1], true, null);
  const dx = product(torch.subtract(dNormal, product(normal, mean)), reciprocalRoot);
  return [dx, torch.call("sum", product(dy, normal), [0], false, null)];
}

/** Kernels of the decoders' operations. */
export const decoderKernels: KernelGroup = {
  RmsNorm: kernel<{ epsilon: number }>(({ inputs: { x, gain }, attrs: { epsilon }, backend, torch }) => {
    const factor = backend.handle(gain);
    const source = torch.cast(backend.handle(x), torch.dtype(factor));
    const [y, reciprocalRoot] = torch.callAll("rmsNorm", source, gain.shape, factor, epsilon);
    return [backend.own(y, x.shape, "float32"), backend.own(reciprocalRoot, [x.shape[0], 1], "float32")];
  }),

  RmsNormGrad: kernel(({ inputs, backend, torch }) => {
    const { dy, x, gain, reciprocalRoot } = inputs;
    const [gradient, source, factor, root] = [dy, x, gain, reciprocalRoot]
      .map((input: tf.TensorInfo) => torch.cast(backend.handle(input), dtypes.float32));
    const results = torch.library.device.kind === "cpu"
      ? normGradients(torch, { dy: gradient, x: source, gain: factor, reciprocalRoot: root })
      : torch.callAll("rmsNormBackward", gradient, source, gain.shape, root, factor, [true, true]);
    return [x.shape, gain.shape].map((shape, i) => backend.own(results[i], shape, "float32"));
  }),

  Rotary: kernel<RotaryAttributes>(({ inputs, attrs: { heads, direction }, backend, torch }) => {
    const { x, cosines, sines } = inputs;
    const [positions, width] = x.shape, half = width / heads / 2;
    const source = backend.handle(x);
    const [step, element] = torch.strides(source, 2);
    const halves = [0, 1].map((which) =>
      torch.view(
        source,
        [positions, heads, 1, half],
        [step, 2 * half * element, element, element],
        which * half * element,
      )
    );
    const [cos, sin] = [cosines, sines].map((angles) =>
      reshape(torch, { handle: backend.handle(angles), shape: angles.shape }, [positions, 1, 1, half])
    );
    const product = (i: number, angles: Handle) => torch.call("multiply", halves[i], angles);
    const parts = [
      torch.add(product(0, cos), product(1, sin), -direction),
      torch.add(product(1, cos), product(0, sin), direction),
    ];
    // The angles are float32; what was stored in bfloat16 stays so.
    const turned = torch.cast(torch.call("cat", parts, 2), torch.dtype(source));
    const shape = [positions, heads, 2, half];
    return backend.own(reshape(torch, { handle: turned, shape }, x.shape), x.shape, "float32");
  }),

  Silu: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call("silu", backend.handle(x)), x.shape, "float32")
  ),

  SiluGrad: kernel(({ inputs: { dy, x }, backend, torch }) => {
    const source = backend.handle(x);
    const gradient = torch.cast(backend.handle(dy), torch.dtype(source));
    return backend.own(torch.call("siluBackward", gradient, source), x.shape, "float32");
  }),
};
