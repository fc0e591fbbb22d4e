/**
 * The arithmetic operators, on numbers, strings and lists.
 *
 * @module
 */
import { LimitError, TemplateError, typeError, UnsupportedError } from "./errors.ts";
import { divideRounded } from "./float_text.ts";
import { escape } from "./html.ts";
import { checkItems, checkText, MAX_BITS } from "./limits.ts";
import { numeric, toFloat } from "./numbers.ts";
import { percentFormat } from "./percent_format.ts";
import { checkDefined, integer, place } from "./protocol.ts";
import { DictView } from "./views.ts";
import { itemsIn, Markup, textIn, Tuple, typeName, type Value } from "./value.ts";

/** The binary operators. */
export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/**
 * Applies an operator.
 *
 * @throws {TemplateError} If it is not defined for such values, with Python's message.
 */
export function operate(operator: Operator, left: Value, right: Value): Value {
  const text = operator === "%" ? textIn(left) : undefined;
  if (text !== undefined) return percentFormat(left as string | Markup, right);
  // Safe strings have a multiplication of their own, which also comes before that of an undefined value on the right.
  if (operator === "*" && left instanceof Markup) return repeated(left, integer(right));
  checkDefined(left, right);
  if (operator === "*" && right instanceof Markup) return repeated(right, integer(left));
  const [first, second] = [numeric(left), numeric(right)];
  if (first !== undefined && second !== undefined) {
    const isWhole = typeof first === "bigint" && typeof second === "bigint";
    return isWhole ? wholes(operator, first, second) : floats(operator, toFloat(first), toFloat(second));
  }
  if (operator === "+") return joined(left, right);
  if (operator === "*") return repeated(left, right);
  if (operator === "-" && (left instanceof DictView || right instanceof DictView)) {
    throw new UnsupportedError("the difference of keys");
  }
  throw unsupported(operator === "**" ? "** or pow()" : operator, left, right);
}

const unsupported = (operator: string, left: Value, right: Value): TemplateError =>
  typeError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);

const WHOLE_ZERO: Partial<Record<Operator, string>> = {
  "/": "division by zero",
  "//": "integer division or modulo by zero",
  "%": "integer modulo by zero",
};

const zeroDivision = (message: string): TemplateError => new TemplateError("ZeroDivisionError", message);

function checkBits(bits: number): void {
  if (bits > MAX_BITS) throw new LimitError(`an integer may have ${MAX_BITS} bits, this one would have more`);
}

const bitsOf = (value: bigint): number => (value < 0n ? -value : value).toString(16).length * 4;

function wholes(operator: Operator, left: bigint, right: bigint): Value {
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") {
    checkBits(bitsOf(left) + bitsOf(right) - 8);
    return left * right;
  }
  if (operator === "**") return right < 0n ? floats("**", toFloat(left), toFloat(right)) : wholePower(left, right);
  if (right === 0n) {
    throw zeroDivision(WHOLE_ZERO[operator]!);
  }
  if (operator === "/") return quotient(left, right);
  const rest = left % right;
  const isBelow = rest !== 0n && (rest < 0n) !== (right < 0n);
  if (operator === "%") return isBelow ? rest + right : rest;
  return isBelow ? left / right - 1n : left / right;
}

function wholePower(base: bigint, exponent: bigint): bigint {
  if (base !== 0n && base !== 1n && base !== -1n) {
    checkBits((base.toString(2).replace("-", "").length - 1) * place(exponent));
  }
  return base ** exponent;
}

/** The float nearest to the quotient of two integers of any size. */
function quotient(left: bigint, right: bigint): number {
  const [first, second] = [Number(left), Number(right)];
  if (Number.isSafeInteger(first) && Number.isSafeInteger(second)) return first / second;
  const isNegative = (left < 0n) !== (right < 0n);
  const [top, bottom] = [left < 0n ? -left : left, right < 0n ? -right : right];
  // Enough bits for a quotient of at least 64, of which a float keeps 53; the last one is sticky.
  const shift = BigInt(Math.max(0, 64 + bitsOf(bottom) - bitsOf(top) + 4));
  const shifted = top << shift;
  const whole = (shifted / bottom) | (shifted % bottom === 0n ? 0n : 1n);
  const extra = BigInt(Math.max(0, bitsOf(whole) - 64));
  const rounded = extra === 0n ? whole : (whole >> extra) | (whole % (1n << extra) === 0n ? 0n : 1n);
  const power = Number(extra - shift);
  const float = scaleByPower(rounded, power);
  if (!Number.isFinite(float)) {
    throw new TemplateError("OverflowError", "integer division result too large for a float");
  }
  return isNegative ? -float : float;
}

