/**
 * The parts of a `tokenizer.json` that depend on the kind of tokenizer.
 *
 * @module
 */
import type { Stage } from "../pipeline/stage.ts";

/** The stages, and whether the begin token is added. */
export interface Stages {
  normalizer: Stage | null;
  preTokenizer: Stage | null;
  decoder: Stage;
  model: Stage;
  /** Whether the begin token is added by default. */
  addsFirst: boolean;
  /** The tokens as this kind writes them, if different from the file. */
  tokens?: readonly string[];
}
