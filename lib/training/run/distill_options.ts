/**
 * The options of a whole run.
 *
 * @module
 */
import { aNumber, aRow, checkArguments, checkList } from "../../arguments/check_arguments.ts";
import { checkRow, type Row } from "../../batches/row.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import { checkEvery, type Every } from "../every.ts";
import type { RowSupplyOptions } from "../policy/row_supply.ts";
import { checkTrainerOptions } from "../step/check_trainer_options.ts";
import type { Trainer, TrainerOptions } from "../step/trainer.ts";

/** What a run is made with where its options do not say. */
export const DISTILL_DEFAULTS = {
  seed: 1,
  validateEvery: 100,
  measureEvery: 10,
  saveEvery: "end",
  keepLast: 1,
  keepBest: false,
  sampleTemperature: 0,
} as const satisfies Partial<DistillOptions>;

/** Options for {@linkcode distill}. */
export interface DistillOptions extends TrainerOptions, RowSupplyOptions {
  /** The rows to train on; if the student writes, it answers their prompts. */
  rows: readonly Row[];
  /**
   * The tokenizer that made the rows. With it, the student's answers end at its end token too, see `endTokensOf`, and
   * the run starts with a warning if the rows end differently from the models.
   */
  tokenizer?: Pick<Tokenizer, "endToken" | "decode" | "vocabularySize">;
  /** The teacher's own tokenizer, for that warning: only its end token counts. */
  teacherTokenizer?: Pick<Tokenizer, "endToken">;
  /** Rows per step. */
  batchSize: number;
  /**
   * Decides the order of the rows and all other draws.
   *
   * @default {1}
   */
  seed?: number;
  /** Rows of plain text, a batch of which joins each step with `textWeight`, 1 where it is absent. */
  textRows?: readonly Row[];
  /**
   * Corpus rows per step.
   *
   * @default {batchSize}
   */
  textBatchSize?: number;
  /** Held-out rows for the validation loss. */
  validRows?: readonly Row[];
  /**
   * How often the validation loss is computed.
   *
   * @default {100}
   */
  validateEvery?: Every;
  /** Rows whose prompts the student answers from time to time, always the same ones. */
  sampleRows?: readonly Row[];
  /**
   * How often the sample rows are answered.
   *
   * @default {validateEvery}
   */
  sampleEvery?: Every;
  /**
   * What logits are divided by before a token of a sample is drawn; 0 takes the most probable one. The draws are the
   * same each time, so that samples differ only if the student does.
   *
   * @default {0}
   */
  sampleTemperature?: number;
  /** Where checkpoints go; none are written if it is absent. */
  checkpointFolder?: string;
  /**
   * How often a checkpoint is saved; one at the end lets a run be extended without repeating a step. A run that is
   * stopped saves one in any case.
   *
   * @default {"end"}
   */
  saveEvery?: Every;
  /**
   * How many of the last checkpoints are kept.
   *
   * @default {1}
   */
  keepLast?: number;
  /**
   * Whether a checkpoint is saved at each validation that is the best so far, and the last such is kept.
   *
   * @default {false}
   */
  keepBest?: boolean;
  /**
   * Whether to resume from the last checkpoint in the folder, if there is one. With `true`, a broken checkpoint is
   * an error; `"auto"` sets it aside with a warning and resumes from the previous one. `totalSteps` may differ from
   * before, as long as it is not below the steps taken: schedules then span the new length from that point, with a
   * warning that states what changes; if they are constant, the run ends in the same bits as one started with that
   * length.
   *
   * @default {false}
   */
  resume?: boolean | "auto";
  /** Further settings that decide the run, by name; a checkpoint of a run with different ones is refused. */
  settings?: Readonly<Record<string, unknown>>;
  /**
   * How many steps with a loss or gradient that is not finite are skipped, with a warning, before one ends the run.
   *
   * @default {0}
   */
  maxSkippedSteps?: number;
  /** Where a step that ended the run is saved for replay; it is not saved if this is absent. */
  failureFolder?: string;
  /**
   * The settings that are saved with a failed step, for its replay.
   *
   * @default {settings}
   */
  replaySettings?: Readonly<Record<string, unknown>>;
  /** Where the averaged weights are saved at the end, as a Hugging Face folder. */
  averageFolder?: string;
  /** Called when a checkpoint is saved; its result is part of the `start` event of a run that resumes from there. */
  metricsOffset?: () => number | undefined;
  /** Bytes of memory that are available, see `availableMemory()`; the run starts with a warning if it will need more. */
  availableMemory?: number;
  /** Called after each step; its result is added to the step's `metrics`. */
  measure?: (trainer: Trainer, rows: readonly Row[]) => Record<string, number> | Promise<Record<string, number>>;
  /** Stops the run after the current step; a checkpoint is then saved. */
  signal?: AbortSignal;
}

