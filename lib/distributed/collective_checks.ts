/**
 * Checks of the arguments of collectives, the same for every communicator.
 *
 * @module
 */
import type { Communicator, SharedBytes } from "./communicator.ts";

/** The ranks. */
type Group = Pick<Communicator, "size">;

/**
 * Checks that a rank is one of the run's.
 *
 * @throws {RangeError} If it is not.
 */
export function checkRank(rank: number, { size }: Group): void {
  if (Number.isInteger(rank) && rank >= 0 && rank < size) return;
  throw new RangeError(`Cannot broadcast: root must be a rank below ${size}, current value is ${rank}`);
}

/**
 * Checks that a part is one rank's share of the whole.
 *
 * @param part The part of one rank.
 * @param whole The parts of all.
 * @param group The ranks that share it.
 * @throws {RangeError} If the whole is not as long as all parts together.
 * @throws {TypeError} If their types differ.
 */
export function checkParts(part: SharedBytes, whole: SharedBytes, { size }: Group): void {
  if (part.constructor !== whole.constructor) {
    const kinds = `${part.constructor.name} and ${whole.constructor.name}`;
    throw new TypeError(`Cannot share among ranks: part and whole must have the same type, current types are ${kinds}`);
  }
  if (whole.length === part.length * size) return;
  throw new RangeError(
    `Cannot share among ranks: the whole must have ${size} times the ${part.length} elements of the part, ` +
      `current count is ${whole.length}`,
  );
}
