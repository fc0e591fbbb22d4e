// Tensors of the real libtorch, as the emulated operators read and make them.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <limits>
#include <vector>

typedef void *Handle;

// A function of the real library, whose name this library may have too.
template <class Function> static Function real(const char *name) {
  static void *library = dlopen(REAL_LIBRARY, RTLD_NOW | RTLD_NOLOAD);
  void *found = library ? dlsym(library, name) : nullptr;
  if (!found) { std::fprintf(stderr, "the real libtorch lacks %s\n", name); std::abort(); }
  return (Function)found;
}
#define REAL(name) (*real<decltype(&name)>(#name))

extern "C" {
int aoti_torch_empty_strided(int64_t, const int64_t *, const int64_t *, int, int, int, Handle *);
int aoti_torch_empty_strided_pinned(int64_t, const int64_t *, const int64_t *, int, int, int, Handle *);
int aoti_torch_delete_tensor_object(Handle);
int aoti_torch_get_data_ptr(Handle, void **);
int aoti_torch_get_dim(Handle, int64_t *);
int aoti_torch_get_size(Handle, int64_t, int64_t *);
int aoti_torch_get_stride(Handle, int64_t, int64_t *);
int aoti_torch_get_dtype(Handle, int *);
}

enum { INT32 = 3, FLOAT32 = 6, BFLOAT16 = 15 };

// A view on a tensor of up to four axes, in float32 or bfloat16.
struct View {
  Handle handle;
  char *data;
  int dtype = FLOAT32;
  int64_t rank = 0, sizes[8] = {}, steps[8] = {};

  explicit View(Handle handle) : handle(handle) {
    REAL(aoti_torch_get_data_ptr)(handle, (void **)&data);
    REAL(aoti_torch_get_dtype)(handle, &dtype);
    REAL(aoti_torch_get_dim)(handle, &rank);
    for (int64_t axis = 0; axis < rank; axis++) {
      REAL(aoti_torch_get_size)(handle, axis, &sizes[axis]);
      REAL(aoti_torch_get_stride)(handle, axis, &steps[axis]);
    }
  }

  int64_t place(int64_t a, int64_t b, int64_t c) const {
    // An axis of one row in front is left out.
    const int64_t *s = rank == 4 ? steps + 1 : steps;
    return a * s[0] + b * s[1] + c * s[2];
  }
  float get(int64_t at) const {
    if (dtype == FLOAT32) return ((float *)data)[at];
    const uint32_t bits = (uint32_t)((uint16_t *)data)[at] << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  void set(int64_t at, float value) const {
    if (dtype == FLOAT32) { ((float *)data)[at] = value; return; }
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    ((uint16_t *)data)[at] = value != value ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  }
};

static Handle made(std::vector<int64_t> sizes, int dtype) {
  std::vector<int64_t> steps(sizes.size(), 1);
  for (int axis = (int)sizes.size() - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1] * sizes[axis + 1];
  Handle result;
  if (REAL(aoti_torch_empty_strided)(sizes.size(), sizes.data(), steps.data(), dtype, 0, 0, &result)) std::abort();
  return result;
}

static Handle like(const View &of) { return made(std::vector<int64_t>(of.sizes, of.sizes + of.rank), of.dtype); }

// The arguments of an operator, one word each; what is taken must be given back by release().
struct Stack {
  uint64_t *words;
  std::vector<Handle> taken;

  Handle tensor(int at) {
    taken.push_back((Handle)words[at]);
    return (Handle)words[at];
  }
  int64_t integer(int at) const { return (int64_t)words[at]; }
  double number(int at) const {
    double value;
    std::memcpy(&value, &words[at], 8);
    return value;
  }
  // An optional argument is the address of a cell, or 0.
  bool has(int at) const { return words[at] != 0; }
  uint64_t cell(int at) const {
    uint64_t *address = (uint64_t *)words[at];
    const uint64_t word = *address;
    std::free(address);
    return word;
  }
  Handle tensorIfAny(int at) {
    if (!has(at)) return nullptr;
    taken.push_back((Handle)cell(at));
    return taken.back();
  }
  double numberIfAny(int at, double otherwise) {
    if (!has(at)) return otherwise;
    const uint64_t word = cell(at);
    double value;
    std::memcpy(&value, &word, 8);
    return value;
  }
  int64_t integerIfAny(int at, int64_t otherwise) { return has(at) ? (int64_t)cell(at) : otherwise; }
  void release() {
    for (Handle handle : taken) REAL(aoti_torch_delete_tensor_object)(handle);
  }
};
