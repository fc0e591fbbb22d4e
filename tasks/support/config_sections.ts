/**
 * Where settings stand in configuration files. A file has the sections of `trainRun()`'s options: models, data, training,
 * recording, and the engine; within them, groups whose names are not said again by what they hold: `--lora-rank` is
 * `"models": {"lora": {"rank": 8}}`. A setting may also stand by itself, outside of all sections, under its flag's name.
 *
 * @module
 */
import type { Field } from "./field.ts";

/** The section of each heading of the help; settings under other headings stand by themselves. */
const sections: Readonly<Record<string, string>> = {
  "Models": "models",
  "Model": "models",
  "Low-rank adapters": "models",
  "Cached teacher states": "models",
  "Teacher on a server": "models",
  "Tail of a teacher's answers": "models",
  "Data": "data",
  "Prompts and lengths": "data",
  "Plain text besides the rows": "data",
  "Objective": "training",
  "Schedules": "training",
  "Who writes the responses": "training",
  "Optimizer and length": "training",
  "Run and checkpoints": "recording",
  "Watching": "recording",
  "Engine and devices": "engine",
};

/** All sections, in their order. */
const names = [...new Set(Object.values(sections))];

/** Where a setting stands in its section, if not under its flag's name. */
const places: Readonly<Record<string, string>> = {
  loraRank: "lora.rank",
  loraAlpha: "lora.alpha",
  loraDropout: "lora.dropout",
  loraTargets: "lora.targets",
  loraMerge: "lora.merge",
  teacherCache: "teacherCache.keep",
  teacherCacheFolder: "teacherCache.folder",
  teacherCacheType: "teacherCache.type",
  teacherCacheBits: "teacherCache.bits",
  teacherTopK: "teacherServer.topK",
  teacherTail: "teacherTail.name",
  teacherSamples: "teacherTail.samples",
  teacherProtocol: "teacherServer.protocol",
  teacherRows: "teacherServer.rows",
  teacherInFlight: "teacherServer.inFlight",
  teacherTimeLimit: "teacherServer.timeLimit",
  teacherRetries: "teacherServer.retries",
  teacherKeyFile: "teacherServer.keyFile",
  data: "path",
  instructionField: "fields.instruction",
  inputField: "fields.input",
  outputField: "fields.output",
  text: "text.path",
  textWeight: "text.weight",
  textBatchSize: "text.batchSize",
  textLength: "text.length",
  objective: "objective.name",
  divergence: "objective.divergence.name",
  divergenceAlpha: "objective.divergence.alpha",
  divergenceBeta: "objective.divergence.beta",
  divergenceOrder: "objective.divergence.order",
  order: "objective.order",
  alpha: "objective.alpha",
  lambda: "objective.lambda",
  detachAssistant: "objective.detachAssistant",
  beta: "objective.beta",
  skew: "objective.skew",
  mu: "objective.mu",
  weight: "objective.weight",
  alphaSchedule: "schedules.alpha.name",
  alphaEnd: "schedules.alpha.end",
  lambdaSchedule: "schedules.lambda.name",
  lambdaEnd: "schedules.lambda.end",
  temperatureSchedule: "schedules.temperature.name",
  temperatureEnd: "schedules.temperature.end",
  distillWeightSchedule: "schedules.distillWeight.name",
  distillWeightEnd: "schedules.distillWeight.end",
  textWeightSchedule: "schedules.textWeight.name",
  textWeightEnd: "schedules.textWeight.end",
  policy: "policy.name",
  policyProbability: "policy.probability",
  threshold: "policy.threshold",
  thresholdRise: "policy.thresholdRise",
  lossTolerance: "policy.lossTolerance",
  lossReference: "policy.lossReference",
  replaySchedule: "replay.schedule",
  replayCapacity: "replay.capacity",
  maxNewTokens: "responses.maxNewTokens",
  responseTemperature: "responses.temperature",
  responseTopP: "responses.topP",
  responseTopK: "responses.topK",
  optimizer: "optimizer.name",
  learningRate: "optimizer.learningRate",
  weightDecay: "optimizer.weightDecay",
  clipNorm: "optimizer.clipNorm",
  schedule: "schedule.name",
  schedulePower: "schedule.power",
  minimumLearningRate: "schedule.minimum",
  warmupSteps: "schedule.warmupSteps",
  samples: "samples.count",
  sampleEvery: "samples.every",
  sampleTemperature: "samples.temperature",
  engine: "name",
};

/** A value in a file, and where it stands: its keys from the outside inwards, joined by dots. */
export interface PlacedValue {
  place: string;
  value: unknown;
}

/** Where a setting stands in a file, its section first; undefined for settings that stand by themselves alone. */
export function placeOf({ key, group }: Pick<Field, "key" | "group">): string | undefined {
  const section = group === undefined ? undefined : sections[group];
  return section && `${section}.${places[key] ?? key}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values of a file's object: those in sections, however deep, and those by themselves. */
export function placedValues(own: Readonly<Record<string, unknown>>): PlacedValue[] {
  const inside = (place: string, value: unknown): PlacedValue[] =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, value]) => inside(`${place}.${key}`, value))
      : [{ place, value }];
  return Object.entries(own).flatMap(([key, value]) =>
    names.includes(key) ? inside(key, value) : [{ place: key, value }]
  );
}

/**
 * Puts settings into their sections and groups.
 *
 * @param config The settings, by flag's name in camel case.
 * @param fields The fields that there are; the sections, and the settings in them, have their order.
 */
export function inSections(
  config: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
): Record<string, unknown> {
  const placed = new Map(fields.map((field) => [field.key, placeOf(field)]));
  const nested: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const keys = (placed.get(key) ?? key).split(".");
    let group = nested;
    for (const name of keys.slice(0, -1)) group = (group[name] ??= {}) as Record<string, unknown>;
    group[keys.at(-1)!] = value;
  }
  const rank = (key: string) => names.indexOf(key); // settings by themselves come first
  return Object.fromEntries(Object.entries(nested).sort(([a], [b]) => rank(a) - rank(b)));
}
