/**
 * The fields of `adapter_config.json`: those of `LoraConfig` in Python's `peft` 0.21, and of versions before it.
 *
 * @module
 */
import type { Json } from "../config/config_fields.ts";
import type { FieldRule, FieldRules, NeutralValue } from "../config/field_rules.ts";

const inert = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, "inert" as FieldRule]));

/** Ranks or scales of single projections, refused unless they equal those of all. */
const patternOf = (field: string): NeutralValue => ({
  required: `the "${field}" of all projections`,
  holds: (pattern: unknown, json: Json) =>
    typeof pattern === "object" && Object.values(pattern as Json).every((value) => value === json[field]),
});

/** How each field is treated. */
export const LORA_FIELDS: FieldRules = {
  // What the adapters are, and what they belong to.
  peft_type: "read",
  task_type: ["CAUSAL_LM"],
  base_model_name_or_path: "read",
  revision: "read",
  r: "read",
  lora_alpha: "read",
  lora_dropout: "read",
  use_rslora: "read",
  init_lora_weights: "read",
  // Which projections are adapted; the file's tensors are checked against it.
  target_modules: "read",
  exclude_modules: "read",
  layers_to_transform: "read",
  layers_pattern: "read",
  rank_pattern: patternOf("r"),
  alpha_pattern: patternOf("lora_alpha"),
  // Other computations.
  bias: ["none"],
  lora_bias: [false],
  use_dora: [false],
  use_qalora: [false],
  alora_invocation_tokens: [],
  modules_to_save: [],
  trainable_token_indices: [],
  target_parameters: [],
  layer_replication: [],

  velora_config: [],
  monteclora_config: [],
  use_bdlora: [],
  arrow_config: [],
  kasa_config: [],
  megatron_config: [],
  ensure_weight_tying: [false],
  enable_lora: [],
  // A projection's layout is known from its family; peft also corrects this field.
  ...inert("fan_in_fan_out"),
  // Settings of initializations, ignored unless init_lora_weights names them.
  ...inert("loftq_config", "eva_config", "corda_config", "lora_ga_config", "qalora_group_size"),
  ...inert("inference_mode", "auto_mapping", "peft_version", "megatron_core", "runtime_config", "merge_weights"),
  ...inert("unsloth_version", "unsloth_fixed"),
};
