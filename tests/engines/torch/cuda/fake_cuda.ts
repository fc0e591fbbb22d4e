/** Libraries with the interfaces of the CUDA runtime and its driver, in which a kernel adds two numbers. */
import { join } from "node:path";
import { cudaSymbols } from "../../../../lib/engines/torch/cuda/symbols.ts";
import { compile } from "../../../support/compiler.ts";

const ofCLibrary = ["malloc", "free", "strlen", "memcpy"];
const ownLines = ["cudaGetDeviceCount", "cudaGetErrorString", "aoti_torch_get_current_cuda_stream"];
const others = Object.entries(cudaSymbols)
  .map(([key, definition]) => "name" in definition ? definition.name : key)
  .filter((name) => !ofCLibrary.includes(name) && !ownLines.includes(name));

const runtime = `extern "C" {
int cudaGetDeviceCount(int* count) { *count = 1; return 0; }
const char* cudaGetErrorString(int code) { return code == 100 ? "no CUDA-capable device is detected" : "another"; }
int aoti_torch_get_current_cuda_stream(int, void** stream) { *stream = (void*) 42; return 0; }
${[...new Set(others)].map((name) => `int ${name}() { return 0; }`).join("\n")}
}`;

const driver = `#include <cstring>
extern "C" {
struct Parameter { float* out; float a, b; };
static char name[64];
static int shared;
int cuModuleLoadData(void** module, const char* binary) { *module = (void*) (long) binary[0]; return 0; }
int cuModuleGetFunction(void** function, void* module, const char* asked) {
  strncpy(name, asked, 63);
  *function = module;
  return strcmp(asked, "absent") == 0 ? 500 : 0;
}
int cuFuncSetAttribute(void*, int attribute, int value) { shared = value; return attribute == 8 ? 0 : 1; }
int cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned,
                   unsigned bytes, void* stream, void** parameters, void** extra) {
  if (function != (void*) 7 || stream != (void*) 42 || extra || bytes != shared) return 1;
  Parameter* given = (Parameter*) parameters[0];
  *given->out = x * threads * (given->a + given->b);
  return 0;
}
}`;

/** Compiles both; the names are those of PyTorch. */
export async function compileCuda(folder: string): Promise<void> {
  for (const [file, source] of Object.entries({ "libtorch_cuda.so": runtime, "libcaffe2_nvrtc.so": driver })) {
    const path = join(folder, `${file}.cpp`);
    await Deno.writeTextFile(path, source);
    await compile(["-shared", "-fPIC", "-w", "-o", join(folder, file), path, "-Wl,--no-as-needed", "-lc"]);
  }
}
