/**
 * The checks on logits that every objective makes.
 *
 * @module
 */
import { aTensor, checkArguments, objectWith, optional } from "../arguments/check_arguments.ts";
import type { LogitPair } from "./objective.ts";

/**
 * Checks that two models' logits can be compared.
 *
 * @throws {TypeError} If they are not float32.
 * @throws {RangeError} If their vocabularies or positions differ.
 */
export function checkLogits(logits: LogitPair): void {
  checkArguments("compare logits", {
    logits: [logits, objectWith("student", "teacher")],
  });
  const { student, teacher, reference } = logits;
  checkArguments("compare logits", {
    student: [student, aTensor],
    teacher: [teacher, aTensor],
    reference: [reference, optional(aTensor)],
  });
  for (const [name, { dtype }] of Object.entries({ student, teacher, ...(reference && { reference }) })) {
    if (dtype !== "float32") {
      throw new TypeError(`Cannot compare logits: the ${name}'s must be float32, current type is ${dtype}`);
    }
  }
  const [studentSize, teacherSize] = [student, teacher].map(({ shape }) => shape[shape.length - 1]);
  if (!studentSize || studentSize !== teacherSize) {
    throw new RangeError(
      `Cannot compare logits: student and teacher must have the same vocabulary, ` +
        `current sizes are ${studentSize} (student) and ${teacherSize} (teacher)`,
    );
  }
  if (student.shape.join() !== teacher.shape.join()) {
    throw new RangeError(
      `Cannot compare logits: student and teacher must have the same positions, ` +
        `current shapes are [${student.shape}] (student) and [${teacher.shape}] (teacher)`,
    );
  }
  if (reference && reference.shape.join() !== student.shape.join()) {
    throw new RangeError(
      `Cannot compare logits: student and reference must have the same positions and vocabulary, ` +
        `current shapes are [${student.shape}] (student) and [${reference.shape}] (reference)`,
    );
  }
}
