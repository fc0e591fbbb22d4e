/**
 * What of a `tokenizer.json` depends on the kind of tokenizer.
 *
 * @module
 */
import type { Stage } from "../pipeline/stage.ts";

/** The stages, and what comes before a text. */
export interface Stages {
  normalizer: Stage | null;
  preTokenizer: Stage | null;
  decoder: Stage;
  model: Stage;
  /** Whether a text begins with the first token where the file does not say. */
  addsFirst: boolean;
  /** The tokens as this kind writes them, where that differs from the file. */
  tokens?: readonly string[];
}
