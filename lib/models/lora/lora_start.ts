/**
 * How adapters started, by the names that Python's `peft` gives it, and what that did to the model they belong to.
 *
 * @module
 */
import { show } from "../config/config_fields.ts";

/** A start that takes a part of the model's weights away, which the adapters then begin with. */
export type SplitStart = "pissa" | "olora";

/** Starts that leave the model's weights as they are. */
const PLAIN: readonly unknown[] = [true, false, "gaussian", "orthogonal", "eva"];

/** Names that peft reads in capitals too. */
const ANY_CASE = /^(gaussian|olora|mica)$/i;

/** What cannot be made again from the model and the folder alone, and why. */
const REFUSED: readonly [name: RegExp, reason: string][] = [
  [/^pissa_niter_\d+$/, "takes a part found from random numbers out of the weights, another one each time"],
  [/^corda$/, "takes a part that depends on data out of the weights"],
  [/^lora_ga$/, "takes a part that depends on gradients out of the weights"],
  [/^loftq$/, "replaces the weights by quantized ones"],
  [/^mica$/, "trains one of its two matrices only"],
];

/**
 * Reads how adapters started.
 *
 * @param value `init_lora_weights`; absent is true.
 * @param path The file, for messages.
 * @returns The start that changed the model's weights; nothing for one that left them as they are.
 * @throws {RangeError} If the start is unknown, or one that cannot be made again; the message names it.
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
      (reason?.includes("out of the weights")
        ? ". In peft, save_pretrained(folder, path_initial_model_for_weight_conversion=…) makes plain adapters of such"
        : ""),
  );
}
