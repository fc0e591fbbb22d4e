/**
 * The pinned versions of the engine `torch`, for machines without PyTorch.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine.ts";

/** What to fetch, and its size. */
export interface TorchRecipe {
  /** PyTorch's version. */
  version: string;
  /** Whether for CUDA devices. */
  gpu: boolean;
  /** The wheels, as requirements file lines. */
  wheels: string[];
  /** The platform tags that the wheels may carry. */
  platforms: string[];
  /** The libraries to extract from the wheels; for CUDA devices, all of those in `nvidia/`. */
  libraries: string[];
  /** The download and disk sizes, as text. */
  size: string;
}

/** What the processor needs: libtorch_cpu.so is built for CUDA, and does not load without the runtime and CUPTI. */
const libraries = [
  "libtorch_cpu.so",
  "libc10.so",
  "libgomp.so.1",
  "libcudart.so.13",
  "libcupti.so.13",
];

/** NVIDIA's compiler. */
const compilerLibraries = ["libnvrtc.so.13", "libnvrtc-builtins.so.13.0"];
const COMPILER_WHEEL =
  "nvidia-cuda-nvrtc==13.0.88 --hash=sha256:ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575";

/** PyTorch's libraries for CUDA devices. */
const cudaLibraries = [
  "libtorch_cuda.so",
  "libtorch_cuda_linalg.so",
  "libtorch_nvshmem.so",
  "libc10_cuda.so",
  "libcaffe2_nvrtc.so",
];

/** Their dependencies, as listed in the metadata of PyTorch's wheel. */
const cudaWheels = [
  "nvidia-cublas==13.1.0.3 --hash=sha256:ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
  "nvidia-cudnn-cu13==9.19.0.56 --hash=sha256:d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
  "nvidia-cufft==12.0.0.61 --hash=sha256:6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
  "nvidia-cufile==1.15.1.6 --hash=sha256:08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
  "nvidia-curand==10.4.0.35 --hash=sha256:1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
  "nvidia-cusolver==12.0.4.66 --hash=sha256:0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
  "nvidia-cusparse==12.6.3.3 --hash=sha256:2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
  "nvidia-cusparselt-cu13==0.8.0 --hash=sha256:25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
  "nvidia-nccl-cu13==2.28.9 --hash=sha256:e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
  "nvidia-nvjitlink==13.0.88 --hash=sha256:13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
  "nvidia-nvshmem-cu13==3.4.5 --hash=sha256:290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
];

/** What is wanted beside the processor's libraries. */
export interface TorchRecipeOptions {
  /**
   * The libraries for CUDA devices.
   *
   * @default {false}
   */
  gpu?: boolean;
  /**
   * NVIDIA's compiler, which needs no GPU.
   *
   * @default {as gpu}
   */
  compiler?: boolean;
}

/**
 * The recipe for this machine. The package index has no smaller CPU-only build of PyTorch; of this one only the
 * libraries that the CPU needs are kept.
 *
 * @throws {EngineUnavailableError} If there are no wheels for it.
 */
export function torchRecipe({ gpu = false, compiler = gpu }: TorchRecipeOptions = {}): TorchRecipe {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new EngineUnavailableError(
      "torch",
      `it can only be installed on Linux on x86_64, this is ${os} on ${arch}; elsewhere, set AMID_TORCH to a PyTorch installation`,
    );
  }
  return {
    version: "2.11.0",
    gpu,
    wheels: [
      "torch==2.11.0 --hash=sha256:7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
      "nvidia-cuda-runtime==13.0.96 --hash=sha256:7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
      "nvidia-cuda-cupti==13.0.85 --hash=sha256:4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
      ...(compiler ? [COMPILER_WHEEL] : []),
      ...(gpu ? cudaWheels : []),
    ],
    platforms: [
      "manylinux_2_28_x86_64",
      "manylinux_2_27_x86_64",
      "manylinux_2_25_x86_64",
      "manylinux_2_18_x86_64",
      "manylinux2014_x86_64",
      "manylinux2010_x86_64",
      "manylinux1_x86_64",
    ],
    libraries: [...libraries, ...(compiler ? compilerLibraries : []), ...(gpu ? cudaLibraries : [])],
    size: gpu
      ? "about 2.2 GB to download, 6 GB on disk during installation, 3.8 GB afterwards"
      : compiler
      ? "about 635 MB to download, 1.3 GB on disk during installation, 575 MB afterwards"
      : "about 545 MB to download, 1.1 GB on disk during installation, 460 MB afterwards",
  };
}
