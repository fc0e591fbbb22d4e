/**
 * The thin owner of libtorch's tensors: makes, views, reads and frees them, and calls operators on them.
 *
 * @module
 */
import type { DeviceFunctions, Functions, Library } from "./library.ts";
import { ErrorText } from "./native_error.ts";
import { type ArgumentsOf, type ArgumentType, type Handle, type OperatorName, operators } from "./operators.ts";
import { type DTypeCode, dtypes } from "./symbols.ts";

/** An operator, ready to be called. */
interface Prepared {
  readonly schema: string;
  readonly name: Uint8Array<ArrayBuffer>;
  readonly overload: Uint8Array<ArrayBuffer>;
  readonly takes: readonly ArgumentType[];
  readonly returns: number;
}

/** Names an operator with its arguments' values. */
type CallArguments<Name extends OperatorName> = ArgumentsOf<Name> & readonly unknown[];

/** libtorch's tensors. All calls are made in a {@linkcode scope}, which owns the handles that they return. */
export class Torch {
  readonly library: Library;
  /** How many handles there are: scopes' and kept ones together. */
  handles = 0;

  readonly #functions: Functions;
  readonly #own: DeviceFunctions;
  readonly #errors: ErrorText;
  readonly #operators: Record<string, Prepared>;
  readonly #fresh: Handle[] = [];
  #depth = 0;
  // One set of arrays for all calls: they are read or written before a call returns.
  readonly #stack = new BigUint64Array(24);
  readonly #floats = new Float64Array(this.#stack.buffer);
  readonly #result = new BigUint64Array(1);
  readonly #cell = new BigUint64Array(1);
  readonly #word = new Int32Array(2);
  readonly #sizes = new BigInt64Array(16);
  readonly #strides = new BigInt64Array(16);

