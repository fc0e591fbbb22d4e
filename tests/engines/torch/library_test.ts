import { assert, assertThrows } from "../../support/mod.ts";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import { openLibrary } from "../../../lib/engines/torch/library.ts";
import { TorchError, TorchOutOfMemoryError } from "../../../lib/engines/torch/native_error.ts";
import { testOnTorch, torchBackend } from "./support.ts";

/** A folder inside .engines/, where libraries may be opened. */
function withFolder(use: (folder: string) => void): void {
  Deno.mkdirSync(".engines", { recursive: true });
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ dir: ".engines" }));
  try {
    use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("openLibrary() says how to install what is absent", () => {
  withFolder((folder) =>
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "installed" }),
      EngineUnavailableError,
      `libc10.so is not in ${folder}; \`deno task engine torch\` installs it`,
    )
  );
});

Deno.test("openLibrary() says which variable is wrong", () => {
  withFolder((folder) =>
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "variable" }),
      EngineUnavailableError,
      "AMID_TORCH must name the folder of a PyTorch 2.10 or later",
    )
  );
});

Deno.test("openLibrary() refuses a library that was cut short", () => {
  withFolder((folder) => {
    Deno.writeFileSync(`${folder}/libc10.so`, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "installed" }),
      EngineUnavailableError,
      "libc10.so could not be opened",
    );
  });
});

Deno.test({
  name: "openLibrary() says which permission it needs",
  permissions: { ffi: false, read: true, write: true },
  fn: () =>
    withFolder((folder) =>
      assertThrows(
        () => openLibrary("cpu", { folder, origin: "installed" }),
        EngineUnavailableError,
        "--allow-ffi=.engines",
      )
    ),
});

Deno.test("openLibrary() refuses a device that it does not know, naming it", () => {
  assertThrows(() => openLibrary("tpu"), RangeError, "current value is tpu");
});

testOnTorch("Torch tells how much was wanted and held where memory runs out", () => {
  const { torch } = torchBackend();
  let error: unknown;
  try {
    torch.scope(() => torch.empty([1 << 20, 1 << 20], 6));
  } catch (caught) {
    error = caught;
  }
  assert(error instanceof TorchOutOfMemoryError, `got ${error}`);
  assert(error instanceof TorchError && /4398046511104 bytes/.test(error.message), error.message);
  assert(error.message.includes("held now"), error.message);
});
