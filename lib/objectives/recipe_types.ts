/**
 * Objectives and the like as plain data.
 *
 * @module
 */

/** A value in a recipe. Infinities are the texts `"inf"` and `"-inf"`, because JSON has none. */
export type RecipeValue =
  | string
  | number
  | boolean
  | null
  | readonly RecipeValue[]
  | { readonly [key: string]: RecipeValue };

/** A name and all options, defaults filled in. */
export interface NamedOptions {
  /** What it is. */
  readonly name: string;
  /** Its options. */
  readonly options: Readonly<Record<string, RecipeValue>>;
}

/** An objective as plain data. */
export interface ObjectiveRecipe extends NamedOptions {
  /**
   * What both models' logits are divided by.
   *
   * @default {1}
   */
  readonly temperature?: number;
}
