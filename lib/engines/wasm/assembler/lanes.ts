/**
 * Instructions on vectors of four float32, as functions of their operands' code.
 *
 * Source: WebAssembly Core Specification 3.0, section 5.4.9, "Vector Instructions".
 *
 * @module
 */
import { type Bytes, unsigned } from "./encoding.ts";
import { type Binary, binary, load, type Operand, store, value } from "./instructions.ts";

/** An instruction of one operand. */
type Unary = (a: Operand) => Bytes;

const vector = (code: number): Bytes => [0xfd, ...unsigned(code)];
const unary = (code: number): Unary => (a) => [...value(a), ...vector(code)];
const ofTwo = (code: number): Binary => binary(...vector(code));

/** Four float32 at an address, which need not be aligned. */
export const loadVector = load(vector(0x00), 2);
/** The float32 at an address, four times. */
export const loadEverywhere = load(vector(0x09), 2);
/** Stores four float32. */
export const storeVector = store(vector(0x0b), 2);

/** Stores the first of four lanes. */
export const storeFirst = (address: Operand, lanes: Operand, offset = 0): Bytes => [
  ...[address, lanes].flatMap(value),
  ...vector(0x5a),
  2,
  ...unsigned(offset),
  0,
];

/** A number, four times. */
export const constant = (number: number): Bytes => {
  const bytes = [...new Uint8Array(new Float32Array([number]).buffer)];
  return [...vector(0x0c), ...bytes, ...bytes, ...bytes, ...bytes];
};
/** An integer, four times. */
export const integers = (number: number): Bytes => {
  const bytes = [...new Uint8Array(new Int32Array([number]).buffer)];
  return [...vector(0x0c), ...bytes, ...bytes, ...bytes, ...bytes];
};
/** Four zeros. */
export const ZEROS: Bytes = constant(0);

/** a + b */
export const plus: Binary = ofTwo(0xe4);
/** a − b */
export const minus: Binary = ofTwo(0xe5);
/** a·b */
export const times: Binary = ofTwo(0xe6);
/** a / b */
export const over: Binary = ofTwo(0xe7);
/** `a`, or `b` where that is smaller; `a` where it is NaN. */
export const atMost: Binary = ofTwo(0xea);
/** `a`, or `b` where that is larger; `a` where it is NaN. */
export const atLeast: Binary = ofTwo(0xeb);
/** √a */
export const root: Unary = unary(0xe3);
/** Makes the code of a·b + c, by one instruction or by two. */
export type TimesPlus = (a: Operand, b: Operand, c: Operand) => Bytes;
/** a·b + c, rounded once: an instruction of relaxed SIMD. */
export const timesPlus: TimesPlus = (a, b, c) => [...[a, b, c].flatMap(value), ...vector(0x105)];

/** a·b + c, rounded twice. */
export const timesThenPlus: TimesPlus = (a, b, c) => plus(times(a, b), c);

/** Four lanes, of 0 to 3 in `a` and 4 to 7 in `b`. */
export const chooseLanes = (a: Operand, b: Operand, lanes: readonly number[]): Bytes => [
  ...[a, b].flatMap(value),
  ...vector(0x0d),
  ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
];

/** Lanes of `a` where a mask has ones, zero elsewhere. */
export const within: Binary = ofTwo(0x4e);
/** Lanes of `a` where a mask has zeros, zero elsewhere. */
export const without: Binary = ofTwo(0x4f);
/** Lanes of `a` where a mask has ones, of `b` elsewhere. */
export const choose = (mask: Operand, a: Operand, b: Operand): Bytes => [
  ...[a, b, mask].flatMap(value),
  ...vector(0x52),
];
/** Ones where a < b. */
export const below: Binary = ofTwo(0x43);

/** Adds integers. */
export const plusIntegers: Binary = ofTwo(0xae);
/** Shifts the bits of each lane to the left. */
export const shiftLeft = (a: Operand, bits: number): Bytes => [...value(a), ...value(bits), ...vector(0xab)];

/** a + b of pairs of float64. */
export const plusDoubles: Binary = ofTwo(0xf0);
/** The first two lanes as float64. */
export const asDoubles: Unary = unary(0x5f);
/** Two float64 as float32, then two zeros. */
export const asFloats: Unary = unary(0x5e);
