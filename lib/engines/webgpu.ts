/**
 * The engine `webgpu`: tensorflow.js's shaders on Deno's own WebGPU, for GPUs of any vendor.
 *
 * tensorflow.js reads tensors back through a browser's canvas when it is asked to do so at once. Deno has no canvas,
 * but it waits for the device inside the call that maps a buffer, so that here a buffer can be read at once without
 * one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type Engine, type EngineInfo, type EngineOptions, EngineUnavailableError, PLAIN_ABILITIES } from "./engine.ts";

/** Shaders of tensorflow.js on the adapter that Deno offers. */
export const webgpu: Engine = {
  name: "webgpu",
  async start(options: EngineOptions): Promise<EngineInfo> {
    const { precision = "float32" } = options;
    if (precision !== "float32") {
      throw new RangeError(`Cannot use the engine "webgpu": precision must be float32, current value is ${precision}`);
    }
    const { device, deviceName } = await (started ??= load());
    if (options.device !== undefined && options.device !== deviceName) {
      throw new RangeError(
        `Cannot use the engine "webgpu": device must be ${deviceName} here, current value is ${options.device}`,
      );
    }
    if (device.lostBecause) throw new EngineUnavailableError("webgpu", `its device was lost (${device.lostBecause})`);
    await tf.setBackend("webgpu");
    return {
      name: "webgpu",
      version: `Deno ${Deno.version.deno}`,
      device: deviceName,
      precision,
      abilities: PLAIN_ABILITIES,
    };
  },
  async unfitForAuto(): Promise<string | undefined> {
    const { info } = await requestAdapter();
    return info.isFallbackAdapter ? `its adapter computes in software (${info.description})` : undefined;
  },
};

/** The state of the device. */
interface DeviceState {
  /** Its errors since the last reading. */
  complaint?: string;
  lostBecause?: string;
}

let started: Promise<{ device: DeviceState; deviceName: string }> | undefined;

async function load(): Promise<{ device: DeviceState; deviceName: string }> {
  const adapter = await requestAdapter();
  // tensorflow.js requests two features, for timing and for canvases; neither is used here, so none is requested.
  const device = await adapter.requestDevice({ requiredLimits: wantedLimits(adapter.limits) });
  const state: DeviceState = {};
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    state.complaint ??= (event as GPUUncapturedErrorEvent).error.message;
  });
  device.lost.then(({ message }) => state.lostBecause = message);
  const backend = new WebGPUBackend(
    device as unknown as ConstructorParameters<typeof WebGPUBackend>[0],
    adapter.info as unknown as ConstructorParameters<typeof WebGPUBackend>[1],
  );
  // Otherwise small tensors from the CPU are processed there, by other kernels.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  refuseLargeBuffers(backend, device.limits);
  if (readsAtOnce.test(Deno.version.deno)) await readAtOnce(backend, device, state);
  sumInParts(device.limits.maxStorageBuffersPerShaderStage - 1);
  tf.removeBackend("webgpu"); // the package's own, which requests those features
  tf.registerBackend("webgpu", () => backend);
  return { device: state, deviceName: adapter.info.description || adapter.info.device };
}

/** Splits AddN: the package binds all summands at once, and the number of a shader's bindings is limited. */
function sumInParts(most: number): void {
  const plain = tf.getKernel("AddN", "webgpu");
  tf.unregisterKernel("AddN", "webgpu");
  const kernelFunc: tf.KernelFunc = (args) => {
    const inputs = Object.values(args.inputs) as tf.TensorInfo[];
    if (inputs.length <= most) return plain.kernelFunc(args);
    const sum = plain.kernelFunc({ ...args, inputs: listed(inputs.slice(0, most)) }) as tf.TensorInfo;
    const total = kernelFunc({ ...args, inputs: listed([sum, ...inputs.slice(most)]) });
    (args.backend as tf.KernelBackend).disposeData(sum.dataId);
    return total;
  };
  tf.registerKernel({ ...plain, kernelFunc });
}

/** tensorflow.js hands lists of tensors to kernels in the type of named ones. */
const listed = (tensors: tf.TensorInfo[]) => tensors as unknown as tf.NamedTensorInfoMap;

