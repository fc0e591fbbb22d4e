/**
 * The project's own CUDA kernels: compiled for each architecture, run on the processor, run on the device.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import { Nvrtc } from "../../../lib/engines/torch/cuda/nvrtc.ts";
import { amidLossSource } from "../../../lib/engines/torch/cuda/source/amid_loss.ts";
import { amidLossVariant } from "../../../lib/engines/torch/cuda/variant.ts";
import { amidLoss } from "../../../lib/operations/amid_loss.ts";
import { nearestBfloat16, throughBfloat16 } from "../../../tests/engines/torch/cuda/device_functions.ts";
import { hasCompiler } from "../../../tests/support/has_compiler.ts";
import { type HostCase, type HostResult, onHost } from "../../../tests/engines/torch/cuda/host_kernel.ts";
import { lossCases, lossError, lowCases, wideCases } from "../../../tests/engines/torch/cuda/loss_cases.ts";
import { type Case, type Check, type Finding, notOk, ok, onCuda, type Place, skipped } from "../check.ts";
import { start, stored, torchBackend } from "../engine.ts";

/** The architectures of A100, H100 and H200, B200. */
const ARCHITECTURES = ["sm_80", "sm_90", "sm_100"];

function compiled(architecture: string): Finding {
  let compiler: Nvrtc;
  try {
    compiler = new Nvrtc();
  } catch (error) {
    if (error instanceof EngineUnavailableError) return skipped(error.reason);
    throw error;
  }
  const variants = [...lossCases, ...lowCases].map(({ specification, elements }) =>
    amidLossVariant(specification, elements).macros
  );
  const distinct = [...new Map(variants.map((macros) => [JSON.stringify(macros), macros])).values()];
  // All variants would take minutes: every eighth has each form of the mean and of the divergence.
  const few = distinct.filter((_, i) => i % 8 === 0);
  const began = performance.now();
  const bytes = few.map((macros) =>
    compiler.compile(amidLossSource, { name: "amid_loss.cu", architecture, macros }).length
  );
  const each = (performance.now() - began) / 1000 / few.length;
  return ok(`${few.length} variants by NVRTC ${compiler.version}, ${each.toFixed(2)} s each`, { values: { bytes } });
}

/** Compilation. */
export const cudaCompile: Check = {
  name: "cuda-compile",
  group: "CUDA kernels",
  about: "NVIDIA's compiler builds the loss kernel for every architecture",
  seconds: 90,
  withoutEngine: true,
  skip: ({ engine }) => engine === "torch" ? undefined : "only torch has kernels for CUDA",
  cases: (): Case[] => ARCHITECTURES.map((architecture) => ({ name: architecture, run: () => compiled(architecture) })),
  expanded: true,
};

function judged(cases: readonly HostCase[], results: readonly HostResult[]): Finding {
  const errors = results.map((result, i) => lossError(cases[i], result));
  const worst = errors.indexOf(Math.max(...errors));
  const figure = `${cases.length} cases, largest error ${(100 * errors[worst]).toFixed(0)} % of what is allowed`;
  if (errors[worst] <= 1) return ok(figure);
  const { specification, vocabulary, elements } = cases[worst];
  return notOk(`worst: ${JSON.stringify({ ...specification, vocabulary, elements })}`, { figure });
}

async function rounding(): Promise<Finding> {
  const words = Uint32Array.from(
    { length: 6 * 65536 },
    (_, i) => Math.floor(i / 6) * 65536 + [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff][i % 6],
  );
  const values = new Float32Array(words.buffer);
  const found = await throughBfloat16(values);
  const wrong = found.findIndex((value, i) => !Object.is(value, nearestBfloat16(values[i])));
  if (wrong >= 0) return notOk(`${values[wrong]} became ${found[wrong]}, not ${nearestBfloat16(values[wrong])}`);
  return ok(`${values.length} numbers, among them NaN, infinities and subnormals`);
}

/** On the processor. */
export const cudaOnProcessor: Check = {
  name: "cuda-on-processor",
  group: "CUDA kernels",
  about: "the kernels' source, compiled by g++, has the losses and gradients of double precision",
  seconds: 120,
  withoutEngine: true,
  runs: () => "any",
  skip: ({ engine }) => engine === "torch" ? undefined : "only torch has kernels for CUDA",
  cases(): Case[] {
    if (!hasCompiler()) return [{ name: "compiler", run: () => skipped("there is no g++") }];
    // All are compiled into one program, which the first result starts.
    const groups = { "losses": lossCases, "blocks of 1,024 threads": wideCases, "logits in bfloat16": lowCases };
    const results = Object.entries(groups).map(([name, cases]) => ({ name, cases, results: onHost(cases) }));
    return [
      { name: "rounding to bfloat16", run: rounding },
      ...results.map(({ name, cases, results }) => ({ name, run: async () => judged(cases, await results()) })),
    ];
  },
  expanded: true,
};

/** Runs a case by the engine's kernel; undefined where it has none for it. */
async function onDevice(one: HostCase, place: Place): Promise<HostResult | undefined> {
  await start(place);
  const rows = one.labels.length;
  const shape: [number, number] = [rows, one.vocabulary];
  const [student, teacher] = (["student", "teacher"] as const).map((name) =>
    stored(tf.tensor2d(one[name], shape), one.elements[name])
  );
  const labels = Int32Array.from(one.labels);
  const { specification, divergenceScale, nextTokenScale } = one;
  const found = amidLoss({ student, teacher, labels }, specification, { divergenceScale, nextTokenScale });
  if (!found) return undefined;
  const read = async (tensor: tf.Tensor) => await tensor.data() as Float32Array;
  const { values, nextToken, gradient } = found;
  const result = { values: await read(values), nextToken: await read(nextToken), gradient: await read(gradient) };
  tf.dispose([student, teacher, values, nextToken, gradient]);
  return result;
}

function group(name: string, cases: readonly HostCase[], place: Place): Case {
  return {
    name,
    async run() {
      const results: HostResult[] = [];
      for (const one of cases) {
        const result = await onDevice(one, place);
        if (!result) return notOk(`the kernel does not take ${one.vocabulary} tokens in ${one.elements.student}`);
        results.push(result);
      }
      return judged(cases, results);
    },
  };
}

async function tooLarge(place: Place): Promise<Finding> {
  await start(place);
  const most = torchBackend()!.torch.library.cuda!.largestSharedBytes;
  const vocabulary = Math.floor(most / 8) + 1000;
  const case_ = { ...wideCases[0], vocabulary, teacher: new Float32Array(2 * vocabulary) };
  const found = await onDevice({ ...case_, student: new Float32Array(2 * vocabulary) }, place);
  return found ? notOk("the kernel took rows larger than its memory") : ok(`${vocabulary} tokens are left to others`);
}

/** On the device. */
export const cudaLoss: Check = {
  name: "cuda-loss",
  group: "CUDA kernels",
  about: "the loss kernel, launched on the device, has the losses and gradients of double precision",
  seconds: 200,
  skip: (place) => onCuda(place) ? undefined : "it needs a CUDA device",
  cases: (place) => [
    group("losses", lossCases, place),
    group("blocks of 1,024 threads", wideCases, place),
    group("logits in bfloat16", lowCases, place),
    { name: "rows that do not fit", run: () => tooLarge(place) },
  ],
  expanded: true,
};
