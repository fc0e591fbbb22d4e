/**
 * What a teacher loses that is stored in few bits, on rows of its run.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { TeacherStorage } from "../../lib/figures/run_result.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { storageDifference } from "../../lib/models/storage_difference.ts";
import { availableMemory } from "../../lib/training/memory/available_memory.ts";

/** Rows that both are compared on, and the tokens of each. */
const ROWS = 4, TOKENS = 128;

/** Options for {@linkcode teacherStorage}. */
export interface TeacherStorageOptions {
  /** Where the teacher is loaded from. */
  path: string;
  adapter?: string;
  /** The run's rows. */
  rows: readonly Row[];
  /** Receives the line that is printed. */
  say: (text: string) => void;
}

/**
 * Compares a teacher in few bits with the full one, which is loaded beside it and freed again, and says what was lost.
 *
 * @returns How it is stored; without the losses where it holds the file's own blocks, which lose nothing, or the memory does
 * not suffice for the full one; undefined for a teacher in floats.
 */
export async function teacherStorage(
  teacher: LanguageModel,
  { path, adapter, rows, say }: TeacherStorageOptions,
): Promise<TeacherStorage | undefined> {
  const { precision, packedBytes, parameterCount } = teacher;
  if (packedBytes === undefined) return undefined;
  const share = packedBytes / (4 * parameterCount);
  const stored = { precision, share };
  const said = `teacher ${precision === "stored" ? "as stored" : `in ${precision}`}, ${
    share.toFixed(3)
  } of float32's memory`;
  if (precision === "stored") {
    say(`${said}, its numbers those of the file`);
    return { ...stored, roundingError: 0, divergence: 0 };
  }
  const needed = 4 * parameterCount;
  const available = availableMemory();
  if (available !== undefined && needed > available / 2) {
    say(`${said}; what that loses was not measured: the full teacher beside it would take too much of the memory`);
    return stored;
  }
  const full = await loadModel(path, { adapter, vocabularySize: teacher.vocabularySize });
  try {
    const ids = rows.slice(0, ROWS).map(({ ids }) => [...ids.slice(0, TOKENS)]);
    const { roundingError, divergence, positions } = await storageDifference(full, teacher, { rows: ids });
    say(
      `${said}; divergence of the full one's next tokens from its ${divergence.toPrecision(3)} nats per token ` +
        `(${positions} tokens of the run), error of the weights ${(100 * roundingError).toPrecision(2)} %`,
    );
    return { ...stored, roundingError, divergence, positions };
  } finally {
    full.dispose();
  }
}
