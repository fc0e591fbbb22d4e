/**
 * What remains of a run when its folder is gone: a small file of JSON.
 *
 * @module
 */
import { join } from "node:path";
import { anObject, aText, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { parseJson } from "../../files/parse_json.ts";
import type { RunCurve } from "./run_curve.ts";

/** A value of a setting. */
export type SettingValue = string | number | boolean | readonly string[];

/** Where and by what a run was computed. */
export interface RunPlace {
  /** The commit of the project. */
  commit: string;
  /** The machine, in words. */
  machine: string;
  /** The engine, its version, its device and its precision. */
  engine: string;
}

/** Figures of a run on held-out rows, nobody writing. */
export interface RunMetrics {
  /** Mean next-token loss on the validation split, nats per token. */
  validLoss: number;
  /** That of the student before the run. */
  startLoss: number;
  /** That of the teacher. */
  teacherLoss: number;
  /** Mean of KL(teacher‖student) over the tokens of the validation split, nats. */
  klToTeacher: number;
  /** Share of these tokens for which both have the same most probable one. */
  agreement: number;
  /** Mean entropy of the student's next tokens there, nats. */
  studentEntropy: number;
}

/** A model's answers to a set, without the texts. */
export interface SetRecord {
  /** ROUGE-L of each answer, points of 100. */
  rougeL: number[];
  /** Mean of the answers' lengths, tokens. */
  tokens: number;
  /** Mean share of four-word runs that occurred before in the answer. */
  repetition: number;
  /** Share of answers without an end. */
  unfinished: number;
}

/** A run that has ended: at its last step, or where its numbers were no longer finite. */
export interface RunRecord {
  /** The run's name, which its file has. */
  name: string;
  /** What the run is compared as. */
  method: string;
  /** The student that was trained. */
  student: string;
  /** The seed of rows and draws. */
  seed: number;
  /** Every setting that was given, by name; all others have their defaults. */
  configuration: Readonly<Record<string, SettingValue>>;
  /** The first digits of SHA-256 of the weights of teacher and start. */
  weights: Readonly<{ teacher: string; start: string }>;
  /** Where it was computed. */
  place: RunPlace;
  /** What it took, from loading to the last score. */
  seconds: number;
  /** The median of the steps' seconds. */
  stepSeconds: number;
  /** The most resident memory at the end of a step, MiB. */
  peakMiB: number;
  /** How the loss went. */
  curve: RunCurve;
  /** What it ended with; absent where it diverged. */
  metrics?: RunMetrics;
  /** The checkpoint that was evaluated, and how it was chosen. */
  checkpoint?: string;
  /** The answers, by set, where it was evaluated. */
  sets?: Readonly<Record<string, SetRecord>>;
  /** The message of a run that diverged. */
  diverged?: string;
}

/** A model that was evaluated and not distilled: the teacher, or a start. */
export interface ModelRecord extends Pick<RunRecord, "name" | "configuration" | "place"> {
  /** The first digits of SHA-256 of the weights. */
  weights: string;
  /** The answers, by set. */
  sets: Readonly<Record<string, SetRecord>>;
}

/** Reads all records of a folder, by name; none where there is no folder. */
export async function readRunRecords<R extends { name: string } = RunRecord>(folder: string): Promise<Map<string, R>> {
  const records = new Map<string, R>();
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || !name.endsWith(".json")) continue;
      const path = join(folder, name);
      const record = parseJson(await Deno.readTextFile(path), { name: path }) as R;
      if (`${record?.name}.json` !== name) {
        throw new RangeError(`Cannot read ${path}: its name must be that of the run, current value is ${record?.name}`);
      }
      records.set(record.name, record);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return new Map([...records].sort(([a], [b]) => a < b ? -1 : 1));
}

/** Writes a record into a folder, whole or not at all. */
export async function writeRunRecord(folder: string, record: RunRecord | ModelRecord): Promise<void> {
  checkArguments("write a record", { folder: [folder, aText], record: [record, objectWith("name")] });
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, `${record.name}.json`), formatRecord(record));
}

/** JSON with a line for each field, short enough to be read and to be compared. */
function formatRecord(record: RunRecord | ModelRecord): string {
  const fields = Object.entries(record).filter(([, value]) => value !== undefined);
  const lines = fields.map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** Whether a record is of a run with these settings, in any order. */
export function fitsConfiguration(
  record: Pick<RunRecord, "configuration">,
  wanted: RunRecord["configuration"],
): boolean {
  checkArguments("compare a record", { record: [record, objectWith("configuration")], wanted: [wanted, anObject] });
  const { configuration } = record;
  const text = (settings: RunRecord["configuration"]) =>
    JSON.stringify(Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1));
  return text(configuration) === text(wanted);
}
