/**
 * The thin owner of libtorch's tensors: makes, views and frees them, and calls operators on them.
 *
 * @module
 */
import { type DeviceFunctions, type Functions, type Library, STAGING } from "./library.ts";
import { Dispatcher } from "./dispatcher.ts";
import { HandleScopes } from "./handle_scopes.ts";
import { ErrorStream } from "./error_stream.ts";
import { nativeError } from "./native_error.ts";
import { type ArgumentsOf, type Handle, type OperatorName, operators } from "./operators.ts";
import { type LinearOptions, OneDnnLinear } from "./one_dnn.ts";
import { type DTypeCode, dtypes } from "./symbols.ts";
import { TensorFacts } from "./tensor_facts.ts";
import { Threads } from "./threads.ts";
import { contiguousStrides } from "./views.ts";

/** Names an operator with its arguments' values. */
type CallArguments<Name extends OperatorName> = ArgumentsOf<Name> & readonly unknown[];

/** libtorch's tensors. All calls are made in a {@linkcode scope}, which owns the handles that they return. */
export class Torch extends TensorFacts {
  readonly library: Library;
  readonly threads: Threads;
  readonly #functions: Functions;
  readonly #own: DeviceFunctions;
  /** Lists what is held, for the error when memory runs out. */
  held: () => string = () => `${this.handles} tensors`;
  readonly #errors: ErrorStream;
  readonly #dispatcher: Dispatcher;
  readonly #scopes: HandleScopes;
  readonly #oneDnn: OneDnnLinear;
  // One set of arrays for all calls: they are read or written before a call returns.
  readonly #result = new BigUint64Array(1);
  readonly #sizes = new BigInt64Array(16);
  readonly #strides = new BigInt64Array(16);

  /** @param library libtorch, opened. */
  constructor(library: Library) {
    super(library.functions);
    this.library = library;
    this.#functions = library.functions;
    this.#own = library.deviceFunctions;
    this.threads = new Threads(library.functions);
    this.#errors = new ErrorStream(library.functions);
    this.#dispatcher = new Dispatcher(library);
    this.#oneDnn = new OneDnnLinear(library.functions);
    this.#scopes = new HandleScopes((handle) => this.#functions.aoti_torch_delete_tensor_object(handle));
  }

  /** How many handles there are: scopes' and kept ones together. */
  get handles(): number {
    return this.#scopes.count;
  }

  /** Runs work and frees every handle made in it that was not {@linkcode keep}t; returns what the work returns. */
  scope<Result>(work: () => Result): Result {
    return this.#scopes.run(work);
  }

  /** Takes a handle out of its scope: it lives until it is released. */
  keep(handle: Handle): Handle {
    return this.#scopes.keep(handle);
  }

  /** Frees a handle; its memory goes when the last view of it is freed. */
  release(handle: Handle): void {
    this.#scopes.release(handle);
  }

  /** Calls an operator that returns one tensor. */
  call<Name extends OperatorName>(name: Name, ...values: CallArguments<Name>): Handle {
    this.#run(name, values);
    return this.#scopes.add(this.#dispatcher.result(0));
  }

