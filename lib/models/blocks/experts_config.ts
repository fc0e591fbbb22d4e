/**
 * The configuration of a mixture of experts, read from the families' config.json files.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, flag, type Json } from "../config/config_fields.ts";
import type { FieldRules } from "../config/field_rules.ts";

/** The names of the number of experts; transformers takes each for the other. */
export const EXPERT_COUNTS = ["num_local_experts", "num_experts"] as const;

/** The fields of families with experts. */
export const EXPERT_FIELDS: FieldRules = read(
  ...EXPERT_COUNTS,
  "num_experts_per_tok",
  "router_aux_loss_coef",
  "output_router_logits",
);

/** The inner layer of a mixture of experts. */
export interface ExpertsConfig {
  /** Experts of a layer, `E`. */
  count: number;
  /** Experts per position, `k`. */
  chosen: number;
  /** The width of an expert's inner layer. */
  innerSize: number;
  /** Whether that is the width of the model's inner layers, or a separate one. */
  innerAxis: "inner" | "fixed";
  /** Whether the weights of the chosen experts are normalised to sum to 1. */
  normalized: boolean;
  /** The weight of the balance loss in training. */
  balanceWeight: number;
  /** The name of the router within a block. */
  router: string;
  /** The prefix of the experts' names within a block. */
  name: string;
  /** How the experts of a layer are stored, and what they compute. */
  form: SingleExperts | StackedExperts;
}

/** Experts that are separate gated inner layers: the suffixes of their names. */
export interface SingleExperts {
  /** The projection that the activation is applied to. */
  gate: string;
  up: string;
  down: string;
}

/**
 * Experts stacked in one tensor per layer, with biases, gate and up interleaved in one projection. They compute
 * `(up + 1) · gate · σ(alpha · gate)`, with the gate clamped to at most `limit` and up to `±limit`.
 */
export interface StackedExperts {
  alpha: number;
  limit: number;
}

/** Whether the experts of a layer are stacked in one tensor. */
export const areStacked = (form: ExpertsConfig["form"]): form is StackedExperts => "limit" in form;

/** The names of most families: a router `mlp.gate`, experts `mlp.experts.0` and on, each named as an inner layer. */
export const GATED_EXPERTS: Pick<ExpertsConfig, "router" | "name" | "form"> = {
  router: "mlp.gate",
  name: "mlp.experts",
  form: { gate: "gate_proj", up: "up_proj", down: "down_proj" },
};

/** Default values of fields. */
export interface ExpertDefaults {
  count: number;
  chosen: number;
  balanceWeight: number;
}

/**
 * Reads the fields that all families have. The balance loss has the weight `router_aux_loss_coef` if
 * `output_router_logits` is set, otherwise 0, as in transformers.
 *
 * @throws {RangeError | TypeError} If a field is invalid; the message names it.
 */
export function readExperts(
  json: Json,
  defaults: ExpertDefaults,
): Pick<ExpertsConfig, "count" | "chosen" | "balanceWeight"> {
  const given = EXPERT_COUNTS.filter((name) => json[name] != null);
  const [field = EXPERT_COUNTS[0]] = given;
  const experts = count(json, field, defaults.count);
  if (given.length === 2 && json[given[1]] !== experts) {
    throw new RangeError(
      `Cannot read config.json: "num_experts" must equal "num_local_experts" ${experts}, current value is ` +
        `${JSON.stringify(json[given[1]])}`,
    );
  }
  const chosen = count(json, "num_experts_per_tok", defaults.chosen);
  if (chosen > experts) {
    throw new RangeError(
      `Cannot read config.json: "num_experts_per_tok" must be at most "${field}" ${experts}, current value is ${chosen}`,
    );
  }
  const coefficient = json.router_aux_loss_coef ?? defaults.balanceWeight;
  if (typeof coefficient !== "number" || !(coefficient >= 0 && coefficient < Infinity)) {
    throw new TypeError(
      `Cannot read config.json: "router_aux_loss_coef" must be a non-negative number, current value is ` +
        JSON.stringify(coefficient),
    );
  }
  return { count: experts, chosen, balanceWeight: flag(json, "output_router_logits", false) ? coefficient : 0 };
}
