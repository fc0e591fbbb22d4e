/** The loss kernel compiles for every architecture it is meant for; no GPU is needed. */
import { EngineUnavailableError } from "../../../../lib/engines/engine.ts";
import { KernelSourceError, Nvrtc } from "../../../../lib/engines/torch/cuda/nvrtc.ts";
import { amidLossSource } from "../../../../lib/engines/torch/cuda/source/amid_loss.ts";
import { amidLossVariant } from "../../../../lib/engines/torch/cuda/variant.ts";
import { assert, assertThrows, testUnless } from "../../../support/mod.ts";

function start(): Nvrtc | string {
  try {
    return new Nvrtc();
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.reason;
    throw error;
  }
}

const nvrtc = start();

function testWithNvrtc(name: string, body: (nvrtc: Nvrtc) => void): void {
  testUnless(typeof nvrtc === "string" ? nvrtc : undefined, name, () => body(nvrtc as Nvrtc));
}

const assistant = { alpha: 0.999, lambda: 0.3, detach: false };
const specifications = [
  { divergence: { name: "kl" }, order: "pr", assistant },
  { divergence: { name: "alpha-beta", alpha: 2, beta: -1 }, order: "rq", assistant },
  { divergence: { name: "alpha-beta", alpha: 0, beta: 0 }, order: "qp" },
] as const;

for (const architecture of ["sm_80", "sm_90", "sm_100"]) {
  testWithNvrtc(`Nvrtc.compile() compiles the loss kernel for ${architecture}`, (nvrtc) => {
    for (const specification of specifications) {
      for (const student of ["float32", "bfloat16"] as const) {
        const { macros } = amidLossVariant(specification, { teacher: "bfloat16", student });
        const program = nvrtc.compile(amidLossSource, { name: "amid_loss.cu", architecture, macros });
        assert(new TextDecoder("latin1").decode(program.subarray(0, 4)) === "\x7fELF", "not a device program");
        assert(new TextDecoder("latin1").decode(program).includes("amid_loss"), "the program lacks its kernel");
      }
    }
  });
}

testWithNvrtc("Nvrtc.compile() reports what the compiler printed", (nvrtc) => {
  assertThrows(
    () => nvrtc.compile("__global__ void broken() { nothing; }", { name: "broken.cu", architecture: "sm_90" }),
    KernelSourceError,
    'identifier "nothing" is undefined',
  );
});

Deno.test("new Nvrtc() reports how to install what is absent", () => {
  assertThrows(
    () => new Nvrtc(["/nowhere"]),
    EngineUnavailableError,
    "`deno task engine torch --compiler` installs it",
  );
});
