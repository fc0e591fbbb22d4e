/**
 * The attributes and methods of numbers.
 *
 * @module
 */
import { attribute, methods, type MethodTable, unsupported } from "./methods.ts";
import type { Value } from "./value.ts";

const whole = (self: Value): bigint => BigInt(self as bigint | boolean);

const bits = (self: Value): string => {
  const value = whole(self);
  return value === 0n ? "" : (value < 0n ? -value : value).toString(2);
};

/** The attributes and methods of integers. */
export const INTEGER_ATTRIBUTES: MethodTable = new Map([
  attribute("real", whole),
  attribute("numerator", whole),
  attribute("imag", () => 0n),
  attribute("denominator", () => 1n),
  ...methods("int", {
    "bit_count()": (self) => BigInt(bits(self).replaceAll("0", "").length),
    "bit_length()": (self) => BigInt(bits(self).length),
    "conjugate()": whole,
  }),
  ...unsupported("as_integer_ratio", "from_bytes", "to_bytes"),
]);

/** The attributes and methods of floats. */
export const FLOAT_ATTRIBUTES: MethodTable = new Map([
  attribute("real", (self) => self),
  attribute("imag", () => 0),
  ...methods("float", {
    "conjugate()": (self) => self,
    "is_integer()": (self) => Number.isInteger(self),
  }),
  ...unsupported("as_integer_ratio", "fromhex", "hex"),
]);
