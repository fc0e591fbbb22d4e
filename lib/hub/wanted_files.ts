/**
 * Which files of a repository are needed.
 *
 * @module
 */
import { parseJson } from "../files/parse_json.ts";
import { HubError } from "./hub_error.ts";

/**
 * What a repository is loaded for: a model, its tokenizer, both, or files by name. A function selects from the sorted
 * names of all files.
 */
export type WantedFiles =
  | "model"
  | "tokenizer"
  | "both"
  | readonly string[]
  | ((paths: readonly string[]) => readonly string[]);

/** The names of a repository's files, and a reader for small ones. */
export interface Offered {
  /** The repository's name, for messages. */
  name: string;
  /** The available paths. */
  paths: ReadonlySet<string>;
  /** Reads the text of one of them. */
  read: (path: string) => Promise<string>;
}

/** Weights in one file, or the index of several: in safetensors, or, failing that, in PyTorch's format. */
const WEIGHTS = ["model.safetensors", "pytorch_model.bin"].map((single) => ({ single, index: `${single}.index.json` }));
const MODEL_EXTRAS = ["generation_config.json"];
const TOKENIZER = ["tokenizer.json", "tokenizer_config.json"];
const TOKENIZER_EXTRAS = ["special_tokens_map.json", "added_tokens.json", "chat_template.jinja"];

/**
 * Lists the files that are needed.
 *
 * @param wanted What they are needed for.
 * @param offered The available files.
 * @returns Their paths.
 * @throws {HubError} If one that is needed is missing; the message names it, and explains how to convert weights in
 * other formats.
 */
export async function wantedFiles(wanted: WantedFiles, offered: Offered): Promise<string[]> {
  const { name, paths } = offered;
  const need = (path: string): string => {
    if (paths.has(path)) return path;
    throw new HubError(`Cannot load ${name}: it has no file ${path}`);
  };
  if (typeof wanted === "function") return wanted([...paths].sort()).map(need);
  if (typeof wanted !== "string") return wanted.map(need);
  const present = (extras: string[]) => extras.filter((path) => paths.has(path));
  const model = async () => [need("config.json"), ...present(MODEL_EXTRAS), ...await weights(offered)];
  const tokenizer = () => {
    if (!paths.has("tokenizer.json") && (paths.has("tokenizer.model") || paths.has("vocab.json"))) {
      throw new HubError(
        `Cannot load ${name}: it has the tokenizer in an older form only, tokenizer.json is needed; Python's ` +
          `transformers makes it: AutoTokenizer.from_pretrained("${name}").save_pretrained(FOLDER)`,
      );
    }
    return [...TOKENIZER.map(need), ...present(TOKENIZER_EXTRAS)];
  };
  if (wanted === "model") return await model();
  if (wanted === "tokenizer") return tokenizer();
  return [...await model(), ...tokenizer()];
}

async function weights({ name, paths, read }: Offered): Promise<string[]> {
  for (const { single, index } of WEIGHTS) {
    if (paths.has(single)) return [single];
    if (!paths.has(index)) continue;
    const shards = shardsOf(await read(index), `${name}: ${index}`);
    const absent = shards.find((path) => !paths.has(path));
    if (absent === undefined) return [index, ...shards];
    throw new HubError(`Cannot load ${name}: ${index} names ${JSON.stringify(absent)}, which is missing`);
  }
  const other = [...paths].find((path) => /\.(bin|pt|pth|h5|msgpack|gguf|onnx)$/.test(path));
  const hint = other === undefined ? "" : `, only ${other}; Python's transformers converts that to safetensors: ` +
    `AutoModelForCausalLM.from_pretrained("${name}").save_pretrained(FOLDER)`;
  throw new HubError(`Cannot load ${name}: it has no ${WEIGHTS.map(({ single }) => single).join(" and no ")}${hint}`);
}

/** The different files that the index of a model in shards names. */
export function shardsOf(index: string, name: string): string[] {
  let value: unknown;
  try {
    value = parseJson(index, { name });
  } catch (cause) {
    throw new HubError((cause as Error).message, undefined, { cause });
  }
  const map = (value as { weight_map?: unknown } | null)?.weight_map;
  const shards = typeof map === "object" && map !== null ? [...new Set(Object.values(map))] : [];
  if (shards.length === 0 || !shards.every((shard) => typeof shard === "string")) {
    throw new HubError(`Cannot load ${name} must have a "weight_map" from tensors to files`);
  }
  return shards as string[];
}
