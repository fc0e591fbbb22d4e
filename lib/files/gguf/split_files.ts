/**
 * A model in several GGUF files, as `llama-gguf-split` writes them: `name-00001-of-00003.gguf` and so on, each with its
 * part number in its metadata.
 *
 * @module
 */
import type { GgufValue } from "./metadata.ts";
import type { GgufHeader } from "./gguf_header.ts";
import type { GgufTensorInfo } from "./tensor_infos.ts";

const PART_NAME = /-(\d{5})-of-(\d{5})\.gguf$/;

/** The most parts that five digits can number. */
const MOST_PARTS = 99_999;

/**
 * The paths of all files of the model that a file belongs to.
 *
 * @param header The file's header.
 * @throws {SyntaxError} If its name does not match the part number in its metadata.
 */
export function partPaths({ path, metadata }: Pick<GgufHeader, "path" | "metadata">): string[] {
  const count = wholeNumber(path, metadata, "split.count") ?? 1;
  if (count <= 1) return [path];
  const [, number, total] = PART_NAME.exec(path) ?? [];
  const part = wholeNumber(path, metadata, "split.no");
  if (count > MOST_PARTS || part === undefined || Number(number) !== part + 1 || Number(total) !== count) {
    throw new SyntaxError(
      `Cannot read ${path}: it is part ${
        part === undefined ? "?" : part + 1
      } of ${count} by its metadata, its name must ` +
        `end in -${digits((part ?? 0) + 1)}-of-${digits(count)}.gguf`,
    );
  }
  const start = path.replace(PART_NAME, "");
  return Array.from({ length: count }, (_, index) => `${start}-${digits(index + 1)}-of-${digits(count)}.gguf`);
}

/**
 * The header of the whole model: the metadata of the first file, the tensors of all.
 *
 * @throws {SyntaxError} If the files do not belong together.
 */
export function wholeOfParts(parts: readonly GgufHeader[]): GgufHeader {
  const [{ path, version, metadata }] = parts;
  const tensors = new Map<string, GgufTensorInfo>();
  for (const [index, part] of parts.entries()) {
    const number = wholeNumber(part.path, part.metadata, "split.no");
    const count = wholeNumber(part.path, part.metadata, "split.count");
    if (number !== index || count !== parts.length) {
      throw new SyntaxError(
        `Cannot read ${part.path}: it must be part ${index + 1} of ${parts.length}, by its metadata it is part ` +
          `${number === undefined ? "?" : number + 1} of ${count ?? "?"}`,
      );
    }
    for (const [name, info] of part.tensors) {
      const other = tensors.get(name);
      if (other) throw new SyntaxError(`Cannot read ${part.path}: it holds "${name}", as ${other.path} does`);
      tensors.set(name, info);
    }
  }
  const claimed = wholeNumber(path, metadata, "split.tensors.count");
  if (claimed !== undefined && claimed !== tensors.size) {
    throw new SyntaxError(`Cannot read ${path}: its parts must hold ${claimed} tensors, they hold ${tensors.size}`);
  }
  return { path, paths: parts.map(({ path }) => path), version, metadata, tensors };
}

function wholeNumber(path: string, metadata: ReadonlyMap<string, GgufValue>, key: string): number | undefined {
  const value = metadata.get(key);
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) return value;
  throw new SyntaxError(`Cannot read ${path}: "${key}" must be a whole number, current value is ${value}`);
}

const digits = (number: number): string => String(number).padStart(5, "0");
