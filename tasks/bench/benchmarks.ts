/**
 * The benchmarks by name.
 *
 * @module
 */
import { benchComm } from "./comm.ts";
import { benchFirst } from "./first.ts";
import { benchGenerate } from "./generate.ts";
import { benchLeak } from "./leak.ts";
import { benchLoad } from "./load.ts";
import { benchLoss } from "./loss.ts";
import { benchOverhead } from "./overhead.ts";
import { benchPeer } from "./peer.ts";
import { benchRanks } from "./ranks.ts";
import { benchRun } from "./run.ts";
import { benchStep } from "./step.ts";
import { benchTrl } from "./trl.ts";

/** Those of one line. */
export const benchmarks = {
  step: benchStep,
  loss: benchLoss,
  generate: benchGenerate,
  load: benchLoad,
  overhead: benchOverhead,
};

/** Those that need a file. */
export const ofFiles = { first: benchFirst, run: benchRun };

/** Those of several lines, or of several processes; a line whose `level` is false fails. */
export const series = { leak: benchLeak, peer: benchPeer, trl: benchTrl, comm: benchComm, ranks: benchRanks };

/** What `--help` shows. */
export const benchHelp = `Usage: deno task bench [BENCHMARK] [flags]

Measure this machine.

Benchmarks:
  step       the training step
  loss       head and loss alone, in chunks and at once
  generate   generation of responses
  load       loading of weights
  overhead   the overhead of a step besides its arithmetic
             without a name, all of these
  first      from a model's file to the first token of an answer
  run        a short run that a file describes
  leak       whether tensors or memory grow; status 1 where they do
  peer       step and generation against PyTorch, transformers and vLLM
  trl        a run against TRL's: both loss curves, seconds, memory
  comm       latency and bandwidth between ranks, under mpirun
  ranks      a data-parallel step, under mpirun

"deno task bench step --help" shows the flags of one.`;
