/**
 * Instructions of WebAssembly as functions: each takes its operands' code and returns its own.
 *
 * An operand is a local variable, a number (a 32-bit integer), or code that leaves a value. Integers are of 32 bits, and
 * unsigned where that makes a difference, as addresses are.
 *
 * Source: WebAssembly Core Specification 3.0, section 5.4, "Instructions".
 *
 * @module
 */
import { type Bytes, signed, unsigned } from "./encoding.ts";

/** Types of values, by their codes. */
export const TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** The name of a type. */
export type ValueType = keyof typeof TYPES;

/** A local variable of a function. */
export interface Local {
  /** Its place among the function's parameters and variables. */
  readonly index: number;
}

/** What an instruction takes. */
export type Operand = Local | number | Bytes;

/** The code that leaves an operand's value. */
export function value(operand: Operand): Bytes {
  if (typeof operand === "number") return [0x41, ...signed(operand)];
  return "index" in operand ? [0x20, ...unsigned(operand.index)] : operand;
}

/** Code, one part after the other. */
export const block = (...parts: Bytes[]): Bytes => parts.flat();

/** Sets a variable. */
export const set = (local: Local, to: Operand): Bytes => [...value(to), 0x21, ...unsigned(local.index)];

/** An instruction of two operands. */
export type Binary = (a: Operand, b: Operand) => Bytes;

/** Makes one from its code. */
export const binary = (...code: number[]): Binary => (a, b) => [...value(a), ...value(b), ...code];

/** a + b */
export const add: Binary = binary(0x6a);
/** a − b */
export const subtract: Binary = binary(0x6b);
/** a·b */
export const multiply: Binary = binary(0x6c);
/** ⌊a / b⌋ */
export const divide: Binary = binary(0x6e);
/** a mod b */
export const remainder: Binary = binary(0x70);
/** Whether a = b. */
export const equal: Binary = binary(0x46);
/** Whether a ≠ b. */
export const unequal: Binary = binary(0x47);
/** Whether a < b. */
export const less: Binary = binary(0x49);
/** Whether both are other than zero, for comparisons. */
export const both: Binary = binary(0x71);
/** Whether one of two is other than zero. */
export const either: Binary = binary(0x72);
/** The smaller of two that have no effects. */
export const smaller: Binary = (a, b) => [...value(a), ...value(b), ...less(a, b), 0x1b];

/** Calls a function of the module, which leaves nothing. */
export const call = ({ index }: { index: number }, ...operands: Operand[]): Bytes => [
  ...operands.flatMap(value),
  0x10,
  ...unsigned(index),
];

/** Where a condition holds, one code; elsewhere, another. */
export const when = (condition: Operand, then: Bytes, otherwise: Bytes = []): Bytes => [
  ...value(condition),
  0x04,
  0x40,
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
];

/** Repeats code as long as a condition holds at its beginning. */
export const during = (condition: Operand, body: Bytes): Bytes => [
  0x02,
  0x40,
  0x03,
  0x40,
  ...value(condition),
  0x45,
  0x0d,
  0x01,
  ...body,
  0x0c,
  0x00,
  0x0b,
  0x0b,
];

/** Repeats code with a variable from a number to below another. */
export const counting = (local: Local, range: { from?: Operand; to: Operand; by?: Operand }, body: Bytes): Bytes => [
  ...set(local, range.from ?? 0),
  ...during(less(local, range.to), [...body, ...set(local, add(local, range.by ?? 1))]),
];

/** Makes an instruction that loads from an address. */
export const load = (code: Bytes, align: number) => (address: Operand, offset = 0): Bytes => [
  ...value(address),
  ...code,
  align,
  ...unsigned(offset),
];
/** Makes one that stores. */
export const store = (code: Bytes, align: number) => (address: Operand, stored: Operand, offset = 0): Bytes => [
  ...value(address),
  ...value(stored),
  ...code,
  align,
  ...unsigned(offset),
];

/** An integer, or a float's bits, at an address. */
export const loadInteger = load([0x28], 2);
/** Stores an integer, or a float's bits. */
export const storeInteger = store([0x36], 2);
/** Copies bytes. */
export const copyBytes = (to: Operand, from: Operand, bytes: Operand): Bytes => [
  ...[to, from, bytes].flatMap(value),
  0xfc,
  0x0a,
  0x00,
  0x00,
];
/** Sets bytes to a value. */
export const setBytes = (to: Operand, byte: Operand, bytes: Operand): Bytes => [
  ...[to, byte, bytes].flatMap(value),
  0xfc,
  0x0b,
  0x00,
];
/** Sets bytes to zero. */
export const clearBytes = (to: Operand, bytes: Operand): Bytes => setBytes(to, 0, bytes);

/** An integer that other threads may change. */
export const loadShared = load([0xfe, 0x10], 2);
/** Stores an integer that other threads read. */
export const storeShared = store([0xfe, 0x17], 2);
/** Adds to a shared integer; leaves what it was. */
export const addShared = store([0xfe, 0x1e], 2);
/** Wakes the threads that wait at an address. */
export const wake = (address: Operand, offset = 0): Bytes => [
  ...value(address),
  ...value(-1),
  0xfe,
  0x00,
  2,
  ...unsigned(offset),
  0x1a,
];
/** Sleeps until woken, if a shared integer has a value. */
export const sleepWhile = (address: Operand, has: Operand, offset = 0): Bytes => [
  ...value(address),
  ...value(has),
  0x42, // no time limit: −1 as a 64-bit integer
  0x7f,
  0xfe,
  0x01,
  2,
  ...unsigned(offset),
  0x1a,
];
/** Leaves no value of what code leaves. */
export const drop = (code: Bytes): Bytes => [...code, 0x1a];
