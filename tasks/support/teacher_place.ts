/**
 * What `--teacher` names: a model, a server, or a folder of targets.
 *
 * @module
 */
import { isServerAddress } from "../../lib/teachers/served/address.ts";
import { holdsTargets } from "../../lib/teachers/targets/targets_file.ts";

/** What it names. */
export type TeacherPlace = "model" | "server" | "targets";

/** Tells them apart: by the address, or by what lies in the folder. */
export function teacherPlace(teacher: string): TeacherPlace {
  if (isServerAddress(teacher)) return "server";
  return holdsTargets(teacher) ? "targets" : "model";
}
