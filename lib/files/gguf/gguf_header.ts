/**
 * The header of a GGUF file.
 *
 * @module
 */
import type { GgufValue } from "./metadata.ts";
import type { GgufTensorInfo } from "./tensor_infos.ts";

/** The header of a model's file, or the merged headers of its files if it is split. */
export interface GgufHeader {
  /** The file; the first if there are several. */
  path: string;
  /** All files of the model. */
  paths: readonly string[];
  /** The version of the format: 2 or 3. */
  version: number;
  /** Values by key, in the order of the file. */
  metadata: ReadonlyMap<string, GgufValue>;
  /** Tensors by name, in the order of the file. */
  tensors: ReadonlyMap<string, GgufTensorInfo>;
}
