/**
 * The versions that the engine `torch` is made of, where no PyTorch is on the machine.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine.ts";

/** What to fetch, and how much of it there is. */
export interface TorchRecipe {
  /** PyTorch's version. */
  version: string;
  /** The wheels, as lines of a requirements file. */
  wheels: string[];
  /** The platform tags that the wheels may carry. */
  platforms: string[];
  /** What is fetched and what it takes on disk, for a person. */
  size: string;
}

/**
 * The recipe for this machine. The package index has no smaller build of PyTorch for the processor alone; of this one
 * only the libraries that the processor needs are kept.
 *
 * @throws {EngineUnavailableError} If the wheels are not for it.
 */
export function torchRecipe(): TorchRecipe {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new EngineUnavailableError(
      "torch",
      `it can be installed on Linux on x86_64, current value is ${os} on ${arch}; AMID_TORCH may name a PyTorch there`,
    );
  }
  return {
    version: "2.11.0",
    wheels: [
      "torch==2.11.0 --hash=sha256:7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
      "nvidia-cuda-runtime==13.0.96 --hash=sha256:7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
      "nvidia-cuda-cupti==13.0.85 --hash=sha256:4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    ],
    platforms: ["manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_25_x86_64"],
    size: "about 545 MB to fetch, 1 GB on disk while it installs, 470 MB after",
  };
}
