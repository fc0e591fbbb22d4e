/**
 * The tensorflow.js backend of the engine `torch`: which tensor of libtorch belongs to which tensor of tensorflow.js.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../engine.ts";
import type { DeviceMemory } from "./cuda/runtime.ts";
import { arrays, codes, type Dtype, dtypeCode, requireDtype, typedArray } from "./dtype.ts";
import { type Entry, handlesOfEntry, numbersOf } from "./entry.ts";
import { HostMemory } from "./host_memory.ts";
import { STAGING } from "./library.ts";
import { readable } from "./native_error.ts";
import type { Handle } from "./operators.ts";
import type { PackedMatrix } from "./packed/packed_matrix.ts";
import { ReadyWeights } from "./ready_weights.ts";
import { type DTypeCode, dtypes } from "./symbols.ts";
import type { Torch } from "./torch.ts";

/** The name under which tensorflow.js knows the backend. */
export const BACKEND_NAME = "torch";

/** The engine's memory, as {@linkcode tf.memory} shows it. */
export interface TorchMemory {
  unreliable: boolean;
  handles: number;
  /** On CUDA: the device's memory in bytes; what libtorch keeps for the next tensors counts as taken. */
  device?: DeviceMemory;
}

/** Kernels see the backend as this. */
export class TorchBackend extends tf.KernelBackend {
  readonly torch: Torch;
  /** The memory of tensors on the processor. */
  readonly hostMemory = new HostMemory(this);
  readonly readyWeights = new ReadyWeights(this);
  /** In bfloat16 products and attention compute in it; sums, losses and parameters stay float32. */
  precision: Precision;
  readonly #entries: tf.DataStorage<Entry>;

  /**
   * @param torch The owner of libtorch's tensors.
   * @param precision How float32 tensors are stored where the policy allows less.
   */
  constructor(torch: Torch, precision: Precision = "float32") {
    super();
    this.torch = torch;
    this.precision = precision;
    this.#entries = new tf.DataStorage<Entry>(this, tf.engine());
    torch.held = () => this.#held();
  }

