/**
 * Products fused with the operation that follows them, by oneDNN.
 *
 * @module
 */
import type { ActivationFunction } from "../../kernels/activation_function.ts";
import type { Functions } from "./library.ts";
import type { Handle } from "./operators.ts";

const text = (name: string) => new TextEncoder().encode(`${name}\0`);

/** What oneDNN calls the activations, and their algorithms where there are several. */
const activations: Record<ActivationFunction | "none", { name: Uint8Array<ArrayBuffer>; algorithm?: string }> = {
  "none": { name: text("none") },
  "relu": { name: text("relu") },
  "silu": { name: text("swish") },
  "gelu": { name: text("gelu"), algorithm: "none" },
  "gelu-tanh": { name: text("gelu"), algorithm: "tanh" },
};

/** What a product is followed by. */
export interface LinearOptions {
  bias?: Handle;
  /** @default {"none"} */
  activation?: ActivationFunction | "none";
}

/** oneDNN's linear layer, where this libtorch was built with it. */
export class OneDnnLinear {
  readonly #functions: Functions;
  readonly #bias = new BigUint64Array(1);
  readonly #texts = new Map<string, BigUint64Array<ArrayBuffer>>();

  /** @param functions libtorch's. */
  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** Whether it is available. */
  get present(): boolean {
    return Boolean(this.#functions.aoti_torch_cpu__linear_pointwise);
  }

  /**
   * `x wᵀ (+ bias)`, or the activation of it.
   *
   * @param operands The two matrices.
   * @param options What follows the product.
   * @param result Takes the handle.
   * @returns libtorch's status, 0 where it went well.
   */
  call(
    { x, w }: { x: Handle; w: Handle },
    { bias, activation = "none" }: LinearOptions,
    result: BigUint64Array<ArrayBuffer>,
  ): number {
    if (bias !== undefined) this.#bias[0] = bias;
    const term = bias === undefined ? null : this.#bias;
    const { name, algorithm } = activations[activation];
    const variant = algorithm === undefined ? null : this.#addressOf(algorithm);
    return this.#functions.aoti_torch_cpu__linear_pointwise!(x, w, term, name, null, 0n, variant, result) as number;
  }

  /** The address of a text that libtorch may read, in a cell of its own; the few texts there are stay. */
  #addressOf(name: string): BigUint64Array<ArrayBuffer> {
    const known = this.#texts.get(name);
    if (known) return known;
    const bytes = text(name);
    const address = this.#functions.malloc(BigInt(bytes.length));
    this.#functions.write_bytes(address, bytes, BigInt(bytes.length));
    const cell = BigUint64Array.of(address);
    this.#texts.set(name, cell);
    return cell;
  }
}
