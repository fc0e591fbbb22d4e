/**
 * Calls any operator of libtorch by its name: arguments of TypeScript become the stack that libtorch's dispatcher takes.
 *
 * @module
 */
import type { Functions, Library } from "./library.ts";
import { type ArgumentType, type Handle, type Operator, type OperatorName, operators } from "./operators.ts";

/** An operator, ready to be called. */
interface Prepared {
  readonly name: Uint8Array<ArrayBuffer>;
  readonly overload: Uint8Array<ArrayBuffer>;
  readonly takes: readonly ArgumentType[];
  readonly returns: number;
}

/** The stack of arguments and results, and what writes to it. */
export class Dispatcher {
  readonly #functions: Functions;
  readonly #callerVersion: bigint;
  readonly #operators: Record<string, Prepared>;
  // One set of arrays for all calls: they are read or written before a call returns.
  readonly #stack = new BigUint64Array(24);
  readonly #floats = new Float64Array(this.#stack.buffer);
  readonly #cell = new BigUint64Array(1);

  /** @param library libtorch, opened. */
  constructor({ functions, callerVersion }: Library) {
    this.#functions = functions;
    this.#callerVersion = callerVersion;
    const prepared = Object.entries(operators).map(([key, operator]) => [key, prepare(operator)]);
    this.#operators = Object.fromEntries(prepared);
  }

  /**
   * Runs an operator; its results are then read by {@linkcode result}.
   *
   * @param name The operator.
   * @param values Its arguments, of the types that {@linkcode operators} lists.
   * @returns Whether libtorch ran it.
   */
  run(name: OperatorName, values: readonly unknown[]): boolean {
    const { takes, name: operator, overload } = this.#operators[name];
    for (let i = 0; i < takes.length; i++) this.#push(takes[i], values[i], i);
    return this.#functions.torch_call_dispatcher(operator, overload, this.#stack, this.#callerVersion) === 0;
  }

  /** A tensor that the operator just run returned; it is the caller's. */
  result(index: number): Handle {
    return this.#stack[index];
  }

  /** How many tensors an operator returns. */
  count(name: OperatorName): number {
    return this.#operators[name].returns;
  }

  /** Writes an argument to the stack; the dispatcher consumes tensors, lists and optional values. */
  #push(type: ArgumentType, value: unknown, at: number): void {
    const stack = this.#stack;
    switch (type) {
      case "tensor":
        stack[at] = this.#duplicate(value as Handle);
        return;
      case "int":
      case "dtype":
        stack[at] = BigInt.asUintN(64, BigInt(value as number));
        return;
      case "bool":
        stack[at] = value ? 1n : 0n;
        return;
      case "float":
        this.#floats[at] = value as number;
        return;
      case "tensors":
        stack[at] = this.#list(value as Handle[], (handle) => this.#duplicate(handle));
        return;
      case "ints":
      case "bools":
        stack[at] = this.#list(value as (number | boolean)[], (item) => BigInt.asUintN(64, BigInt(item)));
        return;
      case "string": {
        const bytes = new TextEncoder().encode(value as string);
        this.#functions.torch_new_string_handle(bytes, BigInt(bytes.length), this.#cell);
        stack[at] = this.#cell[0];
        return;
      }
      default:
        this.#pushOptional(type, value, at);
    }
  }

  /** An optional value is the address of a cell of the C library's heap, which libtorch frees. */
  #pushOptional(type: ArgumentType, value: unknown, at: number): void {
    if (value === null) {
      this.#stack[at] = 0n;
      return;
    }
    this.#push(type.slice(0, -1) as ArgumentType, value, at);
    const address = this.#functions.malloc(8n) as bigint;
    this.#cell[0] = this.#stack[at];
    this.#functions.write_bytes(address, this.#cell, 8n);
    this.#stack[at] = address;
  }

  #duplicate(handle: Handle): Handle {
    this.#functions.aoti_torch_new_tensor_handle(handle, this.#cell);
    return this.#cell[0];
  }

  #list<Item>(items: readonly Item[], word: (item: Item) => bigint): bigint {
    this.#functions.torch_new_list_reserve_size(BigInt(items.length), this.#cell);
    const list = this.#cell[0];
    for (let i = 0; i < items.length; i++) this.#functions.torch_list_push_back(list, word(items[i]));
    return list;
  }
}

function prepare({ schema, takes, returns = 1 }: Operator): Prepared {
  const [name, overload = ""] = schema.split(".");
  const encode = (text: string) => new TextEncoder().encode(text + "\0");
  return { name: encode(name), overload: encode(overload), takes, returns };
}
