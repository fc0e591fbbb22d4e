/**
 * The pinned versions of the engine `tensorflow`.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine.ts";

/** What to fetch, and its size. */
export interface TensorflowRecipe {
  /** Whether for CUDA devices. */
  gpu: boolean;
  /** The npm package with the kernels and the binding. */
  packageName: string;
  /** Its version. */
  packageVersion: string;
  /** Packages beside it, by name and version: its dependencies, and headers to compile its binding. */
  npmCompanions: Record<string, string>;
  /** The wheels, as requirements file lines. */
  wheels: string[];
  /** The platform tags that the wheels may carry. */
  platforms: string[];
  /** The download and disk sizes, as text. */
  size: string;
}

const npmCompanions = { "google-protobuf": "3.21.4", "node-api-headers": "1.9.0" };

/** The libraries that TensorFlow 2.18 was built for, as its extra `and-cuda` lists them. */
const cudaWheels = [
  "nvidia-cublas-cu12==12.5.3.2",
  "nvidia-cuda-cupti-cu12==12.5.82",
  "nvidia-cuda-nvrtc-cu12==12.5.82",
  "nvidia-cuda-runtime-cu12==12.5.82",
  "nvidia-cudnn-cu12==9.3.0.75",
  "nvidia-cufft-cu12==11.2.3.61",
  "nvidia-curand-cu12==10.3.6.82",
  "nvidia-cusolver-cu12==11.6.3.83",
  "nvidia-cusparse-cu12==12.5.1.3",
  "nvidia-nccl-cu12==2.21.5",
  "nvidia-nvjitlink-cu12==12.5.82",
];

/**
 * The recipe for this machine.
 *
 * @throws {EngineUnavailableError} If TensorFlow has no wheel for it.
 */
export function tensorflowRecipe({ gpu }: { gpu: boolean }): TensorflowRecipe {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new EngineUnavailableError(
      "tensorflow",
      `it can only be installed on Linux on x86_64, this is ${os} on ${arch}`,
    );
  }
  const common = {
    packageVersion: "4.22.0",
    npmCompanions,
    platforms: ["manylinux2014_x86_64", "manylinux_2_27_x86_64"],
  };
  if (gpu) {
    return {
      ...common,
      gpu,
      packageName: "@tensorflow/tfjs-node-gpu",
      wheels: ["tensorflow==2.18.0", ...cudaWheels],
      size: "about 3 GB to download, 5 GB on disk during installation",
    };
  }
  return {
    ...common,
    gpu,
    packageName: "@tensorflow/tfjs-node",
    wheels: [
      "tensorflow-cpu==2.18.0 --hash=sha256:089e71746960ea581dca53401f84b3b99c8537313e337a9e5dbf97036a936f7e",
    ],
    size: "about 240 MB to download, 0.9 GB on disk during installation, 0.7 GB afterwards",
  };
}
