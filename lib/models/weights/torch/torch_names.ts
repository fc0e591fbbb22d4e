/**
 * The names that a pickle of weights may contain, and their values here. No other is looked up, and none is run.
 *
 * @module
 */
import { shown } from "../../../arguments/check_arguments.ts";
import { isOfKind, type TorchStorage, torchTensor } from "./torch_tensor.ts";
import type { PickleNames, PickleValue } from "./unpickle.ts";

/** Element formats by storage type. */
const STORAGES: Readonly<Record<string, string>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.storage.UntypedStorage": "U8",
};

/** Element formats of types without a storage type. */
const TYPES: Readonly<Record<string, string>> = {
  "torch.uint16": "U16",
  "torch.uint32": "U32",
  "torch.uint64": "U64",
  "torch.float8_e4m3fn": "F8_E4M3",
  "torch.float8_e5m2": "F8_E5M2",
};

/** Bytes of their elements. */
const TYPE_BYTES: Readonly<Record<string, number>> = { U16: 2, U32: 4, U64: 8, F8_E4M3: 1, F8_E5M2: 1 };

/** Results of calls, from their arguments. */
const CALLS: Readonly<Record<string, (args: PickleValue[]) => PickleValue>> = {
  "collections.OrderedDict": (args) => {
    if (args.length > 0) throw new SyntaxError("an OrderedDict has arguments");
    return new Map();
  },
  "torch.Size": ([extents = []]) => extents,
  "torch._utils._rebuild_tensor": ([storage, ...place]) => torchTensor(storage, place),
  "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides, _gradient, _hooks, marks]) => {
    checkMarks(marks);
    return torchTensor(storage, [offset, shape, strides]);
  },
  "torch._utils._rebuild_tensor_v3": ([storage, offset, shape, strides, _gradient, _hooks, type, marks]) => {
    checkMarks(marks);
    return torchTensor(retyped(storage, type), [offset, shape, strides]);
  },
  "torch._utils._rebuild_parameter": ([tensor]) => {
    if (!isOfKind(tensor, "tensor")) throw new SyntaxError("a parameter has no tensor");
    return tensor;
  },
};

interface Name {
  readonly kind: "name";
  readonly name: string;
}

const own = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** A tensor's marks say that its elements are other than those in its storage: negated, for instance. */
function checkMarks(marks: PickleValue | undefined): void {
  if (!(marks instanceof Map)) return;
  for (const [name, value] of marks) {
    if (value !== false) throw new SyntaxError(`a tensor is marked ${shown(name)}, which is not supported`);
  }
}

/** A byte storage reinterpreted as elements of another type. */
function retyped(storage: PickleValue | undefined, type: PickleValue | undefined): PickleValue {
  const format = isOfKind(type, "name") ? own(TYPES, (type as Name).name) : undefined;
  if (!isOfKind(storage, "storage") || format === undefined) {
    throw new SyntaxError("a tensor has no storage, or an unknown type");
  }
  const { count, ...others } = storage as TorchStorage;
  const elements: TorchStorage = { ...others, format, count: Math.floor(count / TYPE_BYTES[format]) };
  return elements;
}

/** The values of names in PyTorch's pickles. */
export const torchNames: PickleNames = {
  find(name) {
    if ([STORAGES, TYPES, CALLS].some((table) => Object.hasOwn(table, name))) return { kind: "name", name } as Name;
    throw new TypeError(`it may only name tensors, it names ${name}, which is not run`);
  },

  call(callee, args) {
    const make = isOfKind(callee, "name") ? own(CALLS, (callee as Name).name) : undefined;
    if (!make) throw new TypeError("it calls something that does not make a tensor");
    return make(args);
  },

  /** `("storage", type, key, device, count)`, in old files with a part `(key, first, count)` of it or nothing. */
  refer(id) {
    const [word, type, key, , count, part = null] = Array.isArray(id) ? id : [];
    const format = isOfKind(type, "name") ? own(STORAGES, (type as Name).name) : undefined;
    if (word !== "storage" || format === undefined || typeof key !== "string" || !Number.isSafeInteger(count)) {
      throw new SyntaxError(`it refers to ${shown(id)}, which is not a storage`);
    }
    const whole: TorchStorage = { kind: "storage", format, key, count: count as number, first: 0 };
    if (part === null) return whole;
    const [, first, length] = Array.isArray(part) ? part : [];
    const fits = [first, length].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
    if (!fits || (first as number) + (length as number) > whole.count) {
      throw new SyntaxError(`it refers to ${shown(part)} as a part of a storage of ${whole.count}`);
    }
    const inner: TorchStorage = { ...whole, first: first as number, count: length as number };
    return inner;
  },
};
