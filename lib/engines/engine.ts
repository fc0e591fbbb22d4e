/**
 * An engine: a tensorflow.js backend that is started by name.
 *
 * @module
 */

/** The precision in which an engine stores and multiplies. Reductions and losses are always float32. */
export type Precision = "float32" | "bfloat16";

/**
 * How the parameters of a model that is not trained are stored: as numbers of a precision; its matrices in 8 or 4 bits, in
 * groups of which each has a scale; or those as they are stored in a GGUF file, in its own blocks.
 */
export type StoragePrecision = Precision | "int8" | "int4" | "stored";

/** Bits per value in quantised storage. */
export type PackedBits = 8 | 4;

/** Bits per value of quantised storage; undefined for floats. */
export const packedBits = (precision: StoragePrecision): PackedBits | undefined =>
  precision === "int8" ? 8 : precision === "int4" ? 4 : undefined;

/** Options for {@linkcode useEngine}. */
export interface EngineOptions {
  /**
   * The device, as the engine names it: `"cpu"`, `"cuda:0"`, …
   *
   * @default {the engine's fastest}
   */
  device?: string;
  /**
   * The precision of storage and products.
   *
   * @default {"float32"}
   */
  precision?: Precision;
  /**
   * CPU threads that the engine may use.
   *
   * @default {the engine's own choice}
   */
  threads?: number;
}

/**
 * How an engine computes attention: in one operation that stores no scores and skips masked positions, on packed rows
 * or on complete rows with a little padding; or composed of plain operations on rows padded to the longest, storing all
 * scores.
 */
export type AttentionKind = "packed" | "laid-out" | "composed";

/** An engine's abilities, as it declares them; estimates of work and memory, and checks of settings, rely on them. */
export interface EngineAbilities {
  /** How it computes attention. */
  attention: AttentionKind;
  /**
   * The optimizers, by the names of their update rules, whose steps it takes in place, without intermediate tensors.
   */
  fusedUpdates: readonly string[];
  /** The formats in which it can store a frozen model. */
  storage: readonly StoragePrecision[];
  /** The types of GGUF's blocks that it can hold as stored. */
  blocks: readonly string[];
  /**
   * Whether products are computed in bfloat16 in the current precision, so that float32 parameters have a bfloat16
   * copy.
   */
  halfCopies: boolean;
}

/** The abilities of engines with plain float32 operations. */
export const PLAIN_ABILITIES: EngineAbilities = {
  attention: "composed",
  fusedUpdates: [],
  storage: ["float32"],
  blocks: [],
  halfCopies: false,
};

/** The engine in use. */
export interface EngineInfo {
  /** The engine. */
  name: string;
  /** The version of the library that computes. */
  version: string;
  /** The device it computes on: `"cpu"`, `"cuda:0"`, an adapter's name. */
  device: string;
  /** Its precision of storage and products. */
  precision: Precision;
  /** Its abilities. */
  abilities: EngineAbilities;
  /** What it computes with where machines differ in that: instructions and threads. */
  means?: string;
}

/** An engine in the registry: one file in this folder, one entry of {@linkcode engines}. */
export interface Engine {
  /** Its name. */
  readonly name: string;
  /**
   * Makes the engine the backend of tensorflow.js.
   *
   * @throws {EngineUnavailableError} If something it needs is missing.
   */
  start(options: EngineOptions): Promise<EngineInfo>;
  /**
   * Why `"auto"` should skip the engine although it can be started; undefined if it should not.
   *
   * @throws {EngineUnavailableError} If it cannot be started.
   */
  unfitForAuto?(): Promise<string | undefined>;
}

/** An engine cannot be started here; the message names what is missing and how to get it. */
export class EngineUnavailableError extends Error {
  /** The error's name. */
  override name = "EngineUnavailableError";

  /**
   * Makes the error.
   *
   * @param engine The engine's name.
   * @param reason What is missing, and the remedy.
   */
  constructor(readonly engine: string, readonly reason: string, options?: ErrorOptions) {
    super(`Cannot use the engine "${engine}": ${reason}`, options);
  }
}

/**
 * Refuses options that a CPU-only float32 engine cannot honour.
 *
 * @throws {RangeError} If the precision is not float32 or the device is not the CPU.
 */
export function requireFloat32OnCpu(name: string, { device = "cpu", precision = "float32" }: EngineOptions): void {
  if (precision !== "float32") {
    throw new RangeError(`Cannot use the engine "${name}": precision must be float32, current value is ${precision}`);
  }
  if (device !== "cpu") {
    throw new RangeError(`Cannot use the engine "${name}": device must be cpu, current value is ${device}`);
  }
}
