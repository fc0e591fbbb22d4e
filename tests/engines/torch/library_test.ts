import { assert, assertThrows } from "../../support/mod.ts";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import { openLibrary } from "../../../lib/engines/torch/library.ts";
import { TorchError, TorchOutOfMemoryError } from "../../../lib/engines/torch/native_error.ts";
import { symbols } from "../../../lib/engines/torch/symbols.ts";
import { testWithCompiler } from "../../support/compiler.ts";
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

Deno.test("openLibrary() reports how to install what is absent", () => {
  withFolder((folder) =>
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "installed" }),
      EngineUnavailableError,
      `libc10.so is not in ${folder}; \`deno task engine torch\` installs it`,
    )
  );
});

Deno.test("openLibrary() reports which variable is wrong", () => {
  withFolder((folder) =>
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "variable" }),
      EngineUnavailableError,
      "AMID_TORCH must point to PyTorch 2.10 or later",
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

Deno.test("openLibrary() refuses a library for another processor", () => {
  withFolder((folder) => {
    const header = new Uint8Array(4096);
    // A 64-bit shared library for Arm, as its first bytes say: class, order, version; kind 3; machine 183.
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    header.set([3, 0, 183, 0, 1], 16);
    Deno.writeFileSync(`${folder}/libc10.so`, header);
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "variable" }),
      EngineUnavailableError,
      `libc10.so could not be opened (it is not built for ${Deno.build.arch})`,
    );
  });
});

/** Compiles libraries of these functions, each returning 0, or what its line says. */
function compileLibraries(folder: string, files: Record<string, string[]>): void {
  for (const [file, functions] of Object.entries(files)) {
    const source = functions.map((line) => line.includes("(") ? line : `int ${line}(void) { return 0; }`).join("\n");
    Deno.writeTextFileSync(`${folder}/source.c`, `${source}\n`);
    const args = [
      "-shared",
      "-fPIC",
      "-w",
      "-x",
      "c",
      "-o",
      `${folder}/${file}`,
      `${folder}/source.c`,
      "-Wl,--no-as-needed",
      "-lc",
    ];
    const { success, stderr } = new Deno.Command("g++", { args }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
  }
}

const ofCLibrary = ["malloc", "memcpy", "memfd_create", "dup", "dup2", "pread", "lseek", "ftruncate"];
const ofTorch = Object.entries(symbols).filter(([, definition]) => !("optional" in definition))
  .map(([key, definition]) => "name" in definition ? definition.name : key)
  .filter((name) => !ofCLibrary.includes(name));

testWithCompiler("openLibrary() refuses a PyTorch that is too old, naming its version", () =>
  withFolder((folder) => {
    const version = "unsigned long aoti_torch_abi_version(void) { return 0x0209000000000000ul; }";
    const others = ofTorch.filter((name) => name !== "aoti_torch_abi_version");
    compileLibraries(folder, { "libc10.so": ["nothing"], "libtorch_cpu.so": [version, ...others] });
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "variable" }),
      EngineUnavailableError,
      `PyTorch 2.10 or later is needed, ${folder} has 2.9`,
    );
  }));

testWithCompiler("openLibrary() refuses a PyTorch that lacks a function, naming it", () =>
  withFolder((folder) => {
    const others = ofTorch.filter((name) => name !== "torch_call_dispatcher");
    compileLibraries(folder, { "libc10.so": ["nothing"], "libtorch_cpu.so": others });
    assertThrows(
      () => openLibrary("cpu", { folder, origin: "variable" }),
      EngineUnavailableError,
      `libtorch_cpu.so lacks torch_call_dispatcher`,
    );
  }));

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
  assert(error.message.includes("currently held"), error.message);
});
