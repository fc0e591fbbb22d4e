/**
 * Collectives of NCCL on the memory in which the engine torch has its tensors.
 *
 * They are queued on their own stream, which first waits for the work queued on the engine's stream; the engine's
 * stream waits for them as soon as the caller's own work yields, and the program waits for neither. So a gradient that
 * is handed over within a backward pass is sent while the device continues with the pass.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import type { CudaRuntime } from "../cuda/runtime.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import { contiguousStrides } from "../views.ts";
import { checkRank } from "../../../distributed/collective_checks.ts";
import type { TensorCollectives } from "../../../distributed/communicator.ts";
import { errorText } from "./library.ts";
import { FLOAT32, type NcclFunctions, SUM } from "./symbols.ts";

/** How streams of a device are put in order. */
export type Streams = Pick<CudaRuntime, "stream" | "makeStream" | "momentOf" | "follow">;

/** Options for {@linkcode deviceTensors}. */
export interface DeviceTensorsOptions {
  /** The engine. */
  backend: TorchBackend;
  /** The streams of its device. */
  streams: Streams;
  /** NCCL. */
  functions: NcclFunctions;
  /** NCCL's communicator. */
  communicator: bigint;
  /** How many ranks there are. */
  size: number;
}

/**
 * Makes collectives on tensors.
 *
 * @param options The engine, NCCL and its communicator.
 */
export function deviceTensors(options: DeviceTensorsOptions): TensorCollectives {
  const { backend, streams, functions, communicator, size } = options;
  const { torch } = backend;
  const own = streams.makeStream();
  const { float32 } = dtypes;

  /** Queues a collective after the engine's work so far; once the caller yields, later work is queued after it. */
  const queued = async (what: string, call: (stream: bigint) => number): Promise<void> => {
    streams.follow(own, streams.momentOf(streams.stream));
    const result = call(own);
    if (result !== 0) throw new Error(`Cannot ${what}: NCCL's error is ${errorText(functions, result, communicator)}`);
    const done = streams.momentOf(own);
    await undefined;
    streams.follow(streams.stream, done);
  };
  /** A handle as a tensor; it is no longer kept. */
  const asTensor = (handle: Handle, shape: number[]): tf.Tensor => {
    const info = torch.scope(() => backend.own(torch.alias(handle), shape, "float32"));
    return tf.engine().makeTensorFromTensorInfo(info);
  };
  const kept = (make: () => Handle): Handle => torch.scope(() => torch.keep(make()));
  /** A tensor's numbers side by side in float32, as one message. */
  const flat = (tensor: tf.Tensor) =>
    kept(() => torch.alias(torch.contiguous(torch.cast(backend.handle(tensor), float32))));

  /** Tensors in one message that is changed in place. */
  const inPlace = async (
    tensors: readonly tf.Tensor[],
    { what, call }: { what: string; call: (address: bigint, count: bigint, stream: bigint) => number },
  ): Promise<tf.Tensor[]> => {
    const shapes = tensors.map(({ shape }) => shape);
    const counts = tensors.map(({ size }) => size);
    const count = counts.reduce((sum, size) => sum + size, 0);
    const message = kept(() => torch.empty([count], float32));
    const part = (index: number) => {
      const offset = counts.slice(0, index).reduce((sum, size) => sum + size, 0);
      return torch.view(message, shapes[index], contiguousStrides(shapes[index]), offset);
    };
    try {
      torch.scope(() => tensors.forEach((tensor, index) => torch.copy(part(index), backend.handle(tensor))));
      await queued(what, (stream) => call(torch.address(message), BigInt(count), stream));
      tf.dispose([...tensors]);
      return shapes.map((shape, index) => {
        const handle = kept(() => part(index));
        const tensor = asTensor(handle, shape);
        torch.release(handle);
        return tensor;
      });
    } finally {
      torch.release(message);
    }
  };
  /** One tensor into another. */
  const into = async (
    tensor: tf.Tensor1D,
    { what, length, call }: {
      what: string;
      length: number;
      call: (from: bigint, to: bigint, stream: bigint) => number;
    },
  ): Promise<tf.Tensor1D> => {
    const [from, to] = [flat(tensor), kept(() => torch.empty([length], float32))];
    try {
      await queued(what, (stream) => call(torch.address(from), torch.address(to), stream));
      tensor.dispose();
      return asTensor(to, [length]) as tf.Tensor1D;
    } finally {
      torch.release(from);
      torch.release(to);
    }
  };

  return {
    allReduce: (tensors) =>
      inPlace(tensors, {
        what: "sum tensors over the ranks",
        call: (at, count, stream) => functions.ncclAllReduce(at, at, count, FLOAT32, SUM, communicator, stream),
      }),
    async reduceScatter(whole) {
      if (whole.size % size !== 0) {
        const why = `its length must be a multiple of ${size}, current value is ${whole.size}`;
        throw new RangeError(`Cannot scatter a tensor among ranks: ${why}`);
      }
      const length = whole.size / size, count = BigInt(length);
      return await into(whole, {
        what: "scatter a tensor among ranks",
        length,
        call: (from, to, stream) => functions.ncclReduceScatter(from, to, count, FLOAT32, SUM, communicator, stream),
      });
    },
    allGather: (part) =>
      into(part, {
        what: "gather a tensor from the ranks",
        length: part.size * size,
        call: (from, to, stream) => functions.ncclAllGather(from, to, BigInt(part.size), FLOAT32, communicator, stream),
      }),
    async broadcast(tensors, { root = 0 } = {}) {
      checkRank(root, { size });
      return await inPlace(tensors, {
        what: "spread tensors to the ranks",
        call: (at, count, stream) => functions.ncclBroadcast(at, at, count, FLOAT32, root, communicator, stream),
      });
    },
  };
}
