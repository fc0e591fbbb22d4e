// NVRTC: g++ compiles the program for the processor, behind `block.h`; the device program is the path of the library.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct Program {
  std::string source, name, log, binary;
};

static int programs;

extern "C" {
int nvrtcVersion(int *major, int *minor) { *major = 13; *minor = 0; return 0; }
const char *nvrtcGetErrorString(int code) { return code == 6 ? "NVRTC_ERROR_COMPILATION" : "another error"; }
int nvrtcCreateProgram(Program **out, const char *source, const char *name, int headers, const char **, const char **) {
  *out = new Program{source, name};
  return headers;
}
int nvrtcDestroyProgram(Program **program) { delete *program; *program = nullptr; return 0; }
int nvrtcCompileProgram(Program *program, int count, const char **options) {
  const std::string base = std::string(FOLDER) + "/program" + std::to_string(programs++);
  FILE *file = std::fopen((base + ".cpp").c_str(), "w");
  std::fprintf(file, "#include \"block.h\"\nusing std::fabs;\n%s\n", program->source.c_str());
  // The driver calls the kernel by its name; its own function has another one here.
  std::fprintf(file, "extern \"C\" void amid_loss(unsigned blocks, unsigned threads, unsigned, const void *parameter) {\n"
                     "  for (unsigned i = 0; i < blocks; i++) {\n    blockIdx.x = i;\n"
                     "    block::run(threads, [&] { kernel_amid_loss(*(const Arguments *)parameter); });\n  }\n}\n");
  std::fclose(file);
  std::string command = "g++ -O1 -std=c++17 -w -shared -fPIC '-DKERNEL(name)=static void kernel_##name'";
  bool architecture = false;
  for (int i = 0; i < count; i++) {
    const char *define = std::strstr(options[i], "--define-macro=");
    if (define) command += std::string(" '-D") + (define + 15) + "'";
    architecture |= std::strcmp(options[i], "--gpu-architecture=sm_90") == 0;
  }
  if (!architecture) return 5;
  command += " -o " + base + ".so " + base + ".cpp 2> " + base + ".log";
  if (std::system(command.c_str()) == 0) {
    program->binary = "\x7f" "ELF" + base + ".so";
    return 0;
  }
  program->log = "g++ refuses it, see " + base + ".log";
  return 6;
}
int nvrtcGetCUBINSize(Program *program, size_t *size) { *size = program->binary.size() + 1; return 0; }
int nvrtcGetCUBIN(Program *program, char *out) { std::strcpy(out, program->binary.c_str()); return 0; }
int nvrtcGetProgramLogSize(Program *program, size_t *size) { *size = program->log.size() + 1; return 0; }
int nvrtcGetProgramLog(Program *program, char *out) { std::strcpy(out, program->log.c_str()); return 0; }
}
