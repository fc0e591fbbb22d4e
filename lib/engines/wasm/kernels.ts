/**
 * The kernels that are written here, beside a backend: their module on its memory, and the threads.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { hasRelaxedSimd, kernelBytes, type KernelExports, type Kind, KINDS } from "./kernels/compile.ts";
import { SCRATCH } from "./kernels/product.ts";
import { JOB } from "./kernels/team.ts";

/** What the kernels use of the backend's module. */
export interface BackendModule {
  asm: { memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
}

/** Options for {@linkcode Kernels}. */
export interface KernelsOptions {
  /**
   * Whether products multiply and add by one instruction.
   *
   * @default {whether the runtime has it}
   */
  fused?: boolean;
}

/** A job: tasks that may be done in any order, and at the same time. */
export interface Job {
  /** What computes a task. */
  kind: Kind;
  /** How many there are. */
  tasks: number;
  /** The numbers that tasks read. */
  fields: readonly number[];
}

/** The kernels on the memory of one backend. */
export class Kernels {
  /** Whether products multiply and add by one instruction. */
  readonly fused: boolean;
  /** Whether threads share the memory. */
  readonly shared: boolean;
  readonly #backend: BackendModule;
  readonly #module: WebAssembly.Module;
  readonly #exports: KernelExports;
  readonly #job: number;
  readonly #scratch: number;
  #workers = 0;
  #threads = 1;
  #numbers: Int32Array;

  /** Compiles the kernels; there is one thread. */
  constructor(backend: BackendModule, options: KernelsOptions = {}) {
    const { fused = hasRelaxedSimd() } = options;
    const { memory } = backend.asm;
    this.fused = fused;
    this.shared = typeof SharedArrayBuffer === "function" && memory.buffer instanceof SharedArrayBuffer;
    this.#backend = backend;
    this.#module = new WebAssembly.Module(kernelBytes({ fused, shared: this.shared }));
    const instance = new WebAssembly.Instance(this.#module, { env: { memory } });
    this.#exports = instance.exports as unknown as KernelExports;
    this.#job = this.#allocate(JOB.size);
    this.#scratch = this.#allocate(SCRATCH);
    this.#numbers = new Int32Array(memory.buffer);
    this.#numbers.fill(0, this.#job / 4, (this.#job + JOB.size) / 4);
  }

  /** Threads that take tasks, this one included. */
  get threads(): number {
    return this.#threads;
  }

  /**
   * Sets how many threads take tasks from the next job on, or as soon as they have started.
   *
   * @throws {RangeError} If there is to be more than one and the memory is not shared.
   */
  setThreads(threads: number): void {
    if (!this.shared && threads > 1) {
      throw new RangeError(
        `Cannot use ${threads} threads: the memory must be shared, current value is one thread's own`,
      );
    }
    this.#threads = threads;
    // A worker that were ended in the middle of a job would be waited for: those that are not needed sleep on.
    Atomics.store(this.#current(), (this.#job + JOB.workers) / 4, threads - 1);
    for (; this.#workers < threads - 1; this.#workers++) this.#start(this.#workers);
  }

  /** Does a job. */
  run({ kind, tasks, fields }: Job): void {
    const numbers = this.#current();
    numbers[(this.#job + JOB.tasks) / 4] = tasks;
    numbers[(this.#job + JOB.kind) / 4] = KINDS.indexOf(kind);
    numbers.set(fields, (this.#job + JOB.fields) / 4);
    if (this.#threads > 1 && tasks > 1) this.#exports.lead(this.#job, this.#scratch);
    else this.#exports.alone(this.#job, this.#scratch);
  }

  /** The memory as it is now; it grows. */
  #current(): Int32Array {
    const { buffer } = this.#backend.asm.memory;
    if (this.#numbers.buffer !== buffer) this.#numbers = new Int32Array(buffer);
    return this.#numbers;
  }

  #start(number: number): void {
    const { memory } = this.#backend.asm;
    const scratch = this.#allocate(SCRATCH);
    const worker = new Worker(WORKER, {
      eval: true,
      workerData: { compiled: this.#module, memory, job: this.#job, scratch, number },
    });
    worker.unref(); // a program ends although its workers wait for a next job
  }

  #allocate(bytes: number): number {
    const line = 64;
    const at = this.#backend._malloc(bytes + line) >>> 0;
    if (at === 0) throw new RangeError(`Cannot allocate ${bytes} bytes: the memory of wasm is full`);
    return Math.ceil(at / line) * line;
  }
}

/** What a worker runs: everything else is in the module. */
const WORKER = `
const { workerData: { compiled, memory, job, scratch, number } } = require("node:worker_threads");
new WebAssembly.Instance(compiled, { env: { memory } }).exports.work(job, scratch, number);
`;
