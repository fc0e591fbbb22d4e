/**
 * A model as estimates of memory and work know it.
 *
 * @module
 */
import type { LanguageModel } from "../../models/language_model.ts";

/** A model, loaded or only described. */
export type DescribedModel =
  & Pick<LanguageModel, "config" | "family">
  & Partial<Pick<LanguageModel, "lora" | "precision" | "packedBytes">>;
