/**
 * The weights of a Hugging Face folder: one file, or several that an index names; in safetensors, or else in PyTorch's
 * format.
 *
 * The index, for instance `model.safetensors.index.json`, is `{ metadata, weight_map: { tensor: file } }`. Neither it
 * nor a file is trusted.
 *
 * @module
 */
import { dirname } from "node:path";
import { exists } from "../../files/exists.ts";
import { namedError } from "../../files/read_text.ts";
import { readJsonObject } from "../json_file.ts";
import { SafetensorsFile } from "./safetensors.ts";
import type { ReadOptions, TensorSource } from "./tensor_source.ts";
import { TorchFile } from "./torch/torch_file.ts";
import type { StoredTensor, WeightFile } from "./weight_file.ts";

/** The name of the single file. */
export const SINGLE_FILE = "model.safetensors";

/** The name of the index of several. */
export const INDEX_FILE = "model.safetensors.index.json";

/** A format of weights in folders. */
interface FolderFormat {
  /** The name of the single file. */
  single: string;
  /** The name of the index of several. */
  index: string;
  /** The suffix of file names. */
  ending: string;
  open: (path: string) => Promise<WeightFile>;
}

/** The formats, in order of preference. */
const FORMATS: readonly FolderFormat[] = [
  { single: SINGLE_FILE, index: INDEX_FILE, ending: ".safetensors", open: SafetensorsFile.open },
  { single: "pytorch_model.bin", index: "pytorch_model.bin.index.json", ending: ".bin", open: TorchFile.open },
];

/** PyTorch files that are not weights. */
const BESIDE = /^(training_args|optimizer|scheduler|scaler|rng_state.*)\.(bin|pt|pth)$/;

/** The open files of a folder, as one set of tensors. */
export class WeightFiles implements TensorSource {
  private constructor(
    /** The file, or the index, for messages. */
    readonly path: string,
    readonly files: readonly WeightFile[],
    readonly places: ReadonlyMap<string, WeightFile>,
  ) {}

  /**
   * Opens a folder's weights and checks the files' headers.
   *
   * @throws {Deno.errors.NotFound} If there are no weights, or a file that the index names is absent.
   * @throws {RangeError} If the index names a file outside the folder, or disagrees with the files.
   * @throws {SyntaxError} If a file does not follow its format.
   * @throws {TypeError} If a file of PyTorch's names anything but tensors, or there are only weights in unsupported
   * formats.
   */
  static async open(folder: string): Promise<WeightFiles> {
    for (const format of FORMATS) {
      const [single, index] = [`${folder}/${format.single}`, `${folder}/${format.index}`];
      if (await exists(single)) return WeightFiles.#ofFile(await format.open(single));
      if (await exists(index)) return await WeightFiles.#ofIndex(index, format);
    }
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    const lone = names.filter((name) => /\.(bin|pt|pth)$/.test(name) && !BESIDE.test(name));
    if (lone.length !== 1) throw await noWeights(folder, { names, lone });
    return WeightFiles.#ofFile(await TorchFile.open(`${folder}/${lone[0]}`));
  }