/** value · 2^power, rounded once, also for subnormal results. */
function scaleByPower(value: bigint, power: number): number {
  const bits = value.toString(2).length + power;
  if (bits >= -1021) return Number(value) * 2 ** Math.max(power, -1000) * 2 ** Math.min(power + 1000, 0);
  return Number(divideRounded(value, 1n << BigInt(-power - 1074))) * 2 ** -1074;
}

function floats(operator: Operator, left: number, right: number): Value {
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  if (operator === "**") return floatPower(left, right);
  if (right === 0) throw zeroDivision(operator === "/" ? "float division by zero" : wordOf(operator));
  if (operator === "/") return left / right;
  let rest = left % right;
  let whole = (left - rest) / right;
  if (rest !== 0) {
    if ((right < 0) !== (rest < 0)) {
      rest += right;
      whole -= 1;
    }
  } else rest = right < 0 ? -0 : 0;
  if (operator === "%") return rest;
  if (whole === 0) return left / right < 0 || Object.is(left / right, -0) ? -0 : 0;
  const floor = Math.floor(whole);
  return whole - floor > 0.5 ? floor + 1 : floor;
}

const wordOf = (operator: Operator): string => operator === "%" ? "float modulo" : "float floor division by zero";

function floatPower(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw zeroDivision("0.0 cannot be raised to a negative power");
  if (base === 1 || exponent === 0) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw new UnsupportedError("a power that is a complex number");
  }
  const power = base ** exponent;
  if (!Number.isFinite(power) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw new TemplateError("OverflowError", "(34, 'Numerical result out of range')");
  }
  return power;
}

/** Concatenates two strings or two lists. */
function joined(left: Value, right: Value): Value {
  const [ours, theirs] = [textIn(left), textIn(right)];
  if (ours !== undefined && theirs !== undefined) {
    if (typeof left === "string" && typeof right === "string") {
      checkText(ours.length + theirs.length);
      return ours + theirs;
    }
    const [first, second] = [escape(left).text, escape(right).text];
    checkText(first.length + second.length);
    return new Markup(first + second);
  }
  if (Array.isArray(left) ? Array.isArray(right) : left instanceof Tuple && right instanceof Tuple) {
    const [items, others] = [itemsIn(left)!, itemsIn(right)!];
    checkItems(items.length + others.length);
    return Array.isArray(left) ? [...items, ...others] : new Tuple([...items, ...others]);
  }
  if (typeof left === "string") throw typeError(`can only concatenate str (not "${typeName(right)}") to str`);
  for (const [value, name] of [[left, "list"], [left, "tuple"]] as const) {
    const isIt = name === "list" ? Array.isArray(value) : value instanceof Tuple;
    if (isIt) throw typeError(`can only concatenate ${name} (not "${typeName(right)}") to ${name}`);
  }
  throw unsupported("+", left, right);
}

/** Repeats a string or a list. */
function repeated(left: Value, right: Value): Value {
  const isLeft = textIn(left) !== undefined || itemsIn(left) !== undefined;
  const isRight = textIn(right) !== undefined || itemsIn(right) !== undefined;
  if (!isLeft && !isRight) throw unsupported("*", left, right);
  const [value, times] = isLeft ? [left, right] : [right, left];
  if (typeof times !== "bigint" && typeof times !== "boolean") {
    throw typeError(`can't multiply sequence by non-int of type '${typeName(times)}'`);
  }
  if (BigInt.asIntN(64, BigInt(times)) !== BigInt(times)) {
    throw new TemplateError("OverflowError", "cannot fit 'int' into an index-sized integer");
  }
  const count = Math.max(0, place(BigInt(times)));
  const text = textIn(value);
  if (text !== undefined) {
    checkText(text.length * count);
    return value instanceof Markup ? new Markup(text.repeat(count)) : text.repeat(count);
  }
  const items = itemsIn(value)!;
  checkItems(items.length * count);
  const all = Array.from({ length: items.length * count }, (_, index) => items[index % items.length]);
  return Array.isArray(value) ? all : new Tuple(all);
}

/** Applies a sign. */
export function signed(sign: "+" | "-", value: Value): Value {
  checkDefined(value);
  const number = numeric(value);
  if (number === undefined) throw typeError(`bad operand type for unary ${sign}: '${typeName(value)}'`);
  return sign === "+" ? number : -number;
}
