/**
 * Assignments.
 *
 * @module
 */
import { TemplateError, typeError, valueError } from "./errors.ts";
import { NamespaceValue } from "./namespace_value.ts";
import type { Target } from "./nodes.ts";
import { iterate } from "./protocol.ts";
import type { Scope } from "./scope.ts";
import { typeName, type Value } from "./value.ts";

/** Assigns a value, which is found after it is known that it can be assigned. */
export function assign(target: Target, value: () => Value, scope: Scope): void {
  checkMembers(target, scope);
  put(target, value(), (name, value) => scope.set(name, value), scope);
}

/** Takes a value apart into variables. */
export function unpack(target: Target, value: Value): Map<string, Value> {
  const names = new Map<string, Value>();
  put(target, value, (name, value) => names.set(name, value));
  return names;
}

function checkMembers(target: Target, scope: Scope): void {
  if (target.kind === "tuple") target.items.forEach((item) => checkMembers(item, scope));
  if (target.kind === "member" && !(scope.get(target.name) instanceof NamespaceValue)) {
    throw new TemplateError("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
  }
}

function put(target: Target, value: Value, set: (name: string, value: Value) => void, scope?: Scope): void {
  if (target.kind === "name") return set(target.name, value);
  if (target.kind === "member") return (scope!.get(target.name) as NamespaceValue).set(target.attribute, value);
  const parts = parted(value, target.items.length);
  target.items.forEach((item, index) => put(item, parts[index], set, scope));
}

/** Exactly `count` items, neither more nor fewer. */
function parted(value: Value, count: number): Value[] {
  let items: Iterator<Value>;
  try {
    items = iterate(value);
  } catch (error) {
    if (error instanceof TemplateError && error.kind === "TypeError") {
      throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
    }
    throw error;
  }
  const parts: Value[] = [];
  for (let next = items.next(); !next.done; next = items.next()) {
    if (parts.length === count) throw valueError(`too many values to unpack (expected ${count})`);
    parts.push(next.value);
  }
  if (parts.length < count) {
    throw valueError(`not enough values to unpack (expected ${count}, got ${parts.length})`);
  }
  return parts;
}
