/**
 * Floats in decimal digits, rounded as in Python: exactly, ties to even.
 *
 * @module
 */

/** A float as a fraction: its value is numerator / 2^shift, where shift may be below zero. */
function fraction(value: number): { numerator: bigint; shift: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const word = bits.getBigUint64(0);
  const exponent = Number(word >> 52n);
  const mantissa = word & (2n ** 52n - 1n);
  return exponent === 0
    ? { numerator: mantissa, shift: 1074 }
    : { numerator: mantissa | 2n ** 52n, shift: 1075 - exponent };
}

/** numerator / denominator to the nearest integer, ties to even. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const [quotient, rest] = [numerator / denominator, (numerator % denominator) * 2n];
  return rest > denominator || (rest === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** |value| · 10^places to the nearest integer, ties to even; places may be below zero. */
export function scaled(value: number, places: number): bigint {
  const { numerator, shift } = fraction(value);
  const top = (places > 0 ? numerator * 10n ** BigInt(places) : numerator) * (shift < 0 ? 2n ** BigInt(-shift) : 1n);
  const bottom = (places < 0 ? 10n ** BigInt(-places) : 1n) * (shift > 0 ? 2n ** BigInt(shift) : 1n);
  return divideRounded(top, bottom);
}

/** |value| with `places` digits after the decimal point. */
export function fixed(value: number, places: number): string {
  const digits = scaled(value, places).toString().padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The first digits of |value|, and the power of ten of the first of them. */
export function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: "0".repeat(count), exponent: 0 };
  let exponent = Math.floor(Math.log10(Math.abs(value)));
  // The logarithm may be off by one, and rounding may carry into a digit more.
  while (scaled(value, count - 1 - exponent).toString().length > count) exponent++;
  while (scaled(value, count - 1 - exponent).toString().length < count) exponent--;
  return { digits: scaled(value, count - 1 - exponent).toString(), exponent };
}

/** Python's exponent: a sign and two digits or more. */
export function exponentText(exponent: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A float as Python prints it: the shortest digits that read back as the same float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const [mantissa, power] = Math.abs(value).toExponential().split("e");
  const [digits, exponent] = [mantissa.replace(".", ""), Number(power)];
  if (exponent < -4 || exponent >= 16) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${rest}e${exponentText(exponent)}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