/**
 * Checks the options that the parts of a run do not check themselves.
 *
 * @throws {RangeError} If a count is not a whole number in its range, or rows are missing that an option asks for.
 * @throws {TypeError} If the student writes and there is no teacher to judge it.
 */
export function checkDistillOptions(options: DistillOptions): void {
  checkTrainerOptions(options);
  checkArguments("train", { batchSize: [options.batchSize, aNumber] });
  checkList("train", { rows: options.rows }, aRow);
  const { textRows = [], validRows = [], policy } = options;
  for (const [name, list] of Object.entries({ textRows, validRows })) {
    checkList("train", { [name]: list }, aRow);
  }
  const least = {
    batchSize: 1,
    textBatchSize: 1,
    keepLast: 1,
    maxSkippedSteps: 0,
  };
  for (const [name, minimum] of Object.entries(least)) {
    const value = options[name as keyof typeof least];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= minimum)) {
      throw new RangeError(
        `Cannot train: ${name} must be a whole number of at least ${minimum}, current value is ${value}`,
      );
    }
  }
  const { validateEvery = DISTILL_DEFAULTS.validateEvery, saveEvery, sampleEvery } = options;
  for (const [name, every] of Object.entries({ validateEvery, saveEvery, sampleEvery })) {
    if (every !== undefined) checkEvery(name, every);
  }
  checkLengths(options);
  const textWeight = textWeightOf(options) ?? 0;
  if (policy?.name === "adaptive" && (validRows.length === 0 || typeof validateEvery !== "number")) {
    throw new RangeError(
      `Cannot train: the adaptive policy needs validRows and a validateEvery in steps, ` +
        `current values are ${validRows.length} rows and ${validateEvery}`,
    );
  }
  if (policy && policy.name !== "off" && !options.teacher) {
    throw new TypeError(`Cannot train: the policy ${policy.name} needs a teacher, which is not given`);
  }
  const weighs = typeof textWeight === "number" ? textWeight > 0 : true;
  if (weighs && textRows.length === 0) {
    throw new RangeError("Cannot train: textWeight needs textRows, current count is 0");
  }
  if (!weighs && textRows.length > 0) {
    throw new RangeError("Cannot train: textRows need a textWeight above 0, current value is 0");
  }
}

/** The weight of plain text: 1 where there is some and no weight is given. */
export function textWeightOf({ textWeight, textRows = [] }: DistillOptions): DistillOptions["textWeight"] {
  return textWeight ?? (textRows.length > 0 ? 1 : undefined);
}

/** Checks, before a run that may be long, that every row fits the models. */
function checkLengths({ student, rows, textRows = [], validRows = [], ...options }: DistillOptions): void {
  const others = [options.teacher, options.reference].map((given) => given && teacherOf(given).contextLength);
  const longest = Math.min(student.config.contextLength, ...others.map((length) => length ?? Infinity));
  for (const [name, list] of Object.entries({ rows, textRows, validRows })) {
    list.forEach(checkRow);
    const culprit = list.findIndex(({ ids }) => ids.length - 1 > longest); // the last token predicts nothing
    if (culprit < 0) continue;
    throw new RangeError(
      `Cannot train: a row must fit the models' context of ${longest} tokens, row ${culprit} of ${name} has ` +
        `${list[culprit].ids.length}`,
    );
  }
}
