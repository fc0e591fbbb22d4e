/**
 * The settings of the task targets, the teacher that it asks, and what it prints.
 *
 * @module
 */
import { z } from "zod";
import { ARITHMETIC } from "../../lib/assistants/alpha_mixture.ts";
import type { Row } from "../../lib/batches/row.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { alignmentLine } from "../../lib/figures/run_words.ts";
import { modelConfigOf } from "../../lib/models/model_config_of.ts";
import type { PackedTargets } from "../../lib/runs/pack_targets.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { sampledTail } from "../../lib/teachers/sampled_tail.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { DISTILL_DEFAULTS } from "../../lib/training/run/distill_options.ts";
import { distillSchema } from "./distill_setup.ts";
import { called, type Effect, either, is, where } from "./effects.ts";
import { seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { aligned, loadTeachers } from "./load_teacher.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { readTexts, readyCorpus } from "./ready_corpus.ts";
import { servedFields } from "./served_fields.ts";
import { tailFields } from "./tail_fields.ts";
import { type SparseTeacher, teacherCacheFields } from "./teacher_cache_fields.ts";
import { teacherPlace } from "./teacher_place.ts";
import { dataFields, engineFields } from "./training_fields.ts";

const { student, teacherAdapter, teacherPrecision, trainRows } = distillSchema.shape;

/** The settings of the task. */
const schema = z.strictObject({
  name: z.string().default("targets").describe("the folder is runs/<name>/"),
  teacher: z.string().default("data/teacher").describe(
    "folder of the teacher, or the address of a server that has it, http://host:port/v1#model",
  ),
  student,
  teacherAdapter,
  teacherPrecision,
  ...servedFields,
  teacherTail: z.enum(["bucket", "sample"]).default("bucket").describe(
    "what is kept of the tokens that an answer does not name: their total probability, or a sample of a local teacher's, " +
      "for forward KL",
  ),
  teacherSamples: tailFields.teacherSamples,
  bits: teacherCacheFields.teacherCacheBits.describe("bits of a log-probability, from 4 to 16"),
  ...dataFields,
  trainRows,
  batchSize: z.int().min(1).default(32).describe("rows that the teacher is asked about together"),
  seed: seedField(DISTILL_DEFAULTS.seed).describe("decides the rows that are drawn; that of the run"),
  ...engineFields,
});

/** The settings, as they are parsed. */
export type TargetsConfig = z.output<typeof schema>;

const served = where<keyof TargetsConfig>(
  "a --teacher on a server",
  ["teacher"],
  ({ teacher }) => teacherPlace(String(teacher)) === "server",
);

const local = where<keyof TargetsConfig>(
  "a model here",
  ["teacher"],
  ({ teacher }) => teacherPlace(String(teacher)) === "model",
);

/** The teacher that is asked. */
export interface AskedTeacher {
  teacher: SparseTeacher;
  /** Its tokenizer, if it is not that of the rows. */
  own?: Tokenizer;
}

/** Which settings count only beside others. */
const effects: readonly Effect<keyof TargetsConfig>[] = [
  {
    of: Object.keys(servedFields).filter((key) => key !== "teacherTopK") as (keyof typeof servedFields)[],
    needs: [served],
  },
  {
    of: ["teacherTail"],
    needs: [called("a --teacher that is a model here", either(is("teacherTail", "bucket"), local))],
  },
  { of: ["teacherSamples"], needs: [is("teacherTail", "sample")] },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof TargetsConfig> = {
  first: ["name", "teacher", "student", "data", "teacherTopK", "bits", "engine"],
  examples: [
    "deno task targets --teacher http://127.0.0.1:8000/v1 --student DIR --data DIR",
    "deno task distill --teacher runs/answers --student DIR --data DIR",
  ],
};

/** The task, as its command line is read. */
export const targetsTask = {
  name: "targets",
  description: "Ask a teacher about all rows of a run once, and pack its answers.",
  schema,
  help,
  effects,
};

/**
 * Loads the teacher, or finds its server; of a model, its best tokens are kept.
 *
 * @throws {UsageError} If its vocabulary is not that of the tokenizer.
 */
export async function sparseTeacher(config: TargetsConfig, tokenizer: Tokenizer): Promise<AskedTeacher> {
  const say = (text: string) => console.error(`warning: ${text}`);
  const { parts } = await loadTeachers({ ...config, teacherAlpha: ARITHMETIC }, { tokenizer, say });
  const [{ teacher: loaded, tokenizer: own }] = await agreeOnVocabulary(tokenizer, { teachers: parts }, {
    ...config,
    crossTokenizer: "span",
  });
  if (!(loaded instanceof LanguageModel)) return { teacher: loaded, own };
  const { teacher: name, teacherTopK: topK, teacherSamples: samples, seed } = config;
  const teacher = localTeacher(loaded, { name });
  const tailed = config.teacherTail === "sample"
    ? sampledTail(teacher, { topK, samples, seed })
    : sparse(teacher, { topK });
  return { teacher: tailed, own };
}

/** The rows that a run with these settings learns from and validates on, in the tokens of the teacher. */
export async function rowsOfRun(
  config: TargetsConfig,
  { tokenizer, teacher, own, origins }: AskedTeacher & {
    tokenizer: Tokenizer;
    origins: Readonly<Record<string, string>>;
  },
): Promise<Row[]> {
  const say = console.error;
  const { contextLength: context } = await modelConfigOf(config.student);
  const teacherContext = teacher.contextLength ?? Infinity;
  const contextLength = own ? context : Math.min(context, teacherContext);
  const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
  const texts = await readTexts(config, { counts, origins, say });
  const ofTeacher = { teacherContext, teacherTokenizer: () => own };
  const ready = { settings: config, tokenizer, contextLength, teacher: ofTeacher, say };
  const { train, valid } = readyCorpus(texts, ready);
  const rows = [...train, ...valid];
  if (!own) return rows;
  const inTheirs = aligned(teacher, { own, place: config.teacher }, { ...config, tokenizer });
  say(alignmentLine(inTheirs.measures(rows)));
  return inTheirs.teacherRows(rows);
}

/** What was packed, in a line. */
export function packedLine(
  { tokens, written }: PackedTargets,
  { folder, rows, seconds }: { folder: string; rows: number; seconds: number },
): string {
  const { bytes, nats } = written;
  const each = written.tokens === 0
    ? "all were there already"
    : `${(bytes / written.tokens).toFixed(1)} bytes and ${(nats / written.tokens).toExponential(1)} nats of error ` +
      `a token, ${seconds.toFixed(1)} s`;
  return `${folder}: ${rows} rows, ${tokens} tokens; ${written.tokens} new ones: ${each}`;
}
