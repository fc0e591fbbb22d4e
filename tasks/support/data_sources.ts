/**
 * The data sets of the paper, where they are on the hub, and how the official code splits them.
 *
 * @module
 */
import { join } from "node:path";
import { downloadRepository, type HubOptions } from "../../lib/hub/download_repository.ts";
import { HubError } from "../../lib/hub/hub_error.ts";
import type { WantedFiles } from "../../lib/hub/wanted_files.ts";
import type { SplitName } from "../../lib/datasets/prepare/manifest.ts";

/** What a data set is for. */
export type DataKind = "training" | "evaluation" | "text";

/** A data set that has a name. */
export interface DataSource {
  /** What it is for. */
  kind: DataKind;
  /** Its repository. */
  repository: string;
  /** Its files by split; those of plain text are found by their ending. */
  files: Partial<Record<SplitName, string>>;
  /** Whether the first rows are held out, as the official code does; otherwise they are drawn. */
  firstRows?: boolean;
}

const evaluation = (repository: string, test: string): DataSource => ({
  kind: "evaluation",
  repository,
  files: { test },
});

/** By name. */
export const DATA_SOURCES: Readonly<Record<string, DataSource>> = {
  "dolly": {
    kind: "training",
    repository: "MiniLLM/dolly",
    files: { train: "raw.jsonl", test: "valid.jsonl" },
    firstRows: true,
  },
  "self-inst": evaluation("MiniLLM/self-inst", "valid.jsonl"),
  "vicuna": evaluation("MiniLLM/Vicuna", "valid.jsonl"),
  "sinst": evaluation("MiniLLM/sinst", "11_/valid.jsonl"),
  "uinst": evaluation("MiniLLM/uinst", "11_/valid.jsonl"),
  "openwebtext": { kind: "text", repository: "Skylion007/openwebtext", files: {} },
};

/** Files of texts; the first of a repository has more than enough tokens. */
const TEXT_FILES = /\.(jsonl|parquet|txt)$/;

/**
 * Loads a data set's files from the hub.
 *
 * @param source The data set.
 * @param options Revision and hub.
 * @returns The files in the cache, by split.
 */
export async function fetchSource(
  source: DataSource,
  options: HubOptions & { revision?: string },
): Promise<Partial<Record<SplitName, string>>> {
  const { repository: name, files } = source;
  const load = (wanted: WantedFiles) => downloadRepository({ type: "dataset", name }, { ...options, wanted });
  if (source.kind === "text") {
    let first: string | undefined;
    const folder = await load((paths) => {
      first = paths.find((path) => TEXT_FILES.test(path));
      if (first === undefined) throw new HubError(`Cannot load ${name}: it has no text file`);
      return [first];
    });
    return { train: join(folder, first!) };
  }
  const folder = await load(Object.values(files));
  return Object.fromEntries(Object.entries(files).map(([split, file]) => [split, join(folder, file)]));
}
