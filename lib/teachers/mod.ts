/**
 * Teachers: what a student learns from.
 *
 * @module
 */
export { type AlignedTeacher, alignedTeacher, type AlignedTeacherOptions } from "./aligned/aligned_teacher.ts";
export type { ElsewhereRule } from "./aligned/aligned_teacher.ts";
export { cached, type CachedOptions, type CachedTeacher } from "./cached.ts";
export { type HiddenTeacher, localTeacher } from "./local_teacher.ts";
export type { HiddenType } from "./hidden_store.ts";
export { mixedTeacher, type MixedTeacherOptions } from "./mixed_teacher.ts";
export { teacherPerRow, type TeacherPerRowOptions } from "./teacher_per_row.ts";
export { teacherLoss, type TeacherLossOptions } from "./teacher_loss.ts";
export { sampledTail, type SampledTailOptions } from "./sampled_tail.ts";
export { sparse, type SparseOptions } from "./sparse.ts";
export { type TailOption, withTail } from "./with_tail.ts";
export { type ServedTeacher, servedTeacher, type ServedTeacherOptions } from "./served/served_teacher.ts";
export type { OpenedServer } from "./served/opened_server.ts";
export type { ProtocolName } from "./served/protocol.ts";
export type { RetryEvent } from "./served/transport.ts";
export { type KeptTargets, type KeptTargetsOptions, targetsFrom } from "./targets/kept_targets.ts";
export type { PackedAmount } from "./targets/targets_folder.ts";
export { TeacherError } from "./teacher_error.ts";
export type {
  DenseTargets,
  SparseTargets,
  Teacher,
  TeacherBatch,
  TeacherFootprint,
  TeacherIdentity,
  TeacherTargets,
  TeachingPlan,
} from "./teacher.ts";
export type { TrainingBatch } from "../batches/training_batch.ts";
export { logRest, type LogRestOptions, type SortedProbs, type SparseAnswer } from "../distributions/sparse_answer.ts";
