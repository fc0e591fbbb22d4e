/**
 * A weight file written by PyTorch's `torch.save`, `.bin` or `.pt`, read tensor by tensor. Its pickle may only name
 * tensors: no code in it is ever run.
 *
 * @module
 */
import { shown } from "../../../arguments/check_arguments.ts";
import { otherThanBinary } from "../../../files/file_kinds.ts";
import { type FileBytes, openBytes } from "../file_bytes.ts";
import { bytesPerElement, isWeightFormat, storedPlace, widen } from "../float_formats.ts";
import { freshMemory, type ReadOptions } from "../tensor_source.ts";
import { refusedFormat, type StoredTensor, type WeightFile } from "../weight_file.ts";
import { gatherElements } from "./gather_elements.ts";
import { oldLayout, type TorchLayout, zipLayout } from "./torch_layout.ts";
import { isContiguous, isOfKind, type TorchTensor } from "./torch_tensor.ts";

/** The keys under which a file with more than weights has them. */
const WRAPPERS = ["state_dict", "model_state_dict", "model"];

/** An open PyTorch file. */
export class TorchFile implements WeightFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;

  private constructor(
    readonly path: string,
    readonly file: FileBytes,
    readonly views: ReadonlyMap<string, TorchTensor>,
    readonly storages: TorchLayout["storages"],
  ) {
    this.tensors = new Map([...views].map(([name, { format, shape }]) => {
      const byteLength = shape.reduce((product, extent) => product * extent, bytesPerElement[format]);
      return [name, { format, shape: [...shape], byteLength }];
    }));
  }

  /**
   * Opens a file and lists its tensors, without reading their values.
   *
   * @throws {Deno.errors.NotFound} If there is no such file.
   * @throws {SyntaxError} If it is not such a file or broken, or a tensor lies outside it; the message says where.
   * @throws {TypeError} If it names or holds anything but tensors.
   * @throws {Error} If it cannot be read; the message names it.
   */
  static async open(path: string): Promise<TorchFile> {
    const file = await openBytes(path);
    try {
      const { value, storages } = await layoutOf(file);
      return new TorchFile(path, file, tensorsOf(value), storages);
    } catch (error) {
      file.close();
      if (error instanceof SyntaxError) {
        throw new SyntaxError(`Cannot read ${path}: ${error.message}`, { cause: error });
      }
      if (error instanceof TypeError) throw new TypeError(`Cannot read ${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  async read(name: string, options: ReadOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const { rows, memory = freshMemory } = options;
    const view = rows ? rowsOf(this.#view(name), rows) : this.#view(name);
    const { format } = view;
    if (!isWeightFormat(format)) throw refusedFormat(this.path, { name, format });
    const numbers = memory(view.shape.reduce((product, extent) => product * extent, 1));
    await this.#fill(storedPlace(numbers, format), view);
    return widen(numbers, format);
  }

  async bytes(name: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    const view = this.#view(name);
    if (isContiguous(view)) return await this.file.read(this.#place(view) + from, to - from);
    const all = new Uint8Array(this.tensors.get(name)!.byteLength);
    await this.#fill(all, view);
    return all.subarray(from, to);
  }

  close(): void {
    this.file.close();
  }

  /** Reads a tensor's raw elements in row-major order. */
  async #fill(into: Uint8Array<ArrayBuffer>, view: TorchTensor): Promise<void> {
    if (isContiguous(view)) return await this.file.readInto(this.#place(view), into);
    const { format, shape, strides } = view;
    const span = shape.reduce((last, extent, axis) => last + (extent - 1) * strides[axis], 1);
    if (into.length === 0) return;
    const stored = await this.file.read(this.#place(view), span * bytesPerElement[format]);
    gatherElements(stored, { into, size: bytesPerElement[format], shape, strides });
  }

  #view(name: string): TorchTensor {
    const view = this.views.get(name);
    if (!view) throw new ReferenceError(`Cannot read "${name}": ${this.path} has no such tensor`);
    return view;
  }

  #place({ storage, offset, format }: TorchTensor): number {
    return this.storages.get(storage.key)! + (storage.first + offset) * bytesPerElement[format];
  }
}

async function layoutOf(file: FileBytes): Promise<TorchLayout> {
  const start = await file.read(0, Math.min(512, file.size));
  const read = (offset: number, length: number) => file.read(offset, length);
  if (start[0] === 0x50 && start[1] === 0x4b) return await zipLayout(read, file.size);
  if (start[0] === 0x80) return await oldLayout(read, file.size);
  throw new SyntaxError(`a file written by torch.save is needed, it is ${otherThanBinary(start) ?? "something else"}`);
}

/** The tensors by name, also if they are in a dictionary beside, for instance, an optimizer's. */
function tensorsOf(value: unknown): Map<string, TorchTensor> {
  if (!(value instanceof Map)) throw new TypeError(`a dictionary of tensors is needed, it holds ${shown(value)}`);
  const inner = WRAPPERS.map((name) => value.get(name)).find((inner) => inner instanceof Map) as
    | typeof value
    | undefined;
  const tensors = new Map<string, TorchTensor>();
  for (const [name, tensor] of inner ?? value) {
    if (typeof name !== "string" || !isOfKind(tensor, "tensor")) {
      throw new TypeError(`it must map names to tensors, ${shown(name)} is ${shown(tensor)}`);
    }
    tensors.set(name, tensor as TorchTensor);
  }
  return tensors;
}

function rowsOf(view: TorchTensor, { from, to }: { from: number; to: number }): TorchTensor {
  const { shape: [, ...others], strides, offset } = view;
  return { ...view, shape: [to - from, ...others], offset: offset + from * strides[0] };
}
