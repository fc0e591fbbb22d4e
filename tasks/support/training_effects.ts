/**
 * Which settings of the training tasks count only where others have certain values.
 *
 * @module
 */
import { divergences } from "../../lib/divergences/registry.ts";
import { objectives } from "../../lib/objectives/mod.ts";
import {
  above,
  absent,
  both,
  called,
  type Condition,
  type Effect,
  either,
  given,
  is,
  isNot,
  noFlag,
  where,
} from "./effects.ts";
import { flagOf } from "./field.ts";
import { atMost, lengthEffects, policyEffects } from "./length_effects.ts";
import type { distillSchema } from "./distill_setup.ts";
import { optionsOfObjective, parametersOf, setsMixture } from "./objective_fields.ts";
import { teacherIsAt } from "./teacher_parts.ts";
import type { TeacherPlace } from "./teacher_place.ts";
import type { sftSchema } from "./sft_setup.ts";

type DistillKey = keyof typeof distillSchema.shape & string;
type SftKey = keyof typeof sftSchema.shape & string;
type SharedKey = DistillKey & SftKey;

/** Holds where an interval is a number of steps. */
function inSteps<Key extends string>(key: Key): Condition<Key> {
  return { keys: [key], holds: (settings) => typeof settings[key] === "number", needed: `${flagOf(key)} in steps` };
}

/** Of tasks that train. */
const training: readonly Effect<SharedKey>[] = [
  {
    of: ["epochs"],
    needs: [noFlag("steps")],
    reason: ({ steps }) => `it excludes --steps, current value is ${steps}`,
  },
  { of: ["overwrite"], needs: [is("resume", false)], reason: () => "it excludes --resume" },
  { of: ["kinds"], needs: [is("data", "wordnet")] },
  { of: ["textWeight", "textBatchSize", "textLength"], needs: [given("text")], silent: [0] },
  { of: ["schedulePower"], needs: [is("schedule", "polynomial")] },
  { of: ["minimumLearningRate"], needs: [isNot("schedule", "constant")] },
  {
    of: ["minimumLearningRate"],
    needs: [atMost("minimumLearningRate", "learningRate")],
    reason: ({ learningRate }) => `the lowest learning rate must be at most the peak, which is ${learningRate}`,
  },
  { of: ["sampleEvery", "sampleTemperature"], needs: [above("samples", 0)], silent: [0] },
  { of: ["shardOptimizer"], needs: [called("--distributed", isNot("distributed", false))] },
  { of: ["keepLast"], needs: [either(inSteps("saveEvery"), given("epochs"))], silent: [1] },
  { of: ["keepBest"], needs: [either(inSteps("validateEvery"), given("epochs"))], warn: true },
  ...lengthEffects.map((effect): Effect<SharedKey> => ({
    ...effect,
    needs: effect.needs.map((need) => either<SharedKey>(given("epochs"), need)),
  })),
  {
    of: ["microBatchSize"],
    needs: [atMost("microBatchSize", "batchSize")],
    reason: ({ batchSize }) => `it has no effect, a step has ${batchSize} rows`,
    warn: true,
  },
];

const objectiveKeys = [...new Set(objectives().flatMap((name) => optionsOfObjective(name).map(({ key }) => key)))];
const divergenceKeys = [...new Set(divergences().flatMap((name) => parametersOf(name).map(({ key }) => key)))];
const ownersOf = (key: string) =>
  objectives().filter((name) => optionsOfObjective(name).some((one) => one.key === key));

/** Settings of a schedule beside its start. */
const scheduleOf = (name: "alpha" | "lambda") => [`${name}Schedule`, `${name}End`] as const;

const mixture: Condition<DistillKey> = {
  keys: ["order"],
  holds: ({ objective, order }) => objective !== "amid" || (order !== "pq" && order !== "qp"),
  needed: "an --order with r, the mixture",
};
const teacherIs = (needed: string, ...places: readonly TeacherPlace[]): Condition<DistillKey> =>
  where(needed, ["teacher"], (settings) => teacherIsAt(settings, ...places));
const several = (teacher: unknown) => Array.isArray(teacher) && teacher.length > 1;
const distils = either<DistillKey>(above("distillWeight", 0), isNot("distillWeightSchedule", "constant"));
const writes = isNot<DistillKey>("policy", "off");
const replays = called(
  "--policy on or mixed with a --replay-schedule, or --policy adaptive",
  either<DistillKey>(
    both(writes, given("replaySchedule"), isNot("replaySchedule", "none")),
    both(is("policy", "adaptive"), absent("replaySchedule")),
  ),
);

/** The rules of the options of objectives and divergences, from the registries. */
const objectiveEffects: readonly Effect<DistillKey>[] = [
  { of: ["divergence"], needs: [is("objective", "amid")] },
  ...objectiveKeys.map((key): Effect<DistillKey> => ({
    of: [key],
    needs: [is<DistillKey>("objective", ...ownersOf(key))],
  })),
  ...(["alpha", "lambda"] as const).map((number): Effect<DistillKey> => {
    const open = objectives().filter((name) => setsMixture(name, number));
    return { of: [...scheduleOf(number)], needs: [is<DistillKey>("objective", ...open)], silent: ["constant"] };
  }),
  ...divergenceKeys.map((key): Effect<DistillKey> => {
    const owners = divergences().filter((name) => parametersOf(name).some((one) => one.key === key));
    return { of: [key], needs: [is<DistillKey>("objective", "amid"), is<DistillKey>("divergence", ...owners)] };
  }),
  {
    of: ["alpha", "lambda", ...scheduleOf("alpha"), ...scheduleOf("lambda"), "detachAssistant"],
    needs: [mixture],
    silent: ["constant"],
  },
  {
    of: ["objective", "divergence", "temperature", ...objectiveKeys, ...divergenceKeys],
    needs: [distils],
    warn: true,
  },
];