  /** Every tensor's bytes, as tensorflow.js counts them, and on CUDA what the device has left. */
  #held(): string {
    const { numDataBuffers, numBytes } = tf.memory();
    const device = this.torch.library.cuda?.memory();
    const left = device ? `, ${readable(device.free)} of ${readable(device.total)} free` : "";
    return `${numDataBuffers} tensors of ${readable(numBytes)}${left}`;
  }

  /** The tensor of libtorch for a tensor; it remains the backend's, or the open scope's where it is stored in few bits. */
  handle(tensor: tf.TensorInfo): Handle {
    return numbersOf(this.torch, this.#entries.get(tensor.dataId));
  }

  /** The matrix in few bits behind a tensor that is stored so. */
  packed(tensor: tf.TensorInfo): PackedMatrix | undefined {
    return this.#entries.get(tensor.dataId).packed;
  }

  /** All tensors of libtorch behind a tensor. */
  handlesOf(tensor: tf.TensorInfo): Handle[] {
    return handlesOfEntry(this.#entries.get(tensor.dataId));
  }

  /** Makes a matrix in few bits, of the open scope, a tensor of tensorflow.js, to which it is float32. */
  ownPacked(packed: PackedMatrix, shape: readonly number[]): tf.TensorInfo {
    const dataId = {};
    for (const handle of packed.handles) this.torch.keep(handle);
    this.#entries.set(dataId, { packed, shape, dtype: "float32", references: 1 });
    return { dataId, shape: shape as number[], dtype: "float32" };
  }

  /** Whether products are made of bfloat16: in that precision, unless float32's are faster. */
  get lowProducts(): boolean {
    return this.precision === "bfloat16" && this.torch.library.processor.bfloat16;
  }

  /**
   * The tensor as products take it: in bfloat16 where they are made of that, a parameter's as a copy beside it, and
   * where products of that are faster, for a matrix that was rounded to few bits.
   */
  operand(tensor: tf.TensorInfo): Handle {
    const entry = this.#entries.get(tensor.dataId), { torch, lowProducts } = this;
    if (entry.handle === undefined) {
      const low = entry.packed!.isExact ? lowProducts : torch.library.processor.bfloat16;
      return numbersOf(torch, entry, low ? dtypes.bfloat16 : dtypes.float32);
    }
    if (!lowProducts || torch.dtype(entry.handle) !== dtypes.float32) return entry.handle;
    return entry.low ??= torch.keep(torch.cast(entry.handle, dtypes.bfloat16));
  }

  /** Brings the copies of a tensor that was changed in place up to date. */
  refresh(tensor: tf.TensorInfo): void {
    const { handle, low } = this.#entries.get(tensor.dataId);
    if (low !== undefined) this.torch.copy(low, handle!);
    this.readyWeights.forget(tensor);
  }

  /**
   * Makes a handle of the open scope a tensor of tensorflow.js, cast to the type it promises. A float32 tensor may be
   * stored as bfloat16.
   */
  own(handle: Handle, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const code = dtypeCode(dtype), stored = this.torch.dtype(handle);
    const fits = stored === code || (stored === dtypes.bfloat16 && code === dtypes.float32);
    const dataId = {};
    this.#set(dataId, { handle: fits ? handle : this.torch.cast(handle, code), shape, dtype });
    return { dataId, shape: shape as number[], dtype };
  }

  /** The same tensor once more, for kernels that change nothing. */
  share(tensor: tf.TensorInfo): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    const known = requireDtype(dtype);
    this.torch.scope(() => {
      const handle = this.upload(typedArray(values as ArrayLike<number>, known), shape, codes[known]);
      this.#set(dataId, { handle, shape, dtype: known, references });
    });
  }

  /** Values as a tensor of libtorch on the engine's device, in the open scope. */
  upload(values: ArrayBufferView<ArrayBuffer>, shape: readonly number[], dtype: DTypeCode): Handle {
    const { torch } = this, { device } = torch.library;
    const local = device.kind === "cpu" ? torch.empty(shape, dtype) : torch.empty(shape, dtype, STAGING);
    torch.write(local, values);
    if (device.kind === "cpu") return local;
    const remote = torch.empty(shape, dtype);
    torch.copy(remote, local, true);
    return remote;
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const entry = this.#entries.get(dataId), { shape, dtype } = entry;
    const values = new arrays[dtype](tf.util.sizeFromShape(shape as number[]));
    this.torch.scope(() => this.download(numbersOf(this.torch, entry), shape, values, codes[dtype]));
    return values;
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    const { torch } = this, { cuda } = torch.library;
    if (!cuda) return this.readSync(dataId);
    const entry = this.#entries.get(dataId), { shape, dtype } = entry;
    const values = new arrays[dtype](tf.util.sizeFromShape(shape as number[]));
    const local = torch.scope(() => {
      const staged = torch.empty(shape, codes[dtype], STAGING);
      torch.copy(staged, torch.cast(numbersOf(this.torch, entry), codes[dtype]), true);
      return torch.keep(staged);
    });
    try {
      await cuda.wait();
      torch.read(local, values);
      return values;
    } finally {
      torch.release(local);
    }
  }

  /** Fills an array with a tensor's elements, cast to the array's type; needs an open scope. */
  download(
    handle: Handle,
    shape: readonly number[],
    into: ArrayBufferView<ArrayBuffer>,
    dtype: DTypeCode,
  ): void {
    const { torch } = this;
    let local = torch.cast(handle, dtype);
    if (torch.library.device.kind !== "cpu") {
      const remote = local;
      local = torch.empty(shape, dtype, STAGING);
      torch.copy(local, remote);
    }
    torch.read(torch.contiguous(local), into);
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.references--;
    if (!force && entry.references > 0) return false;
    for (const handle of handlesOfEntry(entry)) this.torch.release(handle);
    this.#entries.delete(dataId);
    return true;
  }

  override incRef(dataId: tf.DataId): void {
    this.#entries.get(dataId).references++;
  }

  override refCount(dataId: tf.DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).references : 0;
  }

  override numDataIds(): number {
    return this.#entries.numDataIds();
  }

  override memory(): TorchMemory {
    const { handles, library: { cuda } } = this.torch;
    return { unreliable: false, handles, ...(cuda && { device: cuda.memory() }) };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  #set(
    dataId: tf.DataId,
    entry: Pick<Entry, "shape"> & { handle: Handle; dtype: tf.DataType; references?: number },
  ): void {
    const { handle, shape, dtype, references = 1 } = entry;
    this.#entries.set(dataId, { handle: this.torch.keep(handle), shape, dtype: dtype as Dtype, references });
  }
}
