/**
 * The kernel `AmidLoss` on CUDA: one launch for a chunk of rows, compiled for the device when a variant is first met.
 *
 * @module
 */
import type { AmidLossScales, AmidLossSpecification } from "../../../kernels/amid_loss_specification.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { Nvrtc } from "./nvrtc.ts";
import type { CudaRuntime, LoadedKernel } from "./runtime.ts";
import { AMID_LOSS_KERNEL, amidLossSource, SCRATCH_FLOATS } from "./source/amid_loss.ts";
import { amidLossVariant, elementBytes, type LogitElement, type LogitElements } from "./variant.ts";

/** Threads of a block; a block is a row. */
const THREADS = 1024;

/** What the kernel's struct `Arguments` holds before its numbers. */
export interface AmidLossPointers {
  /** Addresses on the device. */
  teacher: bigint;
  student: bigint;
  labels: bigint;
  values: bigint;
  nextToken: bigint;
  /** Elements from row to row. */
  teacherStride: number;
  studentStride: number;
  vocabulary: number;
  /** What divides the logits for the divergence. */
  temperature: number;
}

/** The struct `Arguments` of the kernel, byte by byte. */
export function amidLossArguments(
  pointers: AmidLossPointers,
  { divergenceScale, nextTokenScale, numbers }: AmidLossScales & { numbers: Float32Array },
): Uint8Array<ArrayBuffer> {
  const { teacher, student, labels, values, nextToken, teacherStride, studentStride, vocabulary, temperature } =
    pointers;
  const head = 7 * 8 + 4 * 4;
  const bytes = new Uint8Array(Math.ceil((head + numbers.byteLength) / 8) * 8);
  const view = new DataView(bytes.buffer);
  [teacher, student, labels, values, nextToken].forEach((address, i) => view.setBigUint64(8 * i, address, true));
  view.setBigInt64(40, BigInt(teacherStride), true);
  view.setBigInt64(48, BigInt(studentStride), true);
  view.setInt32(56, vocabulary, true);
  view.setFloat32(60, divergenceScale, true);
  view.setFloat32(64, nextTokenScale, true);
  view.setFloat32(68, 1 / temperature, true);
  new Float32Array(bytes.buffer, head, numbers.length).set(numbers);
  return bytes;
}

/** The shared memory that a block needs for a row of both models' logits, in bytes. */
export function amidLossSharedBytes(vocabulary: number, { teacher, student }: LogitElements): number {
  const room = (element: LogitElement) => Math.floor((vocabulary * elementBytes[element] + 31) / 16) * 16;
  return 4 * SCRATCH_FLOATS + room(teacher) + room(student);
}

/** Kernels are compiled once per variant and kept. */
class Variants {
  readonly #runtime: CudaRuntime;
  readonly #loaded = new Map<string, LoadedKernel>();
  #nvrtc?: Nvrtc;

  constructor(runtime: CudaRuntime) {
    this.#runtime = runtime;
  }

  get(macros: Record<string, string | number>, sharedBytes: number): LoadedKernel {
    const key = JSON.stringify({ ...macros, sharedBytes });
    const known = this.#loaded.get(key);
    if (known) return known;
    this.#nvrtc ??= new Nvrtc();
    const { architecture } = this.#runtime;
    const binary = this.#nvrtc.compile(amidLossSource, { name: "amid_loss.cu", architecture, macros });
    const loaded = this.#runtime.load(binary, { name: AMID_LOSS_KERNEL, sharedBytes });
    this.#loaded.set(key, loaded);
    return loaded;
  }
}

function elementOf(torch: Torch, handle: Handle): LogitElement {
  return torch.dtype(handle) === dtypes.bfloat16 ? "bfloat16" : "float32";
}

/** The attributes, as `lib/operations/amid_loss.ts` describes them. */
interface AmidLossAttributes extends AmidLossScales {
  labels: Int32Array<ArrayBuffer>;
  specification: AmidLossSpecification;
}

/** The kernel for a device. */
export function amidLossKernels(runtime: CudaRuntime): KernelGroup {
  const variants = new Variants(runtime);
  const { largestSharedBytes } = runtime;
  return {
    AmidLoss: kernel<AmidLossAttributes>(({ inputs: { student, teacher }, attrs, backend, torch }) => {
      const [rows, vocabulary] = student.shape;
      const [q, p] = [student, teacher].map((logits) => torch.contiguous(backend.handle(logits)));
      const elements = { teacher: elementOf(torch, p), student: elementOf(torch, q) };
      const sharedBytes = amidLossSharedBytes(vocabulary, elements);
      if (sharedBytes > largestSharedBytes) return [];
      const { macros, numbers } = amidLossVariant(attrs.specification, elements);
      const kernel = variants.get(macros, sharedBytes);
      const labels = backend.upload(attrs.labels, [rows], dtypes.int32);
      const [values, nextToken] = [1, 2].map(() => torch.empty([rows], dtypes.float32));
      const [pointer, ...pointers] = [p, q, labels, values, nextToken].map((handle) => torch.address(handle));
      const parameter = amidLossArguments({
        teacher: pointer,
        student: pointers[0],
        labels: pointers[1],
        values: pointers[2],
        nextToken: pointers[3],
        teacherStride: vocabulary,
        studentStride: vocabulary,
        vocabulary,
        temperature: attrs.specification.temperature ?? 1,
      }, { ...attrs, numbers });
      runtime.launch(kernel, { blocks: rows, threads: THREADS, parameter });
      const gradient = q === backend.handle(student) ? torch.alias(q) : q;
      return [
        backend.own(gradient, student.shape, "float32"),
        ...[values, nextToken].map((handle) => backend.own(handle, [rows], "float32")),
      ];
    }),
  };
}
