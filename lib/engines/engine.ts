/**
 * What an engine is: a tensorflow.js backend that is started by name.
 *
 * @module
 */

/** How numbers are stored and multiplied by an engine. Reductions and losses are float32 in either. */
export type Precision = "float32" | "bfloat16";

/**
 * How the parameters of a model that is not trained are stored: as numbers of a precision; its matrices in 8 or 4 bits, in
 * groups of which each has a scale; or those as they are stored in a GGUF file, in its own blocks.
 */
export type StoragePrecision = Precision | "int8" | "int4" | "stored";

/** The bits of a number in storage of few bits. */
export type PackedBits = 8 | 4;

/** The bits of a number where storage is in few of them; undefined where it is in floats. */
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
   * How numbers are stored and multiplied.
   *
   * @default {"float32"}
   */
  precision?: Precision;
  /**
   * Threads of the processor that the engine may use.
   *
   * @default {the engine's own choice}
   */
  threads?: number;
}

/**
 * How an engine attends: in one operation that keeps no scores and leaves out what is masked, on rows as they are
 * packed or laid out whole with a little padding; or composed of plain operations on rows padded to the longest, scores
 * and all.
 */
export type AttentionKind = "packed" | "laid-out" | "composed";

/** What an engine can do, as it states itself; counts of work and memory, and checks of settings, go by it. */
export interface EngineAbilities {
  /** How it attends. */
  attention: AttentionKind;
  /** Optimizers, by the names of their rules, whose steps it takes in place, without tensors on the way. */
  fusedUpdates: readonly string[];
  /** The precisions in which it can store a model that is not trained. */
  storage: readonly StoragePrecision[];
  /** The types of GGUF's blocks that it can hold as stored. */
  blocks: readonly string[];
  /**
   * Whether products are made of bfloat16 in the precision in use, so that float32 parameters have a copy in it beside
   * them.
   */
  halfCopies: boolean;
}

/** What engines of plain operations in float32 can do. */
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
  /** How it stores and multiplies numbers. */
  precision: Precision;
  /** What it can do. */
  abilities: EngineAbilities;
}

/** An engine as the registry sees it: one file in this folder, one member of {@linkcode engines}. */
export interface Engine {
  /** Its name. */
  readonly name: string;
  /**
   * Makes the engine the backend of tensorflow.js.
   *
   * @throws {EngineUnavailableError} If something that it needs is missing.
   */
  start(options: EngineOptions): Promise<EngineInfo>;
  /**
   * Why `"auto"` should not take the engine although it can be started, or nothing.
   *
   * @throws {EngineUnavailableError} If it cannot be started.
   */
  unfitForAuto?(): Promise<string | undefined>;
}

/** An engine cannot be started here; the message names what is missing and how to get it. */
export class EngineUnavailableError extends Error {
  /** The error's name, as stacks show it. */
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
 * Refuses options that an engine of the processor's own arithmetic cannot honour.
 *
 * @throws {RangeError} If the precision is not float32 or the device is not the processor.
 */
export function requireFloat32OnCpu(name: string, { device = "cpu", precision = "float32" }: EngineOptions): void {
  if (precision !== "float32") {
    throw new RangeError(`Cannot use the engine "${name}": its precision is float32, current value is ${precision}`);
  }
  if (device !== "cpu") {
    throw new RangeError(`Cannot use the engine "${name}": its device is cpu, current value is ${device}`);
  }
}
