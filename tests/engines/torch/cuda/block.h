// A block of CUDA threads on the processor, so that the kernel's arithmetic runs where there is no GPU: each thread is
// a coroutine, and all of them meet at every barrier.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <ucontext.h>
#include <vector>

#define __device__
#define __global__
#define __align__(n) alignas(n)
#define __launch_bounds__(n)
#ifndef KERNEL
#define KERNEL(name) static void name
#endif
#define SHARED_MEMORY(name) unsigned char *name = block::shared

struct uint4 {
  unsigned x, y, z, w;
};
struct Index {
  int x;
};
static Index threadIdx, blockIdx, blockDim;

namespace block {
alignas(16) static unsigned char shared[1 << 18];

// A coroutine: its stack, and where it was left.
#if defined(__x86_64__)
// What a call preserves is on the stack; the C library's contexts would ask the system for its signals at each switch.
asm(R"(
.text
.hidden amid_switch_stacks
.globl amid_switch_stacks
amid_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
extern "C" void amid_switch_stacks(void **from, void *to);
typedef void *Context;
static void change(Context &from, Context &to) { amid_switch_stacks(&from, to); }
static void prepare(Context &context, char *stack, size_t size, void (*body)()) {
  // Six registers, the address to go to, and what keeps the stack aligned as behind a call.
  void **top = (void **)(((uintptr_t)stack + size) & ~(uintptr_t)15) - 8;
  for (int i = 0; i < 8; i++) top[i] = nullptr;
  top[6] = (void *)body;
  context = top;
}
#else
typedef ucontext_t Context;
static void change(Context &from, Context &to) { swapcontext(&from, &to); }
static void prepare(Context &context, char *stack, size_t size, void (*body)()) {
  getcontext(&context);
  context.uc_stack = {stack, 0, size};
  makecontext(&context, body, 0);
}
#endif

static std::vector<Context> threads;
static std::vector<float> slots[2];
static std::vector<unsigned char> turns;
static std::vector<bool> done;
static Context scheduler;
static std::function<void()> work;

static void barrier() {
  const int self = threadIdx.x;
  change(threads[self], scheduler);
  threadIdx.x = self;
}

static void body() {
  work();
  const int self = threadIdx.x;
  done[self] = true;
  change(threads[self], scheduler);
}

// Runs a kernel's block, thread after thread, from barrier to barrier.
static void run(int size, std::function<void()> kernel) {
  constexpr int stack = 1 << 16;
  blockDim.x = size;
  work = kernel;
  threads.resize(size);
  for (auto &slot : slots) slot.assign(size, 0);
  turns.assign(size, 0);
  done.assign(size, false);
  static std::vector<std::unique_ptr<char[]>> stacks;
  while ((int)stacks.size() < size) stacks.push_back(std::make_unique<char[]>(stack));
  for (int i = 0; i < size; i++) prepare(threads[i], stacks[i].get(), stack, body);
  for (bool left = true; left;) {
    left = false;
    for (int i = 0; i < size; i++) {
      if (done[i]) continue;
      threadIdx.x = i;
      change(scheduler, threads[i]);
      left = left || !done[i];
    }
  }
}
} // namespace block

static void __syncthreads() { block::barrier(); }

// Two shelves in turn: a thread that is a call ahead does not overwrite what others have yet to read.
static float __shfl_xor_sync(unsigned, float value, int lane) {
  const int self = threadIdx.x;
  auto &slots = block::slots[block::turns[self] ^= 1];
  slots[self] = value;
  block::barrier();
  return slots[self ^ lane];
}

static float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
static unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
