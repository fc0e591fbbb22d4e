/**
 * How adapters were initialized, by `peft`'s names, and how that changed the base model.
 *
 * @module
 */
import { show } from "../config/config_fields.ts";

/** An initialization that moves a part of the model's weights into the adapters. */
export type SplitStart = "pissa" | "olora";

/** Initializations that do not change the model's weights. */
const PLAIN: readonly unknown[] = [true, false, "gaussian", "orthogonal", "eva"];

/** Names that peft also accepts in upper case. */
const ANY_CASE = /^(gaussian|olora|mica)$/i;

/** Initializations that cannot be reproduced from the model and the folder alone, and why. */
const REFUSED: readonly [name: RegExp, reason: string][] = [
  [/^pissa_niter_\d+$/, "subtracts a part found by random sampling from the weights, a different one each time"],
  [/^corda$/, "subtracts a part that depends on data from the weights"],
  [/^lora_ga$/, "subtracts a part that depends on gradients from the weights"],
  [/^loftq$/, "replaces the weights by quantized ones"],
  [/^mica$/, "trains one of its two matrices only"],
];

/**
 * Reads how adapters were initialized.
 *
 * @param value `init_lora_weights`; absent means true.
 * @param path The file, for messages.
 * @returns The initialization that changed the model's weights; undefined for one that did not.
 * @throws {RangeError} If the initialization is unknown or cannot be reproduced; the message names it.
 */
export function readLoraStart(value: unknown, path: string): SplitStart | undefined {
  const name = typeof value === "string" && ANY_CASE.test(value) ? value.toLowerCase() : value ?? true;
  if (PLAIN.includes(name)) return undefined;
  if (name === "pissa" || name === "olora") return name;
  const reason = REFUSED.find(([known]) => known.test(String(name)))?.[1];
  const supported = [...PLAIN, "pissa", "olora"].map(show).join(", ");
  throw new RangeError(
    `Cannot read ${path}: "init_lora_weights" must be one of ${supported}, current value is ${show(value)}` +
      (reason === undefined ? "" : `, which ${reason}`) +
      (reason?.includes("from the weights")
        ? ". In peft, save_pretrained(folder, path_initial_model_for_weight_conversion=…) converts such adapters to plain ones"
        : ""),
  );
}