/**
 * Vulkan's drivers look for a window system on their way in. Where no variable names the folder of its sockets, as in
 * containers, Wayland's library complains on standard error, though nothing is shown here; it is given one without any.
 */
async function withRuntimeFolder<Value>(work: () => Promise<Value>): Promise<Value> {
  const variable = "XDG_RUNTIME_DIR";
  const { state } = await Deno.permissions.query({ name: "env", variable });
  if (Deno.build.os !== "linux" || state !== "granted" || Deno.env.get(variable)) return await work();
  Deno.env.set(variable, "/run/user");
  try {
    return await work();
  } finally {
    Deno.env.delete(variable);
  }
}

async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await withRuntimeFolder(async () =>
    await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" })
  );
  if (adapter) return adapter;
  throw new EngineUnavailableError(
    "webgpu",
    "no graphics adapter was found; install a Vulkan driver: the GPU vendor's, or, to compute in " +
      "software, Debian's package mesa-vulkan-drivers",
  );
}

/** The adapter's limits, where tensorflow.js reaches them. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
  };
}

/** The parts of tensorflow.js's backend that are changed or used here; private there. */
interface InnerBackend {
  bufferManager: { acquireBuffer(size: number, ...rest: unknown[]): GPUBuffer };
  commandEncoder: GPUCommandEncoder;
  tensorMap: tf.DataStorage<{ dtype: tf.DataType; values?: tf.BackendValues; resource: GPUBuffer }>;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  convertAndCacheOnCPU(dataId: tf.DataId, values: tf.BackendValues): tf.BackendValues;
  getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer>;
  readSync(dataId: tf.DataId): tf.BackendValues;
}

/** The device's own error would arrive only after the tensor has been used, and then be about a binding. */
function refuseLargeBuffers(backend: WebGPUBackend, limits: GPUSupportedLimits): void {
  const { bufferManager } = backend as unknown as InnerBackend;
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, ...rest) => {
    if (size > most) {
      throw new RangeError(`Cannot make a tensor: it must have at most ${most} bytes on this device, it needs ${size}`);
    }
    return acquire(size, ...rest);
  };
}

/** The versions of Deno whose `mapAsync` is known to wait for the device; elsewhere a reading must be awaited. */
const readsAtOnce = /^2\.9\./;
const STAGING_BYTES = 1 << 20;

async function readAtOnce(backend: WebGPUBackend, device: GPUDevice, state: DeviceState): Promise<void> {
  const staging = device.createBuffer({
    size: STAGING_BYTES,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  // Deno knows how a buffer is mapped only after it has been mapped once to the end.
  await staging.mapAsync(GPUMapMode.READ);
  staging.unmap();
  const inner = backend as unknown as InnerBackend;
  const readBuffer = (buffer: GPUBuffer): ArrayBuffer => {
    const bytes = new Uint8Array(buffer.size);
    inner.endComputePassEncoder();
    for (let offset = 0; offset < bytes.length; offset += STAGING_BYTES) {
      const length = Math.min(STAGING_BYTES, bytes.length - offset);
      inner.ensureCommandEncoderReady();
      inner.commandEncoder.copyBufferToBuffer(buffer, offset, staging, 0, length);
      inner.submitQueue();
      staging.mapAsync(GPUMapMode.READ).catch(() => {});
      bytes.set(new Uint8Array(staging.getMappedRange(0, length)), offset);
      staging.unmap();
    }
    const { complaint } = state;
    state.complaint = undefined;
    if (complaint) throw new Error(`Cannot read a tensor: the device reported: ${complaint}`);
    return bytes.buffer;
  };
  const readSync = inner.readSync.bind(backend);
  inner.getBufferData = async (buffer) => {
    await new Promise((resolve) => setTimeout(resolve)); // errors arrive as events
    return readBuffer(buffer);
  };
  inner.readSync = (dataId) => {
    const { dtype, values, resource } = inner.tensorMap.get(dataId);
    if (values || dtype === "string" || dtype === "complex64") return readSync(dataId);
    return inner.convertAndCacheOnCPU(dataId, tf.util.convertBackendValuesAndArrayBuffer(readBuffer(resource), dtype));
  };
}
