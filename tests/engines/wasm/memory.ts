/** A memory as the backend's module has one, for tests of kernels without it. */
import type { BackendModule } from "../../../lib/engines/wasm/kernels.ts";

/** A backend's module that gives memory and never takes it back. */
export function plainModule(shared: boolean): BackendModule {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65_536, shared });
  let top = 64;
  return {
    asm: { memory },
    _malloc(bytes) {
      const at = top;
      top += Math.ceil(bytes / 64) * 64;
      while (top > memory.buffer.byteLength) memory.grow(16);
      return at;
    },
  };
}
