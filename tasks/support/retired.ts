/**
 * Settings of older versions, and what says the same now.
 *
 * @module
 */
import { flagOf } from "./field.ts";

/** What an older file or command says, by key. */
const retired: Readonly<Record<string, string>> = {
  corpus: "its name is text now",
  corpusWeight: "its name is textWeight now",
  corpusWeightSchedule: "its name is textWeightSchedule now",
  corpusWeightEnd: "its name is textWeightEnd now",
  corpusBatchSize: "its name is textBatchSize now",
  corpusLength: "its name is textLength now",
  saveAtEnd: 'saveEvery says when checkpoints are saved, "never" instead of false',
};

/** What to write instead of a setting that there is no more; empty for others. */
export function replacement(keyOrFlag: string): string {
  const key = Object.keys(retired).find((key) =>
    [key, flagOf(key), flagOf(key).replace("--", "--no-")].includes(keyOrFlag)
  );
  return key === undefined ? "" : `; ${retired[key]}`;
}