  /** @param library libtorch, opened. */
  constructor(library: Library) {
    this.library = library;
    this.#functions = library.functions;
    this.#own = library.deviceFunctions;
    this.#errors = new ErrorText(library.functions);
    this.#operators = Object.fromEntries(
      Object.entries(operators).map(([key, operator]) => [key, prepare(operator)]),
    );
  }

  /**
   * Runs work and frees every handle made in it that was not {@linkcode keep}t.
   *
   * @returns What the work returns.
   */
  scope<Result>(work: () => Result): Result {
    const start = this.#fresh.length;
    if (this.#depth++ === 0) this.#errors.begin();
    try {
      return work();
    } finally {
      if (--this.#depth === 0) this.#errors.end();
      for (let i = start; i < this.#fresh.length; i++) if (this.#fresh[i] !== 0n) this.release(this.#fresh[i]);
      this.#fresh.length = start;
    }
  }

  /** Takes a handle out of its scope: it lives until it is released. */
  keep(handle: Handle): Handle {
    const at = this.#fresh.lastIndexOf(handle);
    if (at < 0) throw new Error("Cannot keep a handle: it is not of an open scope");
    this.#fresh[at] = 0n;
    return handle;
  }

  /** Frees a handle; its memory goes when the last view of it is freed. */
  release(handle: Handle): void {
    this.#functions.aoti_torch_delete_tensor_object(handle);
    this.handles--;
  }

  /** Calls an operator that returns one tensor. */
  call<Name extends OperatorName>(name: Name, ...values: CallArguments<Name>): Handle {
    this.#dispatch(this.#operators[name], values);
    return this.#add(this.#stack[0]);
  }

  /** Calls an operator that returns several tensors. */
  callAll<Name extends OperatorName>(name: Name, ...values: CallArguments<Name>): Handle[] {
    const operator = this.#operators[name];
    this.#dispatch(operator, values);
    const results = Array.from(this.#stack.subarray(0, operator.returns));
    return results.map((handle) => this.#add(handle));
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

  /** A tensor whose elements are not set. */
  empty(shape: readonly number[], dtype: DTypeCode, device = this.library.device): Handle {
    const sizes = this.#fill(this.#sizes, shape);
    const strides = this.#strides;
    for (let axis = shape.length - 1, step = 1n; axis >= 0; axis--) {
      strides[axis] = step;
      step *= sizes[axis] > 1n ? sizes[axis] : 1n;
    }
    const { type, index } = device;
    return this.#made("empty", () =>
      this.#functions.aoti_torch_empty_strided(
        BigInt(shape.length),
        sizes,
        strides,
        dtype,
        type,
        index,
        this.#result,
      ));
  }

  /** A tensor of one value. */
  full(shape: readonly number[], value: number, dtype: DTypeCode): Handle {
    const handle = this.empty(shape, dtype);
    this.#check("fill", () => this.#functions.aoti_torch_aten_fill__Scalar(handle, value));
    return handle;
  }

  /** A number as a tensor of rank 0, which takes part in operations on any device. */
  scalar(value: number, dtype: DTypeCode = dtypes.float32): Handle {
    const functions = this.#functions;
    if (dtype === dtypes.int32) {
      return this.#made("scalar", () => functions.aoti_torch_scalar_to_tensor_int32(value, this.#result));
    }
    if (dtype === dtypes.float64) {
      return this.#made("scalar", () => functions.aoti_torch_scalar_to_tensor_float64(value, this.#result));
    }
    return this.#made("scalar", () => functions.aoti_torch_scalar_to_tensor_float32(value, this.#result));
  }

  /** The same memory under another shape. `offset` is in elements, from the tensor's own first one. */
  view(handle: Handle, shape: readonly number[], strides: readonly number[], offset = 0): Handle {
    const rank = BigInt(shape.length);
    const sizes = this.#fill(this.#sizes, shape), steps = this.#fill(this.#strides, strides);
    return this.#made("view", () =>
      this.#functions.aoti_torch__reinterpret_tensor(
        handle,
        rank,
        sizes,
        steps,
        BigInt(offset),
        this.#result,
      ));
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

  /** Overwrites a tensor with another's elements, cast and brought over from another device where need be. */
  copy(into: Handle, from: Handle): void {
    this.#check("copy_", () => this.#functions.aoti_torch_copy_(into, from, 0));
  }

  /** The code of the element type. */
  dtype(handle: Handle): DTypeCode {
    this.#functions.aoti_torch_get_dtype(handle, this.#word);
    return this.#word[0] as DTypeCode;
  }

  /** Whether the elements lie side by side in order. */
  isContiguous(handle: Handle): boolean {
    this.#word[0] = 0;
    this.#functions.aoti_torch_is_contiguous(handle, this.#word);
    return (this.#word[0] & 0xff) !== 0;
  }

  /** Steps between neighbours along each axis, in elements. */
  strides(handle: Handle, rank: number): number[] {
    if (rank === 0) return [];
    this.#functions.aoti_torch_get_strides(handle, this.#result);
    const strides = new BigInt64Array(rank);
    this.#functions.read_bytes(strides, this.#result[0], BigInt(8 * rank));
    return Array.from(strides, Number);
  }

  /** The shape, as libtorch has it. */
  shape(handle: Handle): number[] {
    this.#functions.aoti_torch_get_dim(handle, this.#result);
    return Array.from({ length: Number(this.#result[0]) }, (_, axis) => {
      this.#functions.aoti_torch_get_size(handle, BigInt(axis), this.#cell);
      return Number(this.#cell[0]);
    });
  }

  /** Bytes of the memory that the tensor shares with its views. */
  storageBytes(handle: Handle): number {
    this.#functions.aoti_torch_get_storage_size(handle, this.#result);
    return Number(this.#result[0]);
  }

  /** Copies an array's bytes into a contiguous tensor of the processor's memory. */
  write(handle: Handle, values: ArrayBufferView<ArrayBuffer>): void {
    if (values.byteLength === 0) return;
    this.#functions.aoti_torch_get_data_ptr(handle, this.#result);
    this.#functions.write_bytes(this.#result[0], values, BigInt(values.byteLength));
  }

  /** Fills an array with the bytes of a contiguous tensor of the processor's memory. */
  read(handle: Handle, into: ArrayBufferView<ArrayBuffer>): void {
    if (into.byteLength === 0) return;
    this.#functions.aoti_torch_get_data_ptr(handle, this.#result);
    this.#functions.read_bytes(into, this.#result[0], BigInt(into.byteLength));
  }

  #add(handle: Handle): Handle {
    this.handles++;
    this.#fresh.push(handle);
    return handle;
  }

  #made(name: string, call: () => number): Handle {
    this.#check(name, call);
    return this.#add(this.#result[0]);
  }

  #check(name: string, call: () => number): void {
    if (call() !== 0) throw this.#errors.take(name, () => `${this.handles} tensors`);
  }

  #dispatch(operator: Prepared, values: readonly unknown[]): void {
    const { takes, name, overload, schema } = operator;
    for (let i = 0; i < takes.length; i++) this.#push(takes[i], values[i], i);
    this.#check(
      schema,
      () => this.#functions.torch_call_dispatcher(name, overload, this.#stack, this.library.callerVersion),
    );
  }

  /** Writes an argument to the stack; the dispatcher consumes tensors, lists and optional values. */
  #push(type: ArgumentType, value: unknown, at: number): void {
    const stack = this.#stack;
    switch (type) {
      case "tensor":
        stack[at] = this.#duplicate(value as Handle);
        return;
      case "int":
      case "dtype":
        stack[at] = BigInt.asUintN(64, BigInt(value as number));
        return;
      case "bool":
        stack[at] = value ? 1n : 0n;
        return;
      case "float":
        this.#floats[at] = value as number;
        return;
      case "tensors":
        stack[at] = this.#list((value as Handle[]).map((handle) => this.#duplicate(handle)));
        return;
      case "ints":
      case "bools":
        stack[at] = this.#list((value as (number | boolean)[]).map((item) => BigInt.asUintN(64, BigInt(item))));
        return;
      case "string": {
        const bytes = new TextEncoder().encode(value as string);
        this.#functions.torch_new_string_handle(bytes, BigInt(bytes.length), this.#cell);
        stack[at] = this.#cell[0];
        return;
      }
      default:
        this.#pushOptional(type, value, at);
    }
  }

  /** An optional value is the address of a cell of the C library's heap, which libtorch frees. */
  #pushOptional(type: ArgumentType, value: unknown, at: number): void {
    if (value === null) {
      this.#stack[at] = 0n;
      return;
    }
    this.#push(type.slice(0, -1) as ArgumentType, value, at);
    const address = this.#functions.malloc(8n) as bigint;
    this.#cell[0] = this.#stack[at];
    this.#functions.write_bytes(address, this.#cell, 8n);
    this.#stack[at] = address;
  }

  #duplicate(handle: Handle): Handle {
    this.#functions.aoti_torch_new_tensor_handle(handle, this.#cell);
    return this.#cell[0];
  }

  #list(items: readonly bigint[]): bigint {
    this.#functions.torch_new_list_reserve_size(BigInt(items.length), this.#cell);
    const list = this.#cell[0];
    for (const item of items) this.#functions.torch_list_push_back(list, item);
    return list;
  }

  #fill(into: BigInt64Array<ArrayBuffer>, values: readonly number[]): BigInt64Array<ArrayBuffer> {
    for (let i = 0; i < values.length; i++) into[i] = BigInt(values[i]);
    return into;
  }
}

function prepare({ schema, takes, returns = 1 }: {
  schema: string;
  takes: readonly ArgumentType[];
  returns?: number;
}): Prepared {
  const [name, overload = ""] = schema.split(".");
  const encode = (text: string) => new TextEncoder().encode(text + "\0");
  return { schema, name: encode(name), overload: encode(overload), takes, returns };
}
