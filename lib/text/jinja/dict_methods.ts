/**
 * The non-mutating methods of dictionaries.
 *
 * @module
 */
import { methods, type MethodTable } from "./methods.ts";
import { each } from "./protocol.ts";
import { Dict } from "./value.ts";
import { DictView } from "./views.ts";

/** The methods of dictionaries. */
export const DICT_METHODS: MethodTable = new Map(methods("dict", {
  "copy()": (self) => new Dict((self as Dict).entries()),
  "fromkeys(iterable, value=None, /)": (_, [keys, value]) => new Dict([...each(keys)].map((key) => [key, value])),
  "get(key, default=None, /)": (self, [key, fallback]) => {
    const found = (self as Dict).get(key);
    return found === undefined ? fallback : found;
  },
  "items()": (self) => new DictView(self as Dict, "items"),
  "keys()": (self) => new DictView(self as Dict, "keys"),
  "values()": (self) => new DictView(self as Dict, "values"),
}));