  static #ofFile(file: WeightFile): WeightFiles {
    return new WeightFiles(file.path, [file], new Map([...file.tensors.keys()].map((name) => [name, file])));
  }

  /** Opens the files that an index names. */
  static async #ofIndex(index: string, format: FolderFormat): Promise<WeightFiles> {
    const weightMap = await readWeightMap(index, format);
    const files = new Map<string, WeightFile>();
    try {
      for (const name of new Set(weightMap.values())) {
        const file = await openShard(`${dirname(index)}/${name}`, { index, format });
        files.set(name, file);
        checkShard(index, { name, file, weightMap });
      }
      return new WeightFiles(
        index,
        [...files.values()],
        new Map([...weightMap].map(([tensor, name]) => [tensor, files.get(name)!])),
      );
    } catch (error) {
      for (const file of files.values()) file.close();
      throw error;
    }
  }

  names(): Iterable<string> {
    return this.places.keys();
  }

  shape(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  /** Whether there is a tensor of that name. */
  has(name: string): boolean {
    return this.places.has(name);
  }

  /** The format of a tensor's elements, by its name in safetensors. */
  format(name: string): string {
    return this.#entry(name).format;
  }

  /** Reads some of a tensor's raw bytes, in row-major order. */
  async bytes(name: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    return await this.places.get(name)!.bytes(name, from, to);
  }

  async read(name: string, options?: ReadOptions): Promise<Float32Array<ArrayBuffer>> {
    return await this.places.get(name)!.read(name, options);
  }

  async same(a: string, b: string): Promise<boolean> {
    const [first, second] = [this.#entry(a), this.#entry(b)];
    if (first.format !== second.format || first.shape.join() !== second.shape.join()) return false;
    const step = 2 ** 22;
    for (let from = 0; from < first.byteLength; from += step) {
      const to = Math.min(from + step, first.byteLength);
      const x = await this.places.get(a)!.bytes(a, from, to);
      const y = await this.places.get(b)!.bytes(b, from, to);
      if (x.some((byte, i) => byte !== y[i])) return false;
    }
    return true;
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  #entry(name: string): StoredTensor {
    return this.places.get(name)!.tensors.get(name)!;
  }
}

async function readWeightMap(path: string, { ending }: FolderFormat): Promise<Map<string, string>> {
  const { weight_map: map } = await readJsonObject(path);
  if (typeof map !== "object" || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new SyntaxError(`Cannot read ${path}: "weight_map" must be an object of file names by tensor`);
  }
  const weightMap = new Map<string, string>();
  for (const [tensor, name] of Object.entries(map)) {
    // A plain name, so that no file outside the folder is ever opened.
    if (typeof name !== "string" || !/^[^/\\:\0]+$/.test(name) || !name.endsWith(ending)) {
      throw new RangeError(
        `Cannot read ${path}: files must be plain names that end in ${ending}, "${tensor}" is listed in ` +
          JSON.stringify(name),
      );
    }
    weightMap.set(tensor, name);
  }
  return weightMap;
}

async function openShard(
  path: string,
  { index, format }: { index: string; format: FolderFormat },
): Promise<WeightFile> {
  try {
    return await format.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Deno.errors.NotFound(`Cannot load a model: ${index} names ${path}, which is missing`, { cause });
  }
}

/** A file must hold exactly the tensors that the index lists. */
function checkShard(
  index: string,
  { name, file, weightMap }: { name: string; file: WeightFile; weightMap: ReadonlyMap<string, string> },
): void {
  for (const [tensor, place] of weightMap) {
    if (place === name && !file.tensors.has(tensor)) {
      throw new RangeError(`Cannot read ${index}: "${tensor}" should be in ${name}, which lacks it`);
    }
  }
  for (const tensor of file.tensors.keys()) {
    if (weightMap.get(tensor) !== name) {
      throw new RangeError(
        `Cannot read ${index}: ${name} holds "${tensor}", which the index lists ` +
          (weightMap.has(tensor) ? `in ${weightMap.get(tensor)}` : "nowhere"),
      );
    }
  }
}

async function noWeights(
  folder: string,
  { names, lone }: { names: readonly string[]; lone: readonly string[] },
): Promise<Error> {
  const link = FORMATS.flatMap(({ single, index }) => [single, index]).find((name) => names.includes(name));
  if (link !== undefined) return await namedError(`${folder}/${link}`, new Deno.errors.NotFound());
  if (lone.length > 1) {
    return new TypeError(
      `Cannot load a model: weights must be in one file, or in several that ${FORMATS[1].index} names, ${folder} has ` +
        `${lone.join(" and ")} without one`,
    );
  }
  const other = names.find((name) => /\.(ckpt|ggml|h5|msgpack|onnx|npz|mlmodel)$/.test(name));
  if (other === undefined) {
    return new Deno.errors.NotFound(`Cannot load a model: there is no ${folder}/${SINGLE_FILE}, and no ${INDEX_FILE}`);
  }
  return new TypeError(
    `Cannot load a model: weights must be in ${SINGLE_FILE}, ${folder} has them in ${other}, an unsupported format`,
  );
}
