/**
 * The non-mutating methods of lists and tuples.
 *
 * @module
 */
import { equals } from "./compare.ts";
import { valueError } from "./errors.ts";
import { attribute, type MethodBody, methods, type MethodTable } from "./methods.ts";
import { integer, listOf, place } from "./protocol.ts";
import { repr } from "./text_form.ts";
import type { Range } from "./range.ts";
import { itemsIn, type Value } from "./value.ts";

const count: MethodBody = (self, [wanted], { meter }) =>
  BigInt(itemsIn(self)!.filter((item) => equals(item, wanted, meter)).length);

const index = (complaint: (wanted: Value) => string): MethodBody => (self, [wanted, start, stop], { meter }) => {
  const items = itemsIn(self)!;
  const at = (given: Value) => {
    const value = place(integer(given));
    return Math.max(0, value < 0 ? value + items.length : value);
  };
  const [from, to] = [at(start), at(stop)];
  const found = items.findIndex((item, place) => place >= from && place < to && equals(item, wanted, meter));
  if (found === -1) throw valueError(complaint(wanted));
  return BigInt(found);
};

const WORDS = "index(value, start=0, stop=9223372036854775807, /)";

/** The methods of lists. */
export const LIST_METHODS: MethodTable = new Map(methods("list", {
  "copy()": (self) => [...self as Value[]],
  "count(value, /)": count,
  [WORDS]: index((wanted) => `${repr(wanted)} is not in list`),
}));

/** The methods of tuples. */
export const TUPLE_METHODS: MethodTable = new Map(methods("tuple", {
  "count(value, /)": count,
  [WORDS]: index(() => "tuple.index(x): x not in tuple"),
}));

const placeOf = (self: Value, wanted: Value): number => listOf(self).findIndex((item) => equals(item, wanted));

/** The attributes and methods of ranges. */
export const RANGE_ATTRIBUTES: MethodTable = new Map([
  attribute("start", (self) => (self as Range).start),
  attribute("stop", (self) => (self as Range).stop),
  attribute("step", (self) => (self as Range).step),
  ...methods("range", {
    "count(value, /)": (self, [wanted]) => placeOf(self, wanted) === -1 ? 0n : 1n,
    "index(value, /)": (self, [wanted]) => {
      const found = placeOf(self, wanted);
      const isWhole = typeof wanted === "bigint" || typeof wanted === "boolean";
      if (found === -1) {
        throw valueError(isWhole ? `${repr(wanted)} is not in range` : "sequence.index(x): x not in sequence");
      }
      return BigInt(found);
    },
  }),
]);
