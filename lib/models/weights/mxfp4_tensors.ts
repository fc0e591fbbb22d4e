/**
 * Weights in MXFP4, as gpt-oss stores its experts: 4-bit values in groups of 32 that share an exponent. They are
 * dequantised as they are read.
 *
 * Shapes: `E` experts, `I` inputs, `O` outputs. A tensor `name` of `[E, I, O]` is stored as two, output by output:
 * `name_blocks`, `[E, O, I / 32, 16]`, with two values per byte, the first in its lower bits; and `name_scales`,
 * `[E, O, I / 32]`, the exponents plus 127.
 *
 * Source: "OCP microscaling formats (MX) specification", version 1.0, 2023, section 5.3.
 *
 * @module
 */
import type { Json } from "../config/config_fields.ts";
import { TWICE_FP4 } from "./gguf/table_blocks.ts";
import { freshMemory, type ReadOptions, type TensorSource } from "./tensor_source.ts";
import type { WeightFiles } from "./weight_files.ts";

/** Values that share an exponent, and the bytes that hold them. */
const [BLOCK, BLOCK_BYTES] = [32, 16];

/** Whether a config.json declares MXFP4 weights. */
export function isMxfp4({ quantization_config: settings }: Json): boolean {
  return typeof settings === "object" && settings !== null && (settings as Json).quant_method === "mxfp4";
}

/** A tensor's shape once read. */
type Extents = [experts: number, inputs: number, outputs: number];

/** The tensors of files with MXFP4 weights. */
export class Mxfp4Tensors implements TensorSource {
  readonly path: string;
  readonly #quantized: ReadonlyMap<string, Extents>;

  /**
   * Finds the pairs of blocks and scales.
   *
   * @param files The files; they are closed with this object.
   * @throws {RangeError} If blocks and scales do not match; the message names them.
   */
  constructor(private readonly files: WeightFiles) {
    this.path = files.path;
    const blocks = [...files.names()].filter((name) => name.endsWith("_blocks"));
    this.#quantized = new Map(blocks.map((name) => [name.slice(0, -"_blocks".length), extentsOf(files, name)]));
  }

  *names(): Iterable<string> {
    for (const name of this.files.names()) {
      const base = name.replace(/_(blocks|scales)$/, "");
      if (base === name || !this.#quantized.has(base)) yield name;
      else if (name.endsWith("_blocks")) yield base;
    }
  }

  shape(name: string): readonly number[] {
    return this.#quantized.get(name) ?? this.files.shape(name);
  }

  async read(name: string, options: ReadOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const extents = this.#quantized.get(name);
    if (!extents) return await this.files.read(name, options);
    const [experts, inputs, outputs] = extents;
    const { rows = { from: 0, to: experts }, memory = freshMemory } = options;
    const numbers = memory((rows.to - rows.from) * inputs * outputs);
    const blocks = inputs / BLOCK * outputs;
    for (let expert = rows.from; expert < rows.to; expert++) {
      const bytes = await this.files.bytes(
        `${name}_blocks`,
        expert * blocks * BLOCK_BYTES,
        (expert + 1) * blocks * BLOCK_BYTES,
      );
      const scales = await this.files.bytes(`${name}_scales`, expert * blocks, (expert + 1) * blocks);
      const start = (expert - rows.from) * inputs * outputs;
      dequantize({ bytes, scales }, numbers.subarray(start, start + inputs * outputs), outputs);
    }
    return numbers;
  }

  async same(a: string, b: string): Promise<boolean> {
    return !this.#quantized.has(a) && !this.#quantized.has(b) && await this.files.same(a, b);
  }

  close(): void {
    this.files.close();
  }
}

/** Checks a pair of tensors against one another. */
function extentsOf(files: WeightFiles, blocksName: string): Extents {
  const scalesName = blocksName.replace(/blocks$/, "scales");
  if (!files.has(scalesName)) {
    throw new RangeError(`Cannot load ${files.path}: "${blocksName}" must have scales, there is no "${scalesName}"`);
  }
  const [blocks, scales] = [files.shape(blocksName), files.shape(scalesName)];
  if (blocks.length !== 4 || blocks[3] !== BLOCK_BYTES || blocks.slice(0, 3).join() !== scales.join()) {
    throw new RangeError(
      `Cannot load ${files.path}: "${blocksName}" must be [experts, outputs, blocks, ${BLOCK_BYTES}] and ` +
        `"${scalesName}" the same without the last, they are [${blocks}] and [${scales}]`,
    );
  }
  for (const name of [blocksName, scalesName]) {
    if (files.format(name) === "U8") continue;
    throw new TypeError(
      `Cannot load ${files.path}: "${name}" must be stored as U8, it is stored as ${files.format(name)}`,
    );
  }
  return [blocks[0], blocks[2] * BLOCK, blocks[1]];
}

/** Dequantises an expert, `[I, O]`, from blocks stored output by output. */
function dequantize(
  { bytes, scales }: Record<"bytes" | "scales", Uint8Array>,
  into: Float32Array,
  outputs: number,
): void {
  const perOutput = scales.length / outputs;
  for (let block = 0; block < scales.length; block++) {
    const scale = 2 ** (scales[block] - 128); // the table's numbers are twice as large
    const output = Math.floor(block / perOutput);
    let at = (block % perOutput) * BLOCK * outputs + output;
    for (let byte = block * BLOCK_BYTES; byte < (block + 1) * BLOCK_BYTES; byte++) {
      into[at] = scale * TWICE_FP4[bytes[byte] & 15];
      into[at + outputs] = scale * TWICE_FP4[bytes[byte] >> 4];
      at += 2 * outputs;
    }
  }
}
