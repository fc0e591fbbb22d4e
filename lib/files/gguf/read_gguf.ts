/**
 * The header of a GGUF file, llama.cpp's model format: metadata and the tensors' offsets.
 *
 * A file is `GGUF`, a version, two counts, the metadata, the list of tensors, and, from the next multiple of the
 * alignment on, the tensors' data. It is not trusted: every count and length is checked against the file's size before
 * it is used.
 *
 * Source: ggml, `docs/gguf.md`.
 *
 * @module
 */
import { KIND_BYTES, otherThanBinary } from "../file_kinds.ts";
import { openToRead } from "../read_text.ts";
import { HeaderReader } from "./header_reader.ts";
import { type GgufValue, readMetadata } from "./metadata.ts";
import type { GgufHeader } from "./gguf_header.ts";
import { partPaths, wholeOfParts } from "./split_files.ts";
import { readTensorInfos } from "./tensor_infos.ts";

export type { GgufHeader } from "./gguf_header.ts";
export type { GgufList, GgufNumbers, GgufValue } from "./metadata.ts";
export type { GgufTensorInfo } from "./tensor_infos.ts";
export type { GgufTensorType } from "./tensor_types.ts";

/** Options for {@linkcode readGguf}. */
export interface ReadGgufOptions {
  /**
   * Whether lists of strings are skipped: the tokens and merges, which are long.
   *
   * @default {false}
   */
  withoutTexts?: boolean;
}

/** The alignment of offsets if the metadata does not set it. */
const USUAL_ALIGNMENT = 32;

/**
 * Reads the header of a GGUF file, or those of all files of a model that is split. No tensor is read.
 *
 * @param path The file; any part of a split model, such as `model-00001-of-00003.gguf`.
 * @param options What to skip.
 * @throws {Deno.errors.NotFound} If there is no such file, or one of the parts is absent.
 * @throws {SyntaxError} If a file does not follow its format; the message names the file, the key or tensor, and the
 * reason.
 * @throws {Error} If it cannot be read; the message names it.
 */
export async function readGguf(path: string, options: ReadGgufOptions = {}): Promise<GgufHeader> {
  const header = await readPart(path, options);
  const paths = partPaths(header);
  if (paths.length === 1) return header;
  const parts: GgufHeader[] = [];
  for (const part of paths) parts.push(part === path ? header : await readPart(part, options));
  return wholeOfParts(parts);
}

async function readPart(path: string, options: ReadGgufOptions): Promise<GgufHeader> {
  using file = await openToRead(path);
  const reader = new HeaderReader(file, path, (await file.stat()).size);
  const version = readVersion(reader);
  const count = reader.uint64("the count of its tensors");
  const metadata = readMetadata(reader, { count: reader.uint64("the count of its metadata"), ...options });
  const tensors = readTensorInfos(reader, { count, alignment: alignmentOf(reader, metadata) });
  return { path, paths: [path], version, metadata, tensors };
}

function readVersion(reader: HeaderReader): number {
  const start = reader.peek(KIND_BYTES);
  if (new TextDecoder("latin1").decode(start.subarray(0, 4)) !== "GGUF") {
    const kind = otherThanBinary(start);
    throw reader.corrupt(
      kind === undefined
        ? `a GGUF file starts with "GGUF", this one with ${start.subarray(0, 4)}`
        : `GGUF is needed, it is ${kind}`,
    );
  }
  reader.uint32("its start");
  const version = reader.uint32("the version");
  if (version === 2 || version === 3) return version;
  const reason = version !== 0 && version % 2 ** 16 === 0
    ? "it must be little-endian, it is big-endian"
    : `the version of GGUF must be 2 or 3, current value is ${version}`;
  throw reader.corrupt(`${reason}; llama.cpp's convert_hf_to_gguf.py writes a file that can be read`);
}

function alignmentOf(reader: HeaderReader, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? USUAL_ALIGNMENT;
  if (typeof alignment === "number" && alignment > 0 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw reader.corrupt(`"general.alignment" must be a power of two, current value is ${alignment}`);
}
