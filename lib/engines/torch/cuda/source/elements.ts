/**
 * CUDA C++: logits as they are stored, and what the threads of a block do together.
 *
 * @module
 */

/** Reading and writing logits, staging a row in shared memory, sums and normalisers over a block. */
export const elementsSource = /* C++ */ `
#ifndef SHARED_MEMORY
#define SHARED_MEMORY(name) extern __shared__ __align__(16) unsigned char name[]
#endif

typedef unsigned short bfloat16;

#define LOG_ZERO -1e30f
#define EXCLUDED -1e10f
#define LARGEST_FLOAT 3.4028235e38f
#define WARP 32

__device__ inline float load(const float *values, int i) { return values[i]; }
__device__ inline float load(const bfloat16 *values, int i) { return __uint_as_float((unsigned)values[i] << 16); }

__device__ inline void store(float *values, int i, float value) { values[i] = value; }
__device__ inline void store(bfloat16 *values, int i, float value) {
  const unsigned bits = __float_as_uint(value);
  // To the nearest, to even at a tie; a NaN must not round to infinity.
  values[i] = value != value ? 0x7fc0 : (bfloat16)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/* Bytes that a row needs in shared memory: it keeps its place within 16 bytes, so that both ends are read in vectors. */
__device__ inline int room_for(int count, int size) { return (count * size + 31) / 16 * 16; }

/* Copies a row to shared memory and says where it begins there. */
template <class Element> __device__ inline Element *stage(const Element *from, unsigned char *room, int count) {
  const int shift = (int)((unsigned long long)from & 15);
  const int across = 16 / (int)sizeof(Element);
  Element *to = (Element *)(room + shift);
  int head = shift == 0 ? 0 : (16 - shift) / (int)sizeof(Element);
  if (head > count) head = count;
  const int vectors = (count - head) / across;
  for (int i = threadIdx.x; i < head; i += blockDim.x) to[i] = from[i];
  const uint4 *source = (const uint4 *)(from + head);
  uint4 *target = (uint4 *)(to + head);
#pragma unroll 4
  for (int i = threadIdx.x; i < vectors; i += blockDim.x) target[i] = source[i];
  for (int i = head + vectors * across + threadIdx.x; i < count; i += blockDim.x) to[i] = from[i];
  return to;
}

/* The sums over the block, known to every thread of it. The order of addition depends on nothing but the block's size. */
template <int COUNT> __device__ inline void block_sum(float (&values)[COUNT], float *scratch) {
  for (int i = 0; i < COUNT; i++)
    for (int lane = WARP / 2; lane > 0; lane /= 2) values[i] += __shfl_xor_sync(0xffffffffu, values[i], lane);
  if (threadIdx.x % WARP == 0)
    for (int i = 0; i < COUNT; i++) scratch[threadIdx.x / WARP * COUNT + i] = values[i];
  __syncthreads();
  for (int i = 0; i < COUNT; i++) {
    values[i] = 0;
    for (int warp = 0; warp < (int)blockDim.x / WARP; warp++) values[i] += scratch[warp * COUNT + i];
  }
  __syncthreads();
}

__device__ inline float block_max(float value, float *scratch) {
  for (int lane = WARP / 2; lane > 0; lane /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, lane));
  if (threadIdx.x % WARP == 0) scratch[threadIdx.x / WARP] = value;
  __syncthreads();
  for (int warp = 0; warp < (int)blockDim.x / WARP; warp++) value = fmaxf(value, scratch[warp]);
  __syncthreads();
  return value;
}

/* A bound that lets NaN through. */
__device__ inline float floored(float logit) { return logit < LOG_ZERO ? LOG_ZERO : logit; }

/* The largest logit and the sum of exponentials below it, in one pass. */
struct Normaliser {
  float largest;
  float total;

  __device__ inline void add(float logit) {
    if (logit > largest) {
      total = total * expf(largest - logit) + 1;
      largest = logit;
    } else {
      total += expf(logit - largest);
    }
  }

  /* Joins the threads' parts; afterwards total is the logarithm of the sum. A row without a distribution becomes NaN. */
  __device__ inline void join(float *scratch) {
    const float all = block_max(largest, scratch);
    float sum[1] = {total == 0 ? 0 : total * expf(largest - all)};
    block_sum(sum, scratch);
    largest = all;
    total = all < EXCLUDED || all > LARGEST_FLOAT ? nanf("") : logf(sum[0]);
  }

  __device__ inline float log_probability(float logit) const { return logit - largest - total; }
};
`;