  /** Calls an operator that returns several tensors. */
  callAll<Name extends OperatorName>(name: Name, ...values: CallArguments<Name>): Handle[] {
    this.#run(name, values);
    return Array.from({ length: this.#dispatcher.count(name) }, (_, i) => this.#scopes.add(this.#dispatcher.result(i)));
  }

  /** `a + alpha b`; for whole numbers `alpha` cannot be given, see the kernels. */
  add(a: Handle, b: Handle, alpha = 1): Handle {
    return this.#made("add", () => this.#own.add(a, b, alpha, this.#result));
  }

  /** `a − alpha b`. */
  subtract(a: Handle, b: Handle, alpha = 1): Handle {
    return this.#made("sub", () => this.#functions.aoti_torch_aten_subtract_Tensor(a, b, alpha, this.#result));
  }

  /** `a + value`. */
  addScalar(a: Handle, value: number): Handle {
    return this.#made("add", () => this.#own.add_scalar(a, value, 1, this.#result));
  }

  /** `a · value`. */
  multiplyScalar(a: Handle, value: number): Handle {
    return this.#made("mul", () => this.#own.multiply_scalar(a, value, this.#result));
  }

  /** `out = bias + a b`, written into `out`, which is returned. */
  addmm(out: Handle, bias: Handle, a: Handle, b: Handle): Handle {
    this.#check("addmm", () => this.#own.addmm_out(out, bias, a, b, 1, 1));
    return out;
  }

  /**
   * `x wᵀ (+ bias)`, or the activation of it, by oneDNN, for float32 matrices of the processor's memory; the strides of
   * either may be any.
   *
   * @returns The product; undefined if this libtorch was built without oneDNN.
   */
  linear(x: Handle, w: Handle, options: LinearOptions = {}): Handle | undefined {
    if (!this.#oneDnn.present) return undefined;
    return this.#made("linear", () => this.#oneDnn.call({ x, w }, options, this.#result));
  }

  /** Whether this libtorch has {@linkcode linear}. */
  get hasLinear(): boolean {
    return this.#oneDnn.present;
  }

  /** A tensor whose elements are not set; `device` may be {@linkcode STAGING}. */
  empty(shape: readonly number[], dtype: DTypeCode, device = this.library.device): Handle {
    const sizes = this.#fill(this.#sizes, shape);
    const strides = this.#fill(this.#strides, contiguousStrides(shape));
    const { type, index } = device;
    const { aoti_torch_empty_strided, aoti_torch_empty_strided_pinned } = this.#functions;
    const make = device === STAGING ? aoti_torch_empty_strided_pinned : aoti_torch_empty_strided;
    const rank = BigInt(shape.length);
    return this.#made("empty", () => make(rank, sizes, strides, dtype, type, index, this.#result) as number);
  }

  /** A tensor of one value. */
  full(shape: readonly number[], value: number, dtype: DTypeCode): Handle {
    const handle = this.empty(shape, dtype);
    this.#check("fill", () => this.#functions.aoti_torch_aten_fill__Scalar(handle, value));
    return handle;
  }

  /** A number as a tensor of rank 0, which takes part in operations on any device. */
  scalar(value: number, dtype: DTypeCode = dtypes.float32): Handle {
    const { int32, float64 } = dtypes;
    const make = dtype === int32 ? "int32" : dtype === float64 ? "float64" : "float32";
    return this.#made("scalar", () => this.#functions[`aoti_torch_scalar_to_tensor_${make}`](value, this.#result));
  }

  /** The same memory under another shape. `offset` is in elements, from the tensor's own first one. */
  view(handle: Handle, shape: readonly number[], strides: readonly number[], offset = 0): Handle {
    const rank = BigInt(shape.length),
      sizes = this.#fill(this.#sizes, shape),
      steps = this.#fill(this.#strides, strides);
    const { aoti_torch__reinterpret_tensor: reinterpret } = this.#functions;
    return this.#made("view", () => reinterpret(handle, rank, sizes, steps, BigInt(offset), this.#result) as number);
  }

  /** Another handle on the same tensor. */
  alias(handle: Handle): Handle {
    return this.#made("alias", () => this.#functions.aoti_torch_new_tensor_handle(handle, this.#result));
  }

  /** The tensor with another element type, or itself if it has that type. */
  cast(handle: Handle, dtype: DTypeCode): Handle {
    return this.dtype(handle) === dtype ? handle : this.call("to", handle, dtype, false, false, null);
  }

  /** The tensor with its elements side by side in order, or itself if they are. */
  contiguous(handle: Handle): Handle {
    return this.isContiguous(handle) ? handle : this.call("contiguous", handle, 0);
  }

  /**
   * Overwrites a tensor with another's elements, cast and brought over from another device where need be.
   *
   * @param later Whether a copy between devices may happen asynchronously.
   */
  copy(into: Handle, from: Handle, later = false): void {
    this.#check("copy_", () => this.#functions.aoti_torch_copy_(into, from, Number(later)));
  }

  #run(name: OperatorName, values: readonly unknown[]): void {
    if (!this.#dispatcher.run(name, values)) this.#fail(operators[name].schema);
  }

  #fail(call: string): never {
    throw nativeError(call, this.#errors.take(), this.held);
  }

  #made(name: string, call: () => number): Handle {
    this.#check(name, call);
    return this.#scopes.add(this.#result[0]);
  }

  #check(name: string, call: () => number): void {
    if (call() !== 0) this.#fail(name);
  }

  #fill(into: BigInt64Array<ArrayBuffer>, values: readonly number[]): BigInt64Array<ArrayBuffer> {
    for (let i = 0; i < values.length; i++) into[i] = BigInt(values[i]);
    return into;
  }
}
