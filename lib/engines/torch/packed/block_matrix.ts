/**
 * Matrices in the blocks of a GGUF file, byte for byte.
 *
 * @module
 */
import { type GgufTensorType, TENSOR_TYPES } from "../../../files/gguf/tensor_types.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { BlockBytes, type BlockDecoder } from "./block_bytes.ts";
import { PackedMatrix } from "./packed_matrix.ts";
import { plainDecoders } from "./plain_decoders.ts";
import { superDecoders } from "./super_decoders.ts";

const DECODERS: Readonly<Partial<Record<GgufTensorType, BlockDecoder>>> = { ...plainDecoders, ...superDecoders };

/** The types of blocks that matrices are held in. */
export const BLOCK_TYPES: readonly GgufTensorType[] = Object.keys(DECODERS) as GgufTensorType[];

/** Extents of a matrix, and how it is stored. */
export interface BlockMatrixFacts {
  type: GgufTensorType;
  rows: number;
  columns: number;
}

/** A matrix in the blocks of a file; each number is to the bit what ggml makes of it. */
export class BlockMatrix extends PackedMatrix {
  readonly type: GgufTensorType;
  override readonly isExact = true;

  /**
   * Makes a matrix of memory that there is.
   *
   * @param torch The owner of the handle.
   * @param handles The blocks alone, uint8 `[rows, bytes of a row]`.
   */
  constructor(torch: Torch, readonly handles: readonly Handle[], { type, rows, columns }: BlockMatrixFacts) {
    super(torch, rows, columns);
    this.type = type;
  }

  /** Makes room for a matrix; its blocks are not set. */
  static empty(torch: Torch, facts: BlockMatrixFacts): BlockMatrix {
    const { blockSize, blockBytes } = TENSOR_TYPES[facts.type];
    return new BlockMatrix(
      torch,
      [torch.empty([facts.rows, facts.columns / blockSize * blockBytes], dtypes.uint8)],
      facts,
    );
  }

  protected override of(handles: readonly Handle[], rows: number): BlockMatrix {
    return new BlockMatrix(this.torch, handles, { type: this.type, rows, columns: this.columns });
  }

  protected override fill(into: Handle): void {
    const { torch, type, rows, columns, handles: [bytes] } = this;
    const { blockSize, blockBytes } = TENSOR_TYPES[type];
    DECODERS[type]!(new BlockBytes(torch, bytes, { count: rows * columns / blockSize, blockBytes, blockSize }), into);
  }

  override write(): never {
    throw new TypeError(`Cannot overwrite a matrix that is held as stored, in ${this.type}, with other numbers`);
  }
}
