/**
 * A teacher whose sparse answers are kept, or were kept before.
 *
 * @module
 */
import { aText, checkArguments } from "../../arguments/check_arguments.ts";
import { type Row, rowKey } from "../../batches/row.ts";
import { keptTokens, trainingBatch } from "../../batches/training_batch.ts";
import { joinAnswers, sliceAnswer, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { footprintsOf, type SparseTargets, type Teacher, type TeacherIdentity } from "../teacher.ts";
import { TeacherError } from "../teacher_error.ts";
import { holdsTargets } from "./targets_file.ts";
import { type PackedAmount, TargetsFolder } from "./targets_folder.ts";

/** The default bits of a log-probability. */
export const PACKED_BITS = 7;

/** Options for {@linkcode keptTargets}. */
export interface KeptTargetsOptions {
  /**
   * The folder that answers are packed into, where later runs with that teacher find them again.
   *
   * @default {memory, as they are}
   */
  folder?: string;
  /**
   * Bits of a packed log-probability, 4 to 16.
   *
   * @default {7}
   */
  bits?: number;
}

/** A teacher that keeps sparse answers. */
export interface KeptTargets extends Teacher {
  /** How many tokens each answer names. */
  readonly topK: number;
  /** What this process has packed; all 0 in memory. */
  readonly written: PackedAmount;
  /** Returns the answers that are kept, and asks for the others. */
  prepare(batch: Parameters<Teacher["prepare"]>[0]): Promise<SparseTargets>;
}

/**
 * Asks a teacher for the sparse answers of a row once, and keeps them for the next time that row comes. The targets are
 * always what was kept, the first time too: in a folder, packed.
 *
 * @param teacher A teacher that answers sparsely; it must not change.
 * @param options Where answers are kept, and how they are packed.
 * @throws {TypeError} If the teacher provides whole distributions.
 * @throws {RangeError} If the folder or the number of bits is invalid.
 */
export function keptTargets(teacher: Teacher, options: KeptTargetsOptions = {}): KeptTargets {
  const { folder: path, bits = PACKED_BITS } = options;
  const { topK, vocabularySize } = teacher;
  if (topK === undefined) {
    throw new TypeError(`Cannot keep answers: the teacher must answer sparsely, "${teacher.name}" does not`);
  }
  if (path === "") throw new RangeError('Cannot keep answers: folder must be a path, current value is ""');
  if (!(Number.isInteger(bits) && bits >= 4 && bits <= 16)) {
    throw new RangeError(`Cannot keep answers: bits must be a whole number from 4 to 16, current value is ${bits}`);
  }
  if (teacher.alignsSpans) {
    throw new TypeError(
      `Cannot keep answers: they must be of single tokens, those of "${teacher.name}" are of spans; the states of the model ` +
        "in it can be cached",
    );
  }
  const memory = new Map<string, SparseAnswer>();
  let folder: TargetsFolder | undefined;
  const wanted = async () => ({
    name: teacher.name,
    teacher: (await teacher.identity()).settings,
    topK,
    bits,
    vocabularySize,
    ...teacher.contextLength !== undefined && { contextLength: teacher.contextLength },
    ...teacher.estimates && { estimates: true as const },
  });
  const opened = async () => folder ??= TargetsFolder.open(path!, await wanted());
  const ask = async (rows: readonly Row[], recurring: boolean): Promise<SparseAnswer> => {
    const targets = await teacher.prepare({ rows, recurring, ...trainingBatch(rows) }) as SparseTargets;
    try {
      return targets.answer(0, keptTokens(rows));
    } finally {
      targets.dispose();
    }
  };
  const remember = (rows: readonly Row[], answer: SparseAnswer) => {
    let start = 0;
    for (const row of rows) {
      const size = keptTokens([row]);
      memory.set(rowKey(row), sliceAnswer(answer, { start, size }));
      start += size;
    }
  };
  return {
    name: teacher.name,
    topK,
    vocabularySize,
    estimates: teacher.estimates,
    keepsRows: true,
    worksBeside: teacher.worksBeside,
    endTokens: teacher.endTokens,
    footprint: footprintsOf(teacher).map(({ kept: _kept, ...others }) => others),
    get contextLength() {
      return teacher.contextLength;
    },
    get retries() {
      return teacher.retries;
    },
    get written() {
      return folder?.written ?? { tokens: 0, bytes: 0, nats: 0 };
    },
    async identity() {
      const inner = await teacher.identity();
      return path === undefined ? inner : packedIdentity(inner, bits);
    },
    async open(plan) {
      await teacher.open?.(plan);
      if (path !== undefined) await opened();
    },
    async prepare(batch) {
      const { rows, recurring } = batch;
      if (!recurring) return await teacher.prepare(batch) as SparseTargets;
      const kept = path === undefined ? undefined : await opened();
      const has = (row: Row) => kept ? kept.has(row) : memory.has(rowKey(row));
      const missing = [...new Map(rows.filter((row) => !has(row)).map((row) => [rowKey(row), row])).values()];
      if (missing.length > 0) {
        const answer = await ask(missing, recurring);
        if (kept) await kept.write(missing, answer, await wanted());
        else remember(missing, answer);
      }
      return targetsOf(kept ? kept.read(rows) : joinAnswers(rows.map((row) => memory.get(rowKey(row))!)));
    },
  };
}

/**
 * Makes a teacher of a folder of packed answers, without the teacher that they are from.
 *
 * @param path The folder, as {@linkcode keptTargets} fills it.
 * @throws {RangeError} If it holds no targets.
 * @throws {SyntaxError} If a file is damaged; the message names it. In a run, a {@linkcode TeacherError} if it lacks a row.
 */
export function targetsFrom(path: string): Teacher & { readonly topK: number } {
  checkArguments("learn from targets", { path: [path, aText] });
  if (!holdsTargets(path)) {
    throw new RangeError(`Cannot learn from ${path}: it must hold targets, there is no targets.json`);
  }
  const folder = TargetsFolder.open(path);
  const { name, teacher, topK, bits, vocabularySize, contextLength, estimates } = folder.description!;
  const lacks = (rows: readonly Row[]) => {
    const at = rows.findIndex((row) => !folder.has(row));
    if (at < 0) return;
    const text = `row ${at} of ${rows.length} (${rows[at].ids.length} tokens)`;
    throw new TeacherError(
      `Cannot learn from the targets in ${path}: they are of ${folder.rows} rows, ${text} is not among them; they must ` +
        "be made with the data, the tokenizer and the lengths of the run",
    );
  };
  return {
    name: `${name}, from ${path}`,
    topK,
    vocabularySize,
    contextLength,
    estimates,
    keepsRows: true,
    identity: () => {
      const digest = () => Promise.resolve(JSON.stringify(folder.description));
      return Promise.resolve(packedIdentity({ settings: teacher, digest }, bits));
    },
    open({ rows }) {
      return Promise.resolve().then(() => lacks(rows));
    },
    prepare: ({ rows }) =>
      Promise.resolve().then(() => {
        lacks(rows);
        return targetsOf(folder.read(rows));
      }),
  };
}

const targetsOf = (answer: SparseAnswer): SparseTargets => ({
  answer: (start, size) => sliceAnswer(answer, { start, size }),
  dispose: () => {},
});

/** Packed answers are not quite those that were packed. */
const packedIdentity = ({ settings, digest, ...others }: TeacherIdentity, bits: number): TeacherIdentity => ({
  ...others,
  settings: { ...settings, packedBits: bits },
  digest: async () => `${await digest()}-${bits}`,
});
