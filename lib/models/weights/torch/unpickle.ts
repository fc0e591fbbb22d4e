/**
 * Reads pickles without running code: a pickle is a program for a stack machine, and some of its instructions name and
 * call Python functions. Here a name is looked up in a table, or refused.
 *
 * Source: Python's `pickletools.py`, which describes each instruction.
 *
 * @module
 */
import { PickleBytes } from "./pickle_bytes.ts";

/** A value of a pickle. Tuples and lists are both lists, dictionaries are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | { readonly kind: string };

/** The values of names and references in a pickle. */
export interface PickleNames {
  /** The value of `module.name`; throws if the name is unknown. */
  find(name: string): PickleValue;
  /** The result of calling a value; throws if the value cannot be called. */
  call(callee: PickleValue, args: PickleValue[]): PickleValue;
  /** The value of a persistent id. */
  refer(id: PickleValue): PickleValue;
}

const MARK = { kind: "mark" };

/** The maximum number of bytes of an integer and of a name. */
const [LONGEST_INTEGER, LONGEST_NAME] = [16, 200];

/**
 * Reads one pickle.
 *
 * @param bytes The bytes, which may contain more than the pickle.
 * @param options Its offset, and the values of its names.
 * @returns The value, and the offset after it.
 * @throws {SyntaxError} If an instruction is unknown, or does not find what it needs on the stack; the message names
 * the byte.
 * @throws {PickleEnd} If the bytes end before the pickle does.
 */
export function unpickle(
  bytes: Uint8Array<ArrayBuffer>,
  { start = 0, names }: { start?: number; names: PickleNames },
): { value: PickleValue; end: number } {
  const input = new PickleBytes(bytes, start);
  const machine = new Machine(input, names);
  for (;;) {
    const { at } = input;
    try {
      const code = input.natural(1);
      if (code === STOP) return { value: machine.pop(), end: input.at };
      const run = INSTRUCTIONS[code];
      if (!run) throw new SyntaxError(`its instruction 0x${code.toString(16).padStart(2, "0")} is not supported`);
      run(machine, input);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      const message = `${error.message}, at byte ${at - start} of its pickle`;
      throw error instanceof SyntaxError ? new SyntaxError(message) : new TypeError(message);
    }
  }
}

/** The stack and the memo of a pickle. */
class Machine {
  #stack: PickleValue[] = [];
  #memory = new Map<number, PickleValue>();

  constructor(readonly input: PickleBytes, readonly names: PickleNames) {}

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw new SyntaxError("it takes a value from an empty stack");
    return value;
  }

  /** The values above the last mark, which is removed too. */
  popMark(): PickleValue[] {
    const place = this.#stack.lastIndexOf(MARK);
    if (place < 0) throw new SyntaxError("it takes values from a missing mark");
    const values = this.#stack.splice(place);
    values.shift();
    return values;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  store(place: number = this.#memory.size): void {
    this.#memory.set(place, this.top());
  }

  recall(place: number): void {
    const value = this.#memory.get(place);
    if (value === undefined) throw new SyntaxError(`it recalls ${place}, which was not stored`);
    this.push(value);
  }

  /** Puts pairs into the dictionary on top. */
  fill(pairs: PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map) || pairs.length % 2 !== 0) {
      throw new SyntaxError("it sets items of something other than a dictionary");
    }
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  }

  /** Puts values into the list on top. */
  append(values: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new SyntaxError("it appends to something other than a list");
    for (const value of values) list.push(value);
  }

  /** A dictionary's attributes are irrelevant; nothing else may have any. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw new TypeError("it sets the state of something other than a dictionary");
  }

  find(module: PickleValue, name: PickleValue): void {
    if (typeof module !== "string" || typeof name !== "string") throw new SyntaxError("a name must be a string");
    this.push(this.names.find(`${module}.${name}`));
  }
}

type Instruction = (machine: Machine, input: PickleBytes) => void;

const STOP = ".".charCodeAt(0);

const tuple = (count: number): Instruction => (machine) => {
  const values = Array.from({ length: count }, () => machine.pop());
  machine.push(values.reverse());
};

const text = (size: 1 | 4 | 8): Instruction => (machine, input) => machine.push(input.text(input.natural(size)));

/** Python 2 strings, whose characters are bytes. */
const oldText = (size: 1 | 4): Instruction => (machine, input) =>
  machine.push(String.fromCharCode(...input.take(Math.min(input.natural(size), LONGEST_NAME))));

