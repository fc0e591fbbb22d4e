/**
 * Tensors as PyTorch describes them: strided views of a storage.
 *
 * @module
 */
import { shown } from "../../../arguments/check_arguments.ts";
import type { PickleValue } from "./unpickle.ts";

/** Contiguous elements, which several tensors may share. */
export interface TorchStorage {
  readonly kind: "storage";
  /** The elements' format, by its name in safetensors. */
  readonly format: string;
  /** Its name in the file. */
  readonly key: string;
  /** The number of its elements. */
  readonly count: number;
  /** Its first element in the storage of that name; in old files a storage may be a part of another. */
  readonly first: number;
}

/** A tensor over a storage. */
export interface TorchTensor {
  readonly kind: "tensor";
  readonly format: string;
  readonly storage: TorchStorage;
  /** The first element in the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** The stride of each axis in elements. */
  readonly strides: readonly number[];
}

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const areNatural = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNatural);

/** Whether a pickled value is of that kind. */
export const isOfKind = <Kind extends string>(value: unknown, kind: Kind): value is { kind: Kind } =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** The maximum number of axes in PyTorch. */
const MOST_AXES = 64;

/**
 * Makes a tensor from its description in a pickle.
 *
 * @param storage Its storage.
 * @param place Its offset, shape and strides.
 * @param format Its element format.
 * @throws {SyntaxError} If they are invalid, or lie outside the storage.
 */
export function torchTensor(
  storage: PickleValue | undefined,
  place: readonly (PickleValue | undefined)[],
  format?: string,
): TorchTensor {
  const [offset, shape, strides] = place;
  if (!isOfKind(storage, "storage")) throw new SyntaxError("a tensor has no storage");
  if (!isNatural(offset) || !areNatural(shape) || !areNatural(strides) || shape.length !== strides.length) {
    throw new SyntaxError(
      `a tensor's offset, shape and strides must be non-negative whole numbers, current values are ` +
        `${shown(offset)}, ${shown(shape)}, ${shown(strides)}`,
    );
  }
  if (shape.length > MOST_AXES) throw new SyntaxError(`a tensor has ${shape.length} axes`);
  const { count, format: stored } = storage as TorchStorage;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const last = shape.reduce((last, extent, axis) => last + (extent - 1) * strides[axis], offset);
  if (size > count || (size > 0 && last >= count)) {
    throw new SyntaxError(
      `a tensor of shape [${shape}] and strides [${strides}] from ${offset} on lies outside its storage of ${count}`,
    );
  }
  return { kind: "tensor", format: format ?? stored, storage: storage as TorchStorage, offset, shape, strides };
}

/** Whether the elements are contiguous and in order. */
export function isContiguous({ shape, strides }: Pick<TorchTensor, "shape" | "strides">): boolean {
  let next = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== next) return false;
    next *= shape[axis];
  }
  return true;
}
