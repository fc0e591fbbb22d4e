/**
 * The weights of a Hugging Face folder: one safetensors file, or several that an index names.
 *
 * The index, `model.safetensors.index.json`, is `{ metadata, weight_map: { tensor: file } }`. Neither it nor a file is
 * trusted.
 *
 * @module
 */
import { dirname } from "node:path";
import { exists } from "../../files/exists.ts";
import { namedError } from "../../files/read_text.ts";
import { readJsonObject } from "../json_file.ts";
import { SafetensorsFile, type TensorEntry } from "./safetensors.ts";
import type { ReadOptions, TensorSource } from "./tensor_source.ts";

/** The name of the one file. */
export const SINGLE_FILE = "model.safetensors";

/** The name of the index of several. */
export const INDEX_FILE = "model.safetensors.index.json";

/** The open files of a folder, as one set of tensors. */
export class WeightFiles implements TensorSource {
  private constructor(
    /** The file, or the index, for messages. */
    readonly path: string,
    readonly files: readonly SafetensorsFile[],
    readonly places: ReadonlyMap<string, SafetensorsFile>,
  ) {}

  /**
   * Opens a folder's weights and checks the files' headers.
   *
   * @throws {Deno.errors.NotFound} If there are no weights, or a file that the index names is absent.
   * @throws {RangeError} If the index names a file outside the folder, or disagrees with the files.
   * @throws {SyntaxError} If a file is not what its format asks for.
   * @throws {TypeError} If there are weights in the format of Python's pickle alone.
   */
  static async open(folder: string): Promise<WeightFiles> {
    const single = `${folder}/${SINGLE_FILE}`;
    if (await exists(single)) {
      const file = await SafetensorsFile.open(single);
      return new WeightFiles(single, [file], new Map([...file.tensors.keys()].map((name) => [name, file])));
    }
    const index = `${folder}/${INDEX_FILE}`;
    if (!await exists(index)) throw await noWeights(folder);
    return await WeightFiles.ofIndex(index, await readWeightMap(index));
  }

  /**
   * Opens the files that an index names.
   *
   * @param index The index's path, for messages.
   * @param weightMap The file of each tensor, a name in the index's folder.
   */
  static async ofIndex(index: string, weightMap: ReadonlyMap<string, string>): Promise<WeightFiles> {
    const files = new Map<string, SafetensorsFile>();
    try {
      for (const name of new Set(weightMap.values())) {
        const file = await openShard(`${dirname(index)}/${name}`, index);
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

  #entry(name: string): TensorEntry {
    return this.places.get(name)!.tensors.get(name)!;
  }
}

async function readWeightMap(path: string): Promise<Map<string, string>> {
  const { weight_map: map } = await readJsonObject(path);
  if (typeof map !== "object" || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new SyntaxError(`Cannot read ${path}: "weight_map" must be an object of file names by tensor`);
  }
  const weightMap = new Map<string, string>();
  for (const [tensor, name] of Object.entries(map)) {
    // A plain name, so that no file outside the folder is ever opened.
    if (typeof name !== "string" || !/^[^/\\:\0]+\.safetensors$/.test(name)) {
      throw new RangeError(
        `Cannot read ${path}: files must be plain names that end in .safetensors, "${tensor}" is said to be in ` +
          JSON.stringify(name),
      );
    }
    weightMap.set(tensor, name);
  }
  return weightMap;
}

async function openShard(path: string, index: string): Promise<SafetensorsFile> {
  try {
    return await SafetensorsFile.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Deno.errors.NotFound(`Cannot load a model: ${index} names ${path}, which is not there`, { cause });
  }
}

/** A file must hold just the tensors that the index says it does. */
function checkShard(
  index: string,
  { name, file, weightMap }: { name: string; file: SafetensorsFile; weightMap: ReadonlyMap<string, string> },
): void {
  for (const [tensor, place] of weightMap) {
    if (place === name && !file.tensors.has(tensor)) {
      throw new RangeError(`Cannot read ${index}: "${tensor}" is said to be in ${name}, which lacks it`);
    }
  }
  for (const tensor of file.tensors.keys()) {
    if (weightMap.get(tensor) !== name) {
      throw new RangeError(
        `Cannot read ${index}: ${name} holds "${tensor}", which the index has ` +
          (weightMap.has(tensor) ? `in ${weightMap.get(tensor)}` : "nowhere"),
      );
    }
  }
}

async function noWeights(folder: string): Promise<Error> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const link = [SINGLE_FILE, INDEX_FILE].find((name) => names.includes(name));
  if (link !== undefined) return await namedError(`${folder}/${link}`, new Deno.errors.NotFound());
  const other = names.find((name) => /\.(ggml|h5|msgpack|onnx|npz|mlmodel)$/.test(name));
  if (other !== undefined && !names.some((name) => /\.(bin|pt|pth|ckpt)$/.test(name))) {
    return new TypeError(
      `Cannot load a model: weights must be in ${SINGLE_FILE}, ${folder} has them in ${other}, a format that is not read here`,
    );
  }
  const pickle = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name) && !name.startsWith("training_args"));
  if (pickle === undefined) {
    return new Deno.errors.NotFound(`Cannot load a model: there is no ${folder}/${SINGLE_FILE}, and no ${INDEX_FILE}`);
  }
  return new TypeError(
    `Cannot load a model: weights must be in ${SINGLE_FILE}, ${folder} has them in ${pickle}, a format that can run ` +
      `programs when it is read. In Python, AutoModelForCausalLM.from_pretrained(folder).save_pretrained(another) ` +
      "converts them",
  );
}