const binary = (size: 1 | 4 | 8): Instruction => (machine, input) =>
  machine.push(input.take(input.natural(size)).slice());

/** A signed integer of several bytes. */
const integer = (size: 1 | 4): Instruction => (machine, input) => {
  const length = input.natural(size);
  if (length > LONGEST_INTEGER) throw new SyntaxError(`a whole number has ${length} bytes`);
  const value = input.take(length).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const signed = BigInt.asIntN(8 * length, value);
  machine.push(Number.isSafeInteger(Number(signed)) ? Number(signed) : signed);
};

const value = (make: () => PickleValue): Instruction => (machine) => machine.push(make());

/** By their codes. */
const INSTRUCTIONS: Readonly<Partial<Record<number, Instruction>>> = Object.fromEntries(
  ([
    ["\x80", (_, input) => void input.natural(1)], // the protocol
    ["\x95", (_, input) => void input.natural(8)], // a frame, a read-ahead hint
    ["N", value(() => null)],
    ["\x88", value(() => true)],
    ["\x89", value(() => false)],
    ["}", value(() => new Map())],
    ["]", value(() => [])],
    [")", value(() => [])],
    ["(", value(() => MARK)],
    ["0", (machine) => void machine.pop()],
    ["1", (machine) => void machine.popMark()],
    ["2", (machine) => machine.push(machine.top())],
    ["J", (machine, input) => machine.push(input.integer())],
    ["K", (machine, input) => machine.push(input.natural(1))],
    ["M", (machine, input) => machine.push(input.natural(2))],
    ["\x8a", integer(1)],
    ["\x8b", integer(4)],
    ["G", (machine, input) => machine.push(input.float())],
    ["X", text(4)],
    ["\x8c", text(1)],
    ["\x8d", text(8)],
    ["U", oldText(1)],
    ["T", oldText(4)],
    ["C", binary(1)],
    ["B", binary(4)],
    ["\x8e", binary(8)],
    ["q", (machine, input) => machine.store(input.natural(1))],
    ["r", (machine, input) => machine.store(input.natural(4))],
    ["\x94", (machine) => machine.store()],
    ["h", (machine, input) => machine.recall(input.natural(1))],
    ["j", (machine, input) => machine.recall(input.natural(4))],
    ["t", (machine) => machine.push(machine.popMark())],
    ["l", (machine) => machine.push(machine.popMark())],
    ["\x85", tuple(1)],
    ["\x86", tuple(2)],
    ["\x87", tuple(3)],
    ["a", (machine) => machine.append([machine.pop()])],
    ["e", (machine) => machine.append(machine.popMark())],
    ["s", (machine) => machine.fill([machine.pop(), machine.pop()].reverse())],
    ["u", (machine) => machine.fill(machine.popMark())],
    ["b", (machine) => machine.build()],
    ["c", (machine, input) => machine.find(input.line(LONGEST_NAME), input.line(LONGEST_NAME))],
    ["\x93", (machine) => machine.find(...[machine.pop(), machine.pop()].reverse() as [PickleValue, PickleValue])],
    ["Q", (machine) => machine.push(machine.names.refer(machine.pop()))],
    ["R", (machine) => {
      const args = machine.pop();
      if (!Array.isArray(args)) throw new SyntaxError("it calls with something other than a tuple");
      machine.push(machine.names.call(machine.pop(), args));
    }],
  ] as [string, Instruction][]).map(([code, run]) => [code.charCodeAt(0), run]),
);
