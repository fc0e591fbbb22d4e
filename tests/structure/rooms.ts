/**
 * The rooms of `lib/` in their order: each may import from those before it and from none behind it. CONTRIBUTING.md shows
 * the same list.
 */
export const rooms: Readonly<Record<string, string>> = {
  arguments: "what a caller without types passed, checked",
  random: "seeded streams of random numbers, hashes of text",
  files: "reading and writing whole files: lines, JSON, hashes, locks, atomic folders",
  html: "escaping, the head of a page",
  kernels: "how an operation becomes one call on an engine, and what both sides agree on",
  hub: "models and data sets by name, and their cache",
  text: "tokenizers and prompts",
  distributed: "many processes, one run: communicators, dealing, agreement",
  distributions: "log-probabilities, means of distributions, closed-form gradients",
  batches: "rows, their order, their packing",
  datasets: "where rows come from: corpora, files, prepared token stores",
  engines: "what computes: wasm, torch, tensorflow, webgpu, cpu",
  operations: "attention, norms, losses: a composition each, or the engine's kernel",
  models: "families, weights, adapters, generation",
  assistants: "the α-mixture and its schedules",
  divergences: "one divergence per file",
  objectives: "divergence × order × assistant; head and loss in chunks",
  teachers: "what a student learns from",
  training: "the step, the optimizer, data policies, whole runs and their checkpoints",
  evaluation: "answers and their scores",
  planning: "time and memory on many devices",
  analysis: "the paper's analysis in float64: gradients, toys, fits",
  figures: "plots, reports and their pages",
  runs: "whole runs: recorders, scores, reports, sweeps, comparisons",
  notebooks: "figures in cells, live runs, notebook files",
};
