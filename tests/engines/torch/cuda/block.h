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
#define KERNEL(name) static void name
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
static std::vector<ucontext_t> threads;
static std::vector<float> slots;
static ucontext_t scheduler;
static std::function<void()> work;

static void enter() { work(); }

static void barrier() {
  const int self = threadIdx.x;
  swapcontext(&threads[self], &scheduler);
  threadIdx.x = self;
}

// Runs a kernel's block, thread after thread, from barrier to barrier.
static void run(int size, std::function<void()> kernel) {
  constexpr int stack = 1 << 16;
  blockDim.x = size;
  work = kernel;
  threads.assign(size, ucontext_t{});
  slots.assign(size, 0);
  static std::vector<std::unique_ptr<char[]>> stacks;
  while ((int)stacks.size() < size) stacks.push_back(std::make_unique<char[]>(stack));
  std::vector<bool> done(size, false);
  static int running;
  static std::vector<bool> *finished;
  finished = &done;
  static auto body = [] {
    enter();
    (*finished)[running] = true;
    swapcontext(&threads[running], &scheduler);
  };
  for (int i = 0; i < size; i++) {
    getcontext(&threads[i]);
    threads[i].uc_stack = {stacks[i].get(), 0, stack};
    threads[i].uc_link = &scheduler;
    makecontext(&threads[i], reinterpret_cast<void (*)()>(+[] { body(); }), 0);
  }
  for (bool left = true; left;) {
    left = false;
    for (int i = 0; i < size; i++) {
      if (done[i]) continue;
      threadIdx.x = running = i;
      swapcontext(&scheduler, &threads[i]);
      left = left || !done[i];
    }
  }
}
} // namespace block

static void __syncthreads() { block::barrier(); }

static float __shfl_xor_sync(unsigned, float value, int lane) {
  block::slots[threadIdx.x] = value;
  block::barrier();
  const float other = block::slots[threadIdx.x ^ lane];
  block::barrier();
  return other;
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