const schedules: readonly Effect<DistillKey>[] = [
  ...(["alpha", "lambda", "temperature", "distillWeight", "textWeight"] as const).map((name): Effect<DistillKey> => ({
    of: [`${name}End`],
    needs: [isNot<DistillKey>(`${name}Schedule`, "constant")],
  })),
  { of: ["textWeightSchedule", "textWeightEnd"], needs: [given("text")], silent: ["constant"] },
];

const policies: readonly Effect<DistillKey>[] = [
  { of: ["policyProbability"], needs: [is("policy", "mixed")] },
  { of: ["threshold", "thresholdRise", "lossTolerance", "lossReference"], needs: [is("policy", "adaptive")] },
  {
    of: ["thresholdRise", "lossTolerance", "lossReference"],
    needs: [either(inSteps("validateEvery"), given("epochs"))],
  },
  { of: ["replaySchedule"], needs: [writes], silent: ["none"] },
  { of: ["responseTemperature"], needs: [writes] },
  { of: ["replayCapacity"], needs: [replays] },
  { of: ["maxNewTokens"], needs: [either(writes, above("samples", 0))], warn: true },
  {
    of: ["responseTopP", "responseTopK"],
    needs: [called(
      "sampled answers: --policy other than off, or --samples with --sample-temperature above 0",
      either(both(writes, above("responseTemperature", 0)), both(above("samples", 0), above("sampleTemperature", 0))),
    )],
    silent: [0],
  },
];

/** The rules of `deno task distill`, and of a sweep's runs. */
export const distillEffects: readonly Effect<DistillKey>[] = [
  ...training,
  ...objectiveEffects,
  ...schedules,
  ...policies,
  ...policyEffects,
  {
    of: ["format"],
    needs: [called(
      "--lora-merge where adapters are trained, which are stored as float32",
      either(both(absent("loraRank"), absent("studentAdapter")), is("loraMerge", true)),
    )],
    silent: ["F32"],
  },
  {
    of: [
      "teacherProtocol",
      "teacherRows",
      "teacherInFlight",
      "teacherTimeLimit",
      "teacherRetries",
      "teacherTokenizer",
      "teacherKeyFile",
    ],
    needs: [teacherIs("a --teacher on a server", "server")],
  },
  {
    of: ["teacherWeights", "teacherAlpha"],
    needs: [where("several --teacher", ["teacher"], ({ teacher }) => several(teacher)), absent("teacherField")],
  },
  {
    of: ["teacherTopK"],
    needs: [either(
      teacherIs("a --teacher on a server", "server"),
      both(teacherIs("a model here", "model"), isNot("teacherTail", "bucket")),
      where("--cross-tokenizer for one with another tokenizer", [], (_, origins) => "crossTokenizer" in origins),
    )],
  },
  {
    of: ["teacherTail"],
    needs: [called(
      "a --teacher that is a model here",
      either(isNot("teacherTail", "sample"), teacherIs("a model here", "model")),
    )],
  },
  { of: ["teacherSamples"], needs: [is("teacherTail", "sample")] },
  {
    of: ["teacherAdapter", "teacherPrecision", "teacherCacheType"],
    needs: [teacherIs("a --teacher that is a model here", "model")],
  },
  {
    of: ["teacherCache", "teacherCacheFolder"],
    needs: [teacherIs("a --teacher that is a model or on a server", "model", "server")],
  },
  {
    of: ["crossTokenizer"],
    needs: [called(
      "a --teacher that may have another tokenizer: a model here, targets, or a server with --teacher-tokenizer",
      either(teacherIs("a model or targets", "model", "targets"), given("teacherTokenizer")),
    )],
  },
  {
    of: ["teacherCacheBits"],
    needs: [teacherIs("a --teacher on a server", "server"), is("teacherCache", "disk")],
  },
  { of: ["teacherCacheFolder"], needs: [is("teacherCache", "disk")] },
  { of: ["teacherCacheType"], needs: [isNot("teacherCache", false)] },
  {
    of: ["teacherCache", "teacherCacheFolder", "teacherCacheType"],
    needs: [either(isNot("policy", "on"), replays)],
    silent: [true],
    warn: true,
  },
];

/** The rules of `deno task sft`. */
export const sftEffects: readonly Effect<SftKey>[] = [
  ...training,
  { of: ["layers", "hiddenSize", "heads", "contextLength"], needs: [absent("model")] },
  {
    of: ["loraRank", "loraAlpha", "loraDropout", "loraTargets", "loraMerge"],
    needs: [given("model")],
  },
  {
    of: ["format"],
    needs: [called(
      "--lora-merge where adapters are trained, which are stored as float32",
      either(absent("loraRank"), is("loraMerge", true)),
    )],
    silent: ["F32"],
  },
];
