/**
 * C interfaces of NVIDIA's libraries and of libtorch's part for CUDA, as data.
 *
 * @module
 */

/** The C library, by which addresses of memory are had without a permission for all foreign functions. */
const memorySymbols = {
  malloc: { parameters: ["u64"], result: "u64" },
  free: { parameters: ["u64"], result: "void" },
  strlen: { parameters: ["u64"], result: "u64" },
  write_bytes: { name: "memcpy", parameters: ["u64", "buffer", "u64"], result: "void" },
  read_bytes: { name: "memcpy", parameters: ["buffer", "u64", "u64"], result: "void" },
} as const;

/** The run-time compiler; every function that returns `i32` returns 0 on success. */
export const symbolsOfNvrtc = {
  nvrtcVersion: { parameters: ["buffer", "buffer"], result: "i32" },
  nvrtcGetErrorString: { parameters: ["i32"], result: "u64" },
  // result, source, name, count, headers, names of headers
  nvrtcCreateProgram: { parameters: ["buffer", "buffer", "buffer", "i32", "pointer", "pointer"], result: "i32" },
  nvrtcDestroyProgram: { parameters: ["buffer"], result: "i32" },
  nvrtcCompileProgram: { parameters: ["u64", "i32", "buffer"], result: "i32" },
  nvrtcGetCUBINSize: { parameters: ["u64", "buffer"], result: "i32" },
  nvrtcGetCUBIN: { parameters: ["u64", "buffer"], result: "i32" },
  nvrtcGetProgramLogSize: { parameters: ["u64", "buffer"], result: "i32" },
  nvrtcGetProgramLog: { parameters: ["u64", "buffer"], result: "i32" },
  ...memorySymbols,
} as const;

/**
 * libtorch's functions for CUDA, and those of the CUDA runtime that it brings along: they are reached through
 * `libtorch_cuda.so`, so that no other library needs to be permitted.
 */
export const cudaSymbols = {
  aoti_torch_create_cuda_guard: { parameters: ["i32", "buffer"], result: "i32" },
  aoti_torch_get_current_cuda_stream: { parameters: ["i32", "buffer"], result: "i32" },
  // stream, device index
  torch_cuda_stream_synchronize: { parameters: ["u64", "i32"], result: "i32" },
  // the same on a thread of its own
  wait_for_stream: {
    name: "torch_cuda_stream_synchronize",
    parameters: ["u64", "i32"],
    result: "i32",
    nonblocking: true,
  },
  cudaGetDeviceCount: { parameters: ["buffer"], result: "i32" },
  cudaRuntimeGetVersion: { parameters: ["buffer"], result: "i32" },
  cudaDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  cudaDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cudaMemGetInfo: { parameters: ["buffer", "buffer"], result: "i32" },
  cudaGetErrorString: { parameters: ["i32"], result: "u64" },
  // text, its length, device
  cudaDeviceGetPCIBusId: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cudaStreamCreateWithFlags: { parameters: ["buffer", "u32"], result: "i32" },
  cudaEventCreateWithFlags: { parameters: ["buffer", "u32"], result: "i32" },
  cudaEventDestroy: { parameters: ["u64"], result: "i32" },
  // event, stream
  cudaEventRecord: { parameters: ["u64", "u64"], result: "i32" },
  // stream, event, flags
  cudaStreamWaitEvent: { parameters: ["u64", "u64", "u32"], result: "i32" },
  ...memorySymbols,
} as const;

/**
 * Functions of the driver. They are reached through `libcaffe2_nvrtc.so`, the library by which PyTorch itself comes to
 * them and which lies beside its others, so that the driver's own need not be permitted, wherever it is.
 */
export const driverSymbols = {
  cuModuleLoadData: { parameters: ["buffer", "buffer"], result: "i32" },
  cuModuleGetFunction: { parameters: ["buffer", "u64", "buffer"], result: "i32" },
  cuFuncSetAttribute: { parameters: ["u64", "i32", "i32"], result: "i32" },
  // function, blocks (3), threads (3), bytes of shared memory, stream, parameters, extra
  cuLaunchKernel: {
    parameters: ["u64", "u32", "u32", "u32", "u32", "u32", "u32", "u32", "u64", "buffer", "pointer"],
    result: "i32",
  },
} as const;

/** Numbers of `cudaDeviceGetAttribute`. */
export const deviceAttributes = {
  multiProcessorCount: 16,
  computeCapabilityMajor: 75,
  computeCapabilityMinor: 76,
  maxSharedMemoryPerBlockOptin: 97,
} as const;

/** `cudaStreamNonBlocking`: a stream that does not wait for the default one. */
export const STREAM_NON_BLOCKING = 1;
/** `cudaEventDisableTiming`: an event that only orders. */
export const EVENT_DISABLE_TIMING = 2;

/** `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`. */
export const MAX_DYNAMIC_SHARED_BYTES = 8;
