/**
 * The storage formats of the engine in use.
 *
 * @module
 */
import type { StoragePrecision } from "../../engines/engine.ts";
import { currentAbilities } from "../../engines/current_engine.ts";

/**
 * Checks that the engine in use supports a storage format.
 *
 * @param precision The requested format.
 * @param deed What fails otherwise, as in `"load data/teacher"`.
 * @throws {RangeError} If it cannot.
 */
export function checkStoragePrecision(precision: StoragePrecision, deed: string): void {
  const { storage } = currentAbilities();
  if (storage.includes(precision)) return;
  throw new RangeError(
    `Cannot ${deed}: the engine in use stores models in ${storage.join(" or ")} only, current value is ${precision}`,
  );
}
