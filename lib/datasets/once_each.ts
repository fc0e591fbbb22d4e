/**
 * What is derived from an object, computed once for each.
 *
 * @module
 */

/**
 * Makes a function that remembers its results for as long as their objects are in use.
 *
 * @param compute Derives the result; it must depend on nothing else.
 * @returns The function; callers share the results, and must not change them.
 */
export function onceEach<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: compute(key) };
    known.set(key, found);
    return found.value;
  };
}
