/**
 * The configuration of a routed inner layer, read from the families' config.json files.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, flag, type Json } from "../config/config_fields.ts";
import type { FieldRules } from "../config/field_rules.ts";

/** The fields of families with experts. */
export const EXPERT_FIELDS: FieldRules = read(
  "num_experts",
  "num_local_experts",
  "num_experts_per_tok",
  "router_aux_loss_coef",
  "output_router_logits",
);

/** The inner layer of a mixture of experts. */
export interface ExpertsConfig {
  /** Experts of a layer, `E`. */
  count: number;
  /** Experts that each position goes to, `k`. */
  chosen: number;
  /** The width of an expert's inner layer. */
  innerSize: number;
  /** Whether that is the width of the model's inner layers, or one of its own. */
  innerAxis: "inner" | "fixed";
  /** Whether the weights of the chosen experts add up to 1. */
  normalized: boolean;
  /** What the balance loss is multiplied by in training. */
  balanceWeight: number;
  /** The name of the router within a block. */
  router: string;
  /** What the names of the experts' parts begin with, within a block. */
  name: string;
  /** How the experts of a layer are stored, and what they compute. */
  form: SingleExperts | StackedExperts;
}

/** Experts of which each is a gated inner layer with projections of its own: the ends of their names. */
export interface SingleExperts {
  /** The projection to which the model's activation is applied. */
  gate: string;
  up: string;
  down: string;
}

/**
 * Experts of which those of a layer lie in one tensor, with biases, gate and up being neighbours in one projection.
 * They answer `(up + 1) · gate · σ(alpha · gate)`, the gate being at most `limit`, and up at most `limit` on both sides
 * of 0.
 */
export interface StackedExperts {
  alpha: number;
  limit: number;
}

/** Whether the experts of a layer lie in one tensor. */
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
 * Reads what all families have. The balance loss has the weight `router_aux_loss_coef` where `output_router_logits`
 * asks for it, else none, as in transformers.
 *
 * @throws {RangeError | TypeError} If a field is invalid; the message names it.
 */
export function readExperts(
  json: Json,
  defaults: ExpertDefaults,
): Pick<ExpertsConfig, "count" | "chosen" | "balanceWeight"> {
  const names = ["num_local_experts", "num_experts"];
  const given = names.filter((name) => json[name] != null);
  const [field = names[0]] = given;
  const experts = count(json, field, defaults.count);
  if (given.length === 2 && json[given[1]] !== experts) {
    throw new RangeError(
      `Cannot read config.json: "num_experts" must be "num_local_experts", which is ${experts}, current value is ` +
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
      `Cannot read config.json: "router_aux_loss_coef" must be a number from 0, current value is ` +
        JSON.stringify(coefficient),
    );
  }
  return { count: experts, chosen, balanceWeight: flag(json, "output_router_logits", false) ? coefficient : 0 };
}
