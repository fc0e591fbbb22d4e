/**
 * The rooms of `lib/` in their order: each may import from those before it and from none behind it. CONTRIBUTING.md shows
 * the same list.
 */
export const rooms: Readonly<Record<string, string>> = {
  arguments: "what a caller without types passed, checked",
  random: "seeded streams of random numbers, hashes of text",
  files: "whole files: lines, JSON, hashes, locks, atomic folders",
  html: "escaping, the head of a page",
  kernels: "how an operation becomes one call on an engine",
  hub: "models and data sets by name, and their cache",
  text: "tokenizers and prompts",
  distributed: "many processes, one run",
  distributions: "log-probabilities, their means, closed-form gradients",
  batches: "rows, their order, their packing",
  datasets: "where rows come from: corpora, files, prepared token stores",
  engines: "what computes: wasm, torch, tensorflow, webgpu, cpu",
  operations: "attention, norms, losses: compositions, or kernels of engines",
  models: "families, weights, adapters, generation",
  assistants: "the α-mixture and its schedules",
  divergences: "one divergence per file",
  objectives: "divergence × order × assistant; head and loss in chunks",
  teachers: "what a student learns from",
  training: "the step, the optimizer, data policies, runs and checkpoints",
  evaluation: "answers and their scores",
  planning: "time and memory on many devices",
  analysis: "the paper's analysis in float64",
  figures: "plots, reports and their pages",
  runs: "whole runs: recorders, reports, sweeps, comparisons",
  notebooks: "figures in cells, live runs, notebook files",
};
