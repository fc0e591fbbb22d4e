/**
 * What a GGUF file says of the model in it.
 *
 * @module
 */
import type { GgufValue } from "./metadata.ts";
import type { GgufTensorInfo } from "./tensor_infos.ts";

/** What the header of a model's file says, or those of its files together where it is split. */
export interface GgufHeader {
  /** The file; the first where there are several. */
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
