// libtorch's part for CUDA and the CUDA runtime: one device of 1 GiB; every call is recorded, a line each.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

typedef void *Handle;

static void record(const char *name, long a = -1, long b = -1) {
  FILE *file = std::fopen(RECORD, "a");
  std::fprintf(file, a < 0 ? "%s\n" : b < 0 ? "%s %ld\n" : "%s %ld %ld\n", name, a, b);
  std::fclose(file);
}

extern "C" {
int aoti_torch_cpu_add_Tensor(Handle, Handle, double, Handle *);
int aoti_torch_cpu_add_Scalar(Handle, double, double, Handle *);
int aoti_torch_cpu_mul_Scalar(Handle, double, Handle *);
int aoti_torch_cpu_pow_Tensor_Scalar(Handle, double, Handle *);
int aoti_torch_cpu_addmm_out(Handle, Handle, Handle, Handle, double, double);

int aoti_torch_cuda_add_Tensor(Handle a, Handle b, double alpha, Handle *out) {
  return aoti_torch_cpu_add_Tensor(a, b, alpha, out);
}
int aoti_torch_cuda_add_Scalar(Handle a, double b, double alpha, Handle *out) {
  return aoti_torch_cpu_add_Scalar(a, b, alpha, out);
}
int aoti_torch_cuda_mul_Scalar(Handle a, double b, Handle *out) { return aoti_torch_cpu_mul_Scalar(a, b, out); }
int aoti_torch_cuda_pow_Tensor_Scalar(Handle a, double b, Handle *out) {
  return aoti_torch_cpu_pow_Tensor_Scalar(a, b, out);
}
int aoti_torch_cuda_addmm_out(Handle out, Handle self, Handle a, Handle b, double beta, double alpha) {
  return aoti_torch_cpu_addmm_out(out, self, a, b, beta, alpha);
}

static char guard;
int aoti_torch_create_cuda_guard(int index, void **out) { record("create_cuda_guard", index); *out = &guard; return 0; }
int aoti_torch_get_current_cuda_stream(int index, void **stream) { *stream = (void *)7; return index; }
int torch_cuda_stream_synchronize(void *stream, int index) {
  record("synchronize", (long)stream, index);
  return stream == (void *)7 ? 0 : 1;
}
int cudaGetDeviceCount(int *count) { *count = 1; return 0; }
int cudaRuntimeGetVersion(int *version) { *version = 13000; return 0; }
int cudaDriverGetVersion(int *version) { *version = 13010; return 0; }
int cudaDeviceGetAttribute(int *value, int attribute, int device) {
  switch (attribute) {
  case 16: *value = 132; return device;
  case 75: *value = 9; return device;
  case 76: *value = 0; return device;
  case 97: *value = 227 * 1024; return device;
  }
  return 1;
}
int cudaMemGetInfo(size_t *free, size_t *total) { *free = 1 << 29; *total = 1 << 30; return 0; }
const char *cudaGetErrorString(int code) { return code == 1 ? "invalid argument" : "another error"; }
int cudaDeviceGetPCIBusId(char *text, int length, int device) {
  std::snprintf(text, length, "0000:65:%02d.0", device);
  return 0;
}
int cudaStreamCreateWithFlags(void **stream, unsigned flags) {
  record("cudaStreamCreateWithFlags", flags);
  *stream = (void *)42;
  return 0;
}
static long events;
int cudaEventCreateWithFlags(void **event, unsigned flags) {
  *event = (void *)(100 + events++);
  record("cudaEventCreateWithFlags", (long)*event, flags);
  return 0;
}
int cudaEventDestroy(void *event) { record("cudaEventDestroy", (long)event); return 0; }
int cudaEventRecord(void *event, void *stream) { record("cudaEventRecord", (long)event, (long)stream); return 0; }
int cudaStreamWaitEvent(void *stream, void *event, unsigned flags) {
  record("cudaStreamWaitEvent", (long)stream, (long)event);
  return flags;
}
}
