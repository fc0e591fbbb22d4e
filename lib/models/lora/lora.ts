/**
 * Low-rank adapters: small trainable matrices added to frozen projections.
 *
 * Shapes: `S` positions, `I` inputs and `O` outputs of a projection, `R` the rank.
 *
 * Source: E. J. Hu et al., "LoRA: low-rank adaptation of large language models", 2022.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hashText, randomStream } from "../../random/random.ts";
import { linear } from "../../operations/mod.ts";
import type { DropoutPass, ProjectionAdapter } from "../projection_adapter.ts";
import type { SplitStart } from "./lora_start.ts";
import { dropoutMask } from "./lora_dropout.ts";

/** Options for {@linkcode addLora}. */
export interface LoraOptions {
  /**
   * Inner width of the adapters.
   *
   * @default {16}
   */
  rank?: number;
  /**
   * An adapter's output is scaled by `alpha / rank`.
   *
   * @default {64}
   */
  alpha?: number;
  /**
   * Share of an adapter's inputs that are zeroed during training, in `[0, 1)`; the others are scaled up.
   *
   * @default {0}
   */
  dropout?: number;
  /**
   * The adapted projections: suffixes of their names, such as `q_proj`, or `all-linear`.
   *
   * @default {"q_proj" and "v_proj", or "c_attn" for GPT-2}
   */
  targets?: readonly string[];
  /**
   * The seed of the initial values and of dropout.
   *
   * @default {0}
   */
  seed?: number;
  /** The base model that the adapter's files name: a folder or a repository. */
  base?: string;
}

/** The settings of a model's adapters. */
export interface LoraSettings extends Readonly<Required<Omit<LoraOptions, "base">>> {
  /** The base model that their files name. */
  readonly base?: string;
  /** The revision of that repository. */
  readonly revision?: string;
  /** The factor on an adapter's output. */
  readonly scale: number;
  /**
   * The initialization that moved a part of the model's weights into the adapters, if any; see {@linkcode loadLora}.
   */
  readonly start?: SplitStart;
}

/** The adapter of one projection. It adds `scale · B A x`. */
export interface LoraPair {
  /** float32 `[R, I]`. */
  a: tf.Variable;
  /** float32 `[O, R]`. */
  b: tf.Variable;
}

/**
 * The adapters of a model.
 *
 * @example What is trained
 * ```ts
 * import { addLora, loadModel, type Lora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const lora: Lora = addLora(await loadModel("data/student-start"), { rank: 4, targets: ["c_attn"] });
 * for (const [name, { shape }] of lora.parameters) console.log(name, shape);
 * ```
 */
export class Lora {
  /**
   * Assembles adapters.
   *
   * @param pairs The adapters by the name of their projection, without `.weight`.
   * @param settings Rank and other settings.
   */
  constructor(
    readonly pairs: ReadonlyMap<string, LoraPair>,
    readonly settings: LoraSettings,
  ) {}

  /** The trainable parameters by name: `<projection>.lora_A.weight` and `<projection>.lora_B.weight`. */
  get parameters(): ReadonlyMap<string, tf.Variable> {
    return new Map(
      [...this.pairs].flatMap(([name, { a, b }]) => [
        [`${name}.lora_A.weight`, a],
        [`${name}.lora_B.weight`, b],
      ]),
    );
  }

  /** The addition to a projection's result, float32 `[S, O]`; undefined for projections without an adapter. */
  readonly add: ProjectionAdapter = (weightName, x, pass) => {
    const name = weightName.replace(/\.weight$/, "");
    const pair = this.pairs.get(name);
    if (!pair) return undefined;
    const { dropout, seed, scale } = this.settings;
    return tf.tidy(() => {
      const kept = pass && dropout > 0
        ? tf.mul(x, dropoutMask(x.shape, { dropout, stream: dropoutStream(name, seed, pass) }))
        : x;
      const inner = linear(kept, pair.a, { transposeWeight: true });
      return tf.mul(linear(inner, pair.b, { transposeWeight: true }), scale);
    });
  };

  /** Frees the adapters. */
  dispose(): void {
    for (const { a, b } of this.pairs.values()) tf.dispose([a, b]);
  }
}

const dropoutStream = (name: string, seed: number, { step, part }: DropoutPass) =>
  randomStream(hashText(`${name} ${step} ${part}`, seed));
