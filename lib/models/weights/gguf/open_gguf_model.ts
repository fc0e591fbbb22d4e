/**
 * Opens a GGUF file as a model: the fields of a config.json, and the tensors by the family's names.
 *
 * @module
 */
import { type GgufHeader, readGguf } from "../../../files/gguf/read_gguf.ts";
import { ARCHITECTURES, type GgufArchitecture, INERT_KEYS } from "./architectures.ts";
import { type GgufPlace, GgufTensors } from "./gguf_tensors.ts";
import { ModelMetadata } from "./model_metadata.ts";
import type { Fields } from "./rotary_metadata.ts";
import { samplingSettings } from "./sampling.ts";

/** Tensors of rotary factors; they are read with the metadata. */
const FACTORS = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"];

/** A model in GGUF files. */
export interface GgufModel {
  /** The fields of the config.json that the family would read. */
  json: Fields;
  /** The settings of a generation_config.json, if the file has some. */
  generation?: Record<string, unknown>;
  /** Opens its tensors. */
  tensors(): Promise<GgufTensors>;
}

/**
 * Reads the model metadata of a GGUF file.
 *
 * @param path The file; any part of a split one.
 * @throws {SyntaxError} If a file does not follow the format.
 * @throws {RangeError} If the architecture, a key or a tensor is unknown.
 * @throws {TypeError} If a key is absent or of the wrong kind.
 */
export async function openGgufModel(path: string): Promise<GgufModel> {
  const header = await readGguf(path, { withoutTexts: true });
  const name = header.metadata.get("general.architecture");
  if (typeof name !== "string" || !Object.hasOwn(ARCHITECTURES, name)) {
    throw new RangeError(
      `Cannot load ${path}: "general.architecture" must be one of ${Object.keys(ARCHITECTURES).join(", ")}, current ` +
        `value is ${name === undefined ? "absent" : JSON.stringify(name)}`,
    );
  }
  const architecture = ARCHITECTURES[name];
  const metadata = new ModelMetadata(header, name, await readFactors(header));
  const json = Object.fromEntries(
    Object.entries(architecture.fields(metadata)).filter(([, value]) => value !== undefined),
  );
  metadata.checkAllRead(INERT_KEYS);
  const places = placesOf(header, architecture, json);
  return { json, generation: samplingSettings(header.metadata, json), tensors: () => GgufTensors.open(header, places) };
}

/** The parameter of each tensor. */
function placesOf(header: GgufHeader, { modules, change }: GgufArchitecture, json: Fields): Map<string, GgufPlace> {
  const places = new Map<string, GgufPlace>();
  for (const tensorName of header.tensors.keys()) {
    if (FACTORS.includes(tensorName)) continue;
    const [, module, suffix] = /^(.*)\.(weight|bias)$/.exec(tensorName) ?? [];
    const pattern = module?.replace(/^blk\.(0|[1-9]\d*)\./, "blk.#.");
    if (pattern === undefined || !Object.hasOwn(modules, pattern)) {
      throw new RangeError(`Cannot load ${header.path}: "${tensorName}" is not a tensor of the architecture`);
    }
    const block = /^blk\.(\d+)\./.exec(tensorName)?.[1] ?? "";
    const name = `${modules[pattern].replace("#", block)}.${suffix}`;
    if (!name.includes("%")) {
      places.set(tensorName, { tensorName, name, change: change?.(`${pattern}.${suffix}`, json) });
      continue;
    }
    const [parts] = header.tensors.get(tensorName)!.shape;
    for (let part = 0; part < parts; part++) {
      places.set(`${tensorName}, part ${part}`, { tensorName, part, name: name.replace("%", String(part)) });
    }
  }
  return places;
}

async function readFactors(header: GgufHeader): Promise<Map<string, Float32Array>> {
  const places = new Map(
    FACTORS.filter((name) => header.tensors.has(name)).map((name) => [name, { name, tensorName: name }]),
  );
  const factors = new Map<string, Float32Array>();
  const tensors = await GgufTensors.open(header, places);
  try {
    for (const name of places.keys()) factors.set(name, await tensors.read(name));
  } finally {
    tensors.close();
  }
  return factors;
}
