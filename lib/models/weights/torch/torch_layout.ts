/**
 * The layout of a `torch.save` file: a zip archive, or, before version 1.6, several pickles followed by the data.
 *
 * Source: PyTorch, `torch/serialization.py`.
 *
 * @module
 */
import { type ReadAt, zipEntries, zipOffset } from "../../../files/zip_entries.ts";
import { bytesPerElement } from "../float_formats.ts";
import { PickleEnd } from "./pickle_bytes.ts";
import { torchNames } from "./torch_names.ts";
import type { TorchStorage } from "./torch_tensor.ts";
import { type PickleNames, type PickleValue, unpickle } from "./unpickle.ts";

/** A file's contents. */
export interface TorchLayout {
  /** The saved value. */
  value: PickleValue;
  /** The offset of each storage's elements, by its key. */
  storages: ReadonlyMap<string, number>;
}

/** The maximum size of a pickle; it holds names and shapes, no data. */
const LARGEST_PICKLE = 100_000_000;

/** The names of tensors; records every storage that is referenced. */
function noting(found: Map<string, TorchStorage>): PickleNames {
  const note = (storage: TorchStorage) => {
    const known = found.get(storage.key);
    if (known && known.format !== storage.format) {
      throw new SyntaxError(`storage ${storage.key} has elements in ${known.format} and in ${storage.format}`);
    }
    found.set(storage.key, storage);
  };
  return {
    ...torchNames,
    refer(id) {
      const storage = torchNames.refer(id) as TorchStorage;
      const whole = Array.isArray(id) ? id[4] as number : storage.count; // even if only a part of it is referenced
      note({ ...storage, first: 0, count: whole });
      return storage;
    },
  };
}

const byteLengthOf = ({ count, format }: TorchStorage): number => count * bytesPerElement[format];

/** Where the bytes of an archive's entries lie: `torch.save` stores them as they are. */
async function storedEntries(
  read: ReadAt,
  size: number,
): Promise<Map<string, { offset: number; byteLength: number }>> {
  const stored = new Map<string, { offset: number; byteLength: number }>();
  for (const [name, entry] of await zipEntries(read, size)) {
    const fault = entry.encrypted
      ? "is encrypted"
      : entry.method !== 0
      ? `is compressed, by method ${entry.method}`
      : entry.packed !== entry.size
      ? "lies outside the file"
      : undefined;
    if (fault) throw new SyntaxError(`its zip archive is broken: "${name}" ${fault}`);
    stored.set(name, { offset: await zipOffset(read, name, { entry, size }), byteLength: entry.packed });
  }
  return stored;
}

/**
 * Reads the layout of a zip archive.
 *
 * @param read Reads from the file.
 * @param size The file's length in bytes.
 * @throws {SyntaxError} If the archive or its pickle is broken, or a storage is incomplete.
 * @throws {TypeError} If the pickle names anything but tensors.
 */
export async function zipLayout(read: ReadAt, size: number): Promise<TorchLayout> {
  const entries = await storedEntries(read, size);
  const pickles = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw new SyntaxError(`its archive must have one data.pkl, it has ${pickles.length}`);
  const root = pickles[0].slice(0, -"data.pkl".length);
  const bytesOf = async (name: string) => {
    const { offset, byteLength } = entries.get(root + name)!;
    if (byteLength > LARGEST_PICKLE) throw new SyntaxError(`its ${name} has ${byteLength} bytes`);
    return await read(offset, byteLength);
  };
  if (entries.has(`${root}byteorder`)) {
    const order = new TextDecoder().decode(await bytesOf("byteorder"));
    if (order !== "little") {
      throw new SyntaxError(`it must be little-endian, it is ${JSON.stringify(order)}`);
    }
  }
  const found = new Map<string, TorchStorage>();
  const { value } = whole(await bytesOf("data.pkl"), { names: noting(found) });
  const storages = new Map<string, number>();
  for (const [key, storage] of found) {
    const entry = entries.get(`${root}data/${key}`);
    if (!entry || entry.byteLength !== byteLengthOf(storage)) {
      const has = entry ? `its archive has ${entry.byteLength}` : "its archive lacks it";
      throw new SyntaxError(`storage ${key} takes ${byteLengthOf(storage)} bytes, ${has}`);
    }
    storages.set(key, entry.offset);
  }
  return { value, storages };
}

/** The magic number of old files, and the version after it. */
const [MAGIC, VERSION] = [0x1950a86a20f9469cfc6cn, 1001];

/**
 * Reads the layout of an old file.
 *
 * @param read Reads from the file.
 * @param size The file's length in bytes.
 * @throws {SyntaxError} If a pickle is broken, or data is missing.
 * @throws {TypeError} If a pickle names anything but tensors.
 */
export async function oldLayout(read: ReadAt, size: number): Promise<TorchLayout> {
  // The length of the pickles is only known at their end: more of the file is read until they are complete.
  for (let length = Math.min(size, 2 ** 16);; length = Math.min(size, 4 * length)) {
    try {
      return await pickleLayout(await read(0, length), { read, size });
    } catch (error) {
      if (!(error instanceof PickleEnd)) throw error;
      if (length === size || length >= LARGEST_PICKLE) {
        throw new SyntaxError("it ends within its pickles; was it truncated?");
      }
    }
  }
}

async function pickleLayout(
  bytes: Uint8Array<ArrayBuffer>,
  { read, size }: { read: ReadAt; size: number },
): Promise<TorchLayout> {
  const found = new Map<string, TorchStorage>();
  const names = noting(found);
  let start = 0;
  const next = () => {
    const { value, end } = unpickle(bytes, { start, names });
    start = end;
    return value;
  };
  if (next() !== MAGIC || next() !== VERSION) throw new SyntaxError("it is a pickle, but not one of torch.save");
  const system = next();
  if (!(system instanceof Map) || system.get("little_endian") !== true) {
    throw new SyntaxError("it must be marked as little-endian");
  }
  const [value, keys] = [next(), next()];
  if (!Array.isArray(keys)) throw new SyntaxError("it has no list of its storages");
  const storages = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === "string" ? found.get(key) : undefined;
    if (!storage) throw new SyntaxError(`no tensor uses its storage ${JSON.stringify(key)}`);
    if (at + 8 + byteLengthOf(storage) > size) {
      throw new SyntaxError(`it ends within storage ${key}; was it truncated?`);
    }
    const head = await read(at, 8);
    const count = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
    if (count !== storage.count) {
      throw new SyntaxError(`storage ${key} must have ${storage.count} elements, current value is ${count}`);
    }
    storages.set(storage.key, at + 8);
    at += 8 + byteLengthOf(storage);
  }
  if (at !== size) throw new SyntaxError(`${size - at} bytes follow its last storage`);
  const lost = [...found.keys()].find((key) => !storages.has(key));
  if (lost !== undefined) throw new SyntaxError(`storage ${lost} is not in its list`);
  return { value, storages };
}

/** Reads a complete pickle. */
function whole(bytes: Uint8Array<ArrayBuffer>, options: { names: PickleNames }): { value: PickleValue } {
  try {
    return unpickle(bytes, options);
  } catch (error) {
    if (error instanceof PickleEnd) throw new SyntaxError("its pickle ends early");
    throw error;
  }
}
