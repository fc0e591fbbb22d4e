/** The loss kernel's own source, compiled by g++ for the processor, a namespace a variant. */
import { amidLossArguments } from "../../../../lib/engines/torch/cuda/amid_loss.ts";
import { amidLossSource } from "../../../../lib/engines/torch/cuda/source/amid_loss.ts";
import { amidLossVariant, type LogitElements } from "../../../../lib/engines/torch/cuda/variant.ts";
import type { AmidLossSpecification } from "../../../../lib/operations/amid_loss.ts";
import { assert } from "../../../support/assert.ts";
import { runProgram } from "./run_program.ts";

/** Rows of logits to run a variant on. */
export interface HostCase {
  specification: AmidLossSpecification;
  elements: LogitElements;
  vocabulary: number;
  /** `[rows, vocabulary]`, one after another. */
  teacher: Float32Array;
  student: Float32Array;
  labels: readonly number[];
  divergenceScale: number;
  nextTokenScale: number;
  /**
   * Threads of the block.
   *
   * @default {64, several warps, so that sums cross them}
   */
  threads?: number;
}

/** What the kernel wrote. */
export interface HostResult {
  values: Float32Array;
  nextToken: Float32Array;
  gradient: Float32Array;
}

const together: HostCase[] = [];
let results: Promise<HostResult[]> | undefined;

/**
 * Puts cases into the program that runs them all, since compiling one for each test would take longest.
 *
 * @param cases Cases, before any result is asked for.
 * @returns Their results; the first call compiles and runs the program.
 */
export function onHost(cases: readonly HostCase[]): () => Promise<HostResult[]> {
  assert(results === undefined, "the program is compiled");
  const from = together.length;
  together.push(...cases);
  return async () => (await (results ??= runOnHost(together))).slice(from, from + cases.length);
}

/** Compiles the variants that the cases need and runs them all. */
async function runOnHost(cases: readonly HostCase[]): Promise<HostResult[]> {
  const variants = cases.map(({ specification, elements }) => amidLossVariant(specification, elements));
  const keys = variants.map(({ macros }) => JSON.stringify(macros));
  const distinct = [...new Set(keys)];
  const input = cases.flatMap((one, i) => encode(one, distinct.indexOf(keys[i]), variants[i].numbers));
  const source = program(distinct.map((key) => JSON.parse(key)));
  const options = { files: { "kernel.h": amidLossSource }, optimization: "-O0" } as const;
  const output = new Float32Array(await runProgram(source, input, options));
  let at = 0;
  const take = (count: number) => output.slice(at, at += count);
  return cases.map(({ labels: { length }, vocabulary }) => ({
    values: take(length),
    nextToken: take(length),
    gradient: take(length * vocabulary),
  }));
}

function encode(one: HostCase, variant: number, numbers: Float32Array): ArrayBufferView[] {
  const { labels, vocabulary, teacher, student, threads = 64 } = one;
  // The very bytes that a launch passes, but for the addresses.
  const nowhere = { teacher: 0n, student: 0n, labels: 0n, values: 0n, nextToken: 0n };
  const strides = { teacherStride: vocabulary, studentStride: vocabulary };
  const { temperature = 1 } = one.specification;
  const parameter = amidLossArguments({ ...nowhere, ...strides, vocabulary, temperature }, { ...one, numbers });
  return [
    Int32Array.of(variant, labels.length, vocabulary, threads, parameter.length),
    parameter,
    Int32Array.from(labels),
    teacher,
    student,
  ];
}

/** Logits come and go as float32; the program stores them as each variant does. */
function program(variants: Record<string, string | number>[]): string {
  const names = Object.keys(variants[0]);
  const namespaces = variants.map((macros, i) =>
    [
      ...names.flatMap((name) => [`#undef ${name}`, `#define ${name} ${macros[name]}`]),
      `namespace v${i} {`,
      `#include "kernel.h"`,
      `#include "run.h"`,
      `}`,
    ].join("\n")
  );
  const run = /* C++ */ `
static void run(const Case &one, FILE *out) {
  std::vector<TEACHER_ELEMENT> teacher(one.teacher.size() + 3);
  std::vector<STUDENT_ELEMENT> student(one.student.size() + 3);
  // Rows begin one and three elements behind an address that vectors may be read from.
  for (size_t i = 0; i < one.teacher.size(); i++) store(teacher.data() + 1, i, one.teacher[i]);
  for (size_t i = 0; i < one.student.size(); i++) store(student.data() + 3, i, one.student[i]);
  std::vector<float> values(one.rows), next(one.rows);
  Arguments arguments;
  if (sizeof(Arguments) != one.parameter.size()) std::abort();
  std::memcpy((void *)&arguments, one.parameter.data(), sizeof(Arguments));
  arguments.teacher = teacher.data() + 1;
  arguments.student = student.data() + 3;
  arguments.labels = one.labels.data();
  arguments.values = values.data();
  arguments.next_token = next.data();
  for (int row = 0; row < one.rows; row++) {
    blockIdx.x = row;
    block::run(one.threads, [&] { amid_loss(arguments); });
  }
  std::vector<float> gradient(one.student.size());
  for (size_t i = 0; i < gradient.size(); i++) gradient[i] = load(student.data() + 3, i);
  for (auto *part : {&values, &next, &gradient}) std::fwrite(part->data(), 4, part->size(), out);
}`;
  return /* C++ */ `
#include "block.h"
using std::fabs;
struct Case {
  int variant, rows, vocabulary, threads;
  std::vector<char> parameter;
  std::vector<float> teacher, student;
  std::vector<int> labels;
};
${namespaces.map((text) => text.replace(`#include "run.h"`, run)).join("\n")}

template <class Number> static std::vector<Number> read(FILE *in, size_t count) {
  std::vector<Number> values(count);
  if (std::fread(values.data(), sizeof(Number), count, in) != count) std::abort();
  return values;
}

int main(int, char **files) {
  FILE *in = std::fopen(files[1], "rb"), *out = std::fopen(files[2], "wb");
  void (*variants[])(const Case &, FILE *) = {${variants.map((_, i) => `v${i}::run`).join(", ")}};
  int head[5];
  while (std::fread(head, sizeof(int), 5, in) == 5) {
    Case one{head[0], head[1], head[2], head[3]};
    one.parameter = read<char>(in, head[4]);
    one.labels = read<int>(in, one.rows);
    one.teacher = read<float>(in, (size_t)one.rows * one.vocabulary);
    one.student = read<float>(in, (size_t)one.rows * one.vocabulary);
    variants[one.variant](one, out);
  }
  return std::fclose(out);
}
`;
}
