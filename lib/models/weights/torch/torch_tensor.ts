/**
 * Tensors as PyTorch describes them: places of a storage, reached by strides.
 *
 * @module
 */
import { shown } from "../../../arguments/check_arguments.ts";
import type { PickleValue } from "./unpickle.ts";

/** Contiguous numbers, which several tensors may share. */
export interface TorchStorage {
  readonly kind: "storage";
  /** The elements' format, by its name in safetensors. */
  readonly format: string;
  /** Its name in the file. */
  readonly key: string;
  /** How many elements it has. */
  readonly count: number;
  /** Its first element in the storage of that name, of which old files may have parts as storages of their own. */
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
  /** How many elements further the next place along each axis is. */
  readonly strides: readonly number[];
}

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const areNatural = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNatural);

/** Whether a value of a pickle is of that kind. */
export const isOfKind = <Kind extends string>(value: unknown, kind: Kind): value is { kind: Kind } =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** The most axes that a tensor has in PyTorch. */
const MOST_AXES = 64;

/**
 * Makes a tensor of what a pickle says of it.
 *
 * @param storage Its storage.
 * @param place Its first element, extents and strides.
 * @param format How its elements are stored.
 * @throws {SyntaxError} If they make no sense, or lie outside the storage.
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
      `a tensor's offset, extents and strides must be whole numbers from 0, current values are ` +
        `${shown(offset)}, ${shown(shape)}, ${shown(strides)}`,
    );
  }
  if (shape.length > MOST_AXES) throw new SyntaxError(`a tensor has ${shape.length} axes`);
  const { count, format: stored } = storage as TorchStorage;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const last = shape.reduce((last, extent, axis) => last + (extent - 1) * strides[axis], offset);
  if (size > count || (size > 0 && last >= count)) {
    throw new SyntaxError(
      `a tensor of extents [${shape}] and strides [${strides}] from ${offset} on lies outside its storage of ${count}`,
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
