/**
 * What the documentation says of CUDA, and the checks that prove it.
 *
 * @module
 */

/** A sentence of the documentation. */
export interface Claim {
  /** The page. */
  page: string;
  /** Its words, as they stand there. */
  says: string;
  /** Names of checks, all of which must be ok on a CUDA device. */
  checks: readonly string[];
}

/** Every claim about CUDA; a test holds the words to the pages, and finds claims that are missing here. */
export const claims: readonly Claim[] = [
  {
    page: "docs/engines.md",
    says: "`torch` computes on CUDA with `--device cuda:0`",
    checks: [
      "facts",
      "conformance-elementwise",
      "conformance-comparison",
      "conformance-reduction",
      "conformance-shape",
      "conformance-indexing",
      "conformance-product",
      "conformance-fused",
      "attention",
      "models",
      "generation",
      "reference-runs",
      "resume",
      "memory",
      "out-of-memory",
    ],
  },
  {
    page: "docs/engines.md",
    says: "CUDA needs no further permissions.",
    // Every process of the checks has permission for those folders alone.
    checks: ["facts", "cuda-loss"],
  },
  {
    page: "docs/engines.md",
    says:
      "On CUDA the loss of the α-mixture, for KL and αβ in every order, is one kernel that NVIDIA's run-time compiler",
    checks: ["cuda-loss", "golden-losses"],
  },
  {
    page: "docs/engines.md",
    says: "It reads both models' logits once and writes the gradient over the student's.",
    checks: ["loss-speed"],
  },
  {
    page: "docs/engines.md",
    says: "it is compiled for sm_80, sm_90 and sm_100",
    checks: ["cuda-compile"],
  },
  {
    page: "docs/engines.md",
    says: "`--precision bfloat16` on `torch` stores and multiplies in half the space.",
    checks: ["storage", "attention", "reference-runs", "step"],
  },
  {
    page: "docs/many_devices.md",
    says: "between GPUs.",
    checks: ["ranks"],
  },
  {
    page: "docs/many_devices.md",
    says: "`--shard-optimizer` shards the optimizer's state over the ranks (ZeRO-1).",
    checks: ["ranks"],
  },
];
