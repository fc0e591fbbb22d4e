/**
 * The backend's module with a memory that threads share. The package has such a build as well, which starts eight threads
 * of its own whatever the machine has.
 *
 * @module
 */

/** The section of a module that declares its memory. */
const MEMORY_SECTION = 5;

/** Flags of a memory's size: it has a maximum; and it is shared. */
const BOUNDED = 1, BOUNDED_AND_SHARED = 3;

/**
 * A module's bytes, its memory declared as shared.
 *
 * @param bytes The module, which declares one memory with a maximum; it is not changed.
 * @throws {Error} If it declares another kind of memory.
 */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const shared = new Uint8Array(bytes);
  for (let at = 8; at < shared.length;) {
    const id = shared[at];
    const { value: size, end } = readUnsigned(shared, at + 1);
    if (id === MEMORY_SECTION) {
      const [count, flags] = [shared[end], shared[end + 1]];
      if (count !== 1 || flags !== BOUNDED) {
        throw new Error(
          `Cannot share a module's memory: it must be one with a maximum, current values are ${count} and flags ${flags}`,
        );
      }
      shared[end + 1] = BOUNDED_AND_SHARED;
      return shared;
    }
    at = end + size;
  }
  throw new Error("Cannot share a module's memory: it must declare one, current count is 0");
}

/** A number in LEB128, and where it ends. */
function readUnsigned(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return { value: value >>> 0, end: at };
  }
}
