// libtorch as the engine sees it on a machine with a GPU: its memory is the processor's, and the operators that only
// CUDA has are here, by their definitions. Everything else is the real library's.
#include "tensors.h"

// Attention of packed rows: query [S, H, D], key and value [S, K, D]; a window of 0 reaches to the row's begin.
struct Attention {
  View q, k, v;
  const int *starts;
  int64_t rows, window;
  double scale;

  int64_t heads() const { return q.sizes[q.rank - 2]; }
  int64_t width() const { return q.sizes[q.rank - 1]; }
  int64_t shared(int64_t head) const { return head / (heads() / k.sizes[k.rank - 2]); }
  int64_t first(int64_t row, int64_t at) const {
    return window > 0 && at - window + 1 > starts[row] ? at - window + 1 : starts[row];
  }
  double score(int64_t head, int64_t i, int64_t j) const {
    double sum = 0;
    for (int64_t d = 0; d < width(); d++)
      sum += (double)q.get(q.place(i, head, d)) * k.get(k.place(j, shared(head), d));
    return sum * scale;
  }

  // The results, and the logarithm of each softmax's sum at the place that `at` says.
  template <class At> void forward(const View &out, float *sums, At at) const {
    for (int64_t row = 0; row < rows; row++)
      for (int64_t i = starts[row]; i < starts[row + 1]; i++)
        for (int64_t head = 0; head < heads(); head++) {
          std::vector<double> scores;
          double most = -INFINITY, total = 0;
          for (int64_t j = first(row, i); j <= i; j++) {
            scores.push_back(score(head, i, j));
            most = std::fmax(most, scores.back());
          }
          for (double &s : scores) total += s = std::exp(s - most);
          for (int64_t d = 0; d < width(); d++) {
            double sum = 0;
            for (size_t n = 0; n < scores.size(); n++)
              sum += scores[n] * v.get(v.place(first(row, i) + n, shared(head), d));
            out.set(out.place(i, head, d), sum / total);
          }
          sums[at(row, head, i)] = most + std::log(total);
        }
  }

  template <class At>
  void backward(const View &dy, const View &y, const float *sums, At at, View *gradients) const {
    const View *of[3] = {&q, &k, &v};
    std::vector<double> total[3];
    for (int n = 0; n < 3; n++) total[n].assign(of[n]->sizes[of[n]->rank - 3] * of[n]->sizes[of[n]->rank - 2] * width(), 0);
    const int64_t kv = k.sizes[k.rank - 2];
    for (int64_t row = 0; row < rows; row++)
      for (int64_t i = starts[row]; i < starts[row + 1]; i++)
        for (int64_t head = 0; head < heads(); head++) {
          double mean = 0;
          for (int64_t d = 0; d < width(); d++)
            mean += (double)dy.get(dy.place(i, head, d)) * y.get(y.place(i, head, d));
          for (int64_t j = first(row, i); j <= i; j++) {
            const double p = std::exp(score(head, i, j) - sums[at(row, head, i)]);
            double along = 0;
            for (int64_t d = 0; d < width(); d++)
              along += (double)dy.get(dy.place(i, head, d)) * v.get(v.place(j, shared(head), d));
            const double slope = p * (along - mean) * scale;
            for (int64_t d = 0; d < width(); d++) {
              total[0][(i * heads() + head) * width() + d] += slope * k.get(k.place(j, shared(head), d));
              total[1][(j * kv + shared(head)) * width() + d] += slope * q.get(q.place(i, head, d));
              total[2][(j * kv + shared(head)) * width() + d] += p * dy.get(dy.place(i, head, d));
            }
          }
        }
    for (int n = 0; n < 3; n++)
      for (size_t at = 0; at < total[n].size(); at++) gradients[n].set(at, total[n][at]);
  }
};

static Handle nothing() { return made({0}, FLOAT32); }
static float *numbers(Handle handle) { return (float *)View(handle).data; }

// query, key, value [S, H, D]; starts twice; longest twice; dropout, causal, debug mask, scale, window (left, right), …
static void flashForward(Stack &stack) {
  View q(stack.tensor(0)), k(stack.tensor(1)), v(stack.tensor(2)), starts(stack.tensorIfAny(3));
  stack.tensorIfAny(4);
  if (q.dtype != BFLOAT16 || q.rank != 3 || !stack.words[8]) std::abort();
  const double scale = stack.numberIfAny(10, 1 / std::sqrt((double)q.sizes[2]));
  const int64_t left = stack.integerIfAny(11, -1);
  if (stack.integerIfAny(12, left < 0 ? -1 : 0) != (left < 0 ? -1 : 0)) std::abort();
  Attention of{q, k, v, (const int *)starts.data, starts.sizes[0] - 1, left < 0 ? 0 : left + 1, scale};
  Handle out = like(q), sums = made({q.sizes[1], q.sizes[0]}, FLOAT32);
  const int64_t positions = q.sizes[0];
  of.forward(View(out), numbers(sums), [=](int64_t, int64_t head, int64_t i) { return head * positions + i; });
  stack.release();
  Handle results[5] = {out, sums, nothing(), nothing(), nothing()};
  std::memcpy(stack.words, results, sizeof(results));
}

// dy, query, key, value, y, sums; starts twice; longest twice; dropout, causal, random state twice, scale, window
static void flashBackward(Stack &stack) {
  View dy(stack.tensor(0)), q(stack.tensor(1)), k(stack.tensor(2)), v(stack.tensor(3)), y(stack.tensor(4));
  View sums(stack.tensor(5)), starts(stack.tensor(6));
  for (int at : {7, 12, 13}) stack.tensor(at);
  if (dy.dtype != BFLOAT16 || y.dtype != BFLOAT16 || sums.dtype != FLOAT32 || !stack.words[11]) std::abort();
  const double scale = stack.numberIfAny(14, 1 / std::sqrt((double)q.sizes[2]));
  const int64_t left = stack.integerIfAny(15, -1);
  stack.integerIfAny(16, -1);
  Attention of{q, k, v, (const int *)starts.data, starts.sizes[0] - 1, left < 0 ? 0 : left + 1, scale};
  Handle results[3] = {like(q), like(k), like(v)};
  View gradients[3] = {View(results[0]), View(results[1]), View(results[2])};
  const int64_t positions = sums.steps[0];
  if (sums.steps[1] != 1) std::abort();
  of.backward(dy, y, (float *)sums.data, [=](int64_t, int64_t head, int64_t i) { return head * positions + i; }, gradients);
  stack.release();
  std::memcpy(stack.words, results, sizeof(results));
}

// The logarithms of the sums, [rows, heads, longest row in whole 32s], each row's from 0 on.
static int64_t aligned(int64_t longest) { return (longest + 31) / 32 * 32; }

// query, key, value [1, S, H, D], bias, starts twice, longest twice, dropout, kind of mask, log sums, scale, lengths, window
static void efficientForward(Stack &stack) {
  View q(stack.tensor(0)), k(stack.tensor(1)), v(stack.tensor(2));
  if (stack.has(3)) std::abort();
  View starts(stack.tensorIfAny(4));
  stack.tensorIfAny(5);
  const int64_t longest = stack.integerIfAny(6, 0);
  stack.integerIfAny(7, 0);
  if (q.rank != 4 || q.sizes[2] != k.sizes[2] || stack.integer(9) != 1 || !stack.words[10]) std::abort();
  const double scale = stack.numberIfAny(11, 1 / std::sqrt((double)q.sizes[3]));
  stack.tensorIfAny(12);
  const int64_t window = stack.integerIfAny(13, 0), rows = starts.sizes[0] - 1, heads = q.sizes[2];
  Attention of{q, k, v, (const int *)starts.data, rows, window, scale};
  const int64_t length = aligned(longest);
  Handle out = like(q), sums = made({rows, heads, length}, FLOAT32);
  const int *from = of.starts;
  of.forward(View(out), numbers(sums),
             [=](int64_t row, int64_t head, int64_t i) { return (row * heads + head) * length + i - from[row]; });
  stack.release();
  Handle results[4] = {out, sums, nothing(), nothing()};
  std::memcpy(stack.words, results, sizeof(results));
}

// dy, query, key, value, bias, y, starts twice, longest twice, sums, dropout, random state twice, kind of mask, …, scale,
// splits, window, one storage
static void efficientBackward(Stack &stack) {
  View dy(stack.tensor(0)), q(stack.tensor(1)), k(stack.tensor(2)), v(stack.tensor(3));
  if (stack.has(4)) std::abort();
  View y(stack.tensor(5)), starts(stack.tensorIfAny(6));
  stack.tensorIfAny(7);
  const int64_t length = aligned(stack.integer(8));
  View sums(stack.tensor(10));
  stack.tensor(12);
  stack.tensor(13);
  if (stack.integer(14) != 1 || sums.rank != 3 || sums.sizes[2] != length || sums.steps[2] != 1) std::abort();
  const double scale = stack.numberIfAny(16, 1 / std::sqrt((double)q.sizes[3]));
  stack.integerIfAny(17, 0);
  const int64_t window = stack.integerIfAny(18, 0), rows = starts.sizes[0] - 1, heads = q.sizes[2];
  Attention of{q, k, v, (const int *)starts.data, rows, window, scale};
  Handle results[4] = {like(q), like(k), like(v), nothing()};
  View gradients[3] = {View(results[0]), View(results[1]), View(results[2])};
  const int *from = of.starts;
  const int64_t *steps = sums.steps;
  of.backward(dy, y, (float *)sums.data,
              [=](int64_t row, int64_t head, int64_t i) { return row * steps[0] + head * steps[1] + i - from[row]; },
              gradients);
  (void)heads;
  stack.release();
  std::memcpy(stack.words, results, sizeof(results));
}

extern "C" int torch_delete_list(void *);

// dy, x, shape of the norm, reciprocal roots, gain, what is wanted
static void rmsNormBackward(Stack &stack) {
  View dy(stack.tensor(0)), x(stack.tensor(1)), root(stack.tensor(3)), gain(stack.tensorIfAny(4));
  REAL(torch_delete_list)((void *)stack.words[2]);
  REAL(torch_delete_list)((void *)stack.words[5]);
  const int64_t rows = x.sizes[0], width = x.sizes[1];
  Handle results[2] = {like(x), like(gain)};
  View dx(results[0]), dgain(results[1]);
  std::vector<double> sums(width, 0);
  for (int64_t row = 0; row < rows; row++) {
    const double r = root.get(row * root.steps[0]);
    double mean = 0;
    const auto at = [&](const View &of, int64_t i) { return (double)of.get(row * of.steps[0] + i * of.steps[1]); };
    for (int64_t i = 0; i < width; i++) mean += at(dy, i) * gain.get(i * gain.steps[0]) * at(x, i) * r / width;
    for (int64_t i = 0; i < width; i++) {
      const double normal = at(x, i) * r;
      sums[i] += at(dy, i) * normal;
      dx.set(row * width + i, (at(dy, i) * gain.get(i * gain.steps[0]) - normal * mean) * r);
    }
  }
  for (int64_t i = 0; i < width; i++) dgain.set(i, sums[i]);
  stack.release();
  std::memcpy(stack.words, results, sizeof(results));
}

static const struct {
  const char *name;
  void (*run)(Stack &);
} own[] = {
    {"aten::_flash_attention_forward", flashForward},
    {"aten::_flash_attention_backward", flashBackward},
    {"aten::_efficient_attention_forward", efficientForward},
    {"aten::_efficient_attention_backward", efficientBackward},
    {"aten::_fused_rms_norm_backward", rmsNormBackward},
};

extern "C" {
// The device's memory, and pinned memory, are the processor's.
int aoti_torch_empty_strided(int64_t rank, const int64_t *sizes, const int64_t *steps, int dtype, int, int, Handle *out) {
  return REAL(aoti_torch_empty_strided)(rank, sizes, steps, dtype, 0, 0, out);
}
int aoti_torch_empty_strided_pinned(int64_t rank, const int64_t *sizes, const int64_t *steps, int dtype, int, int,
                                    Handle *out) {
  return REAL(aoti_torch_empty_strided)(rank, sizes, steps, dtype, 0, 0, out);
}
int torch_call_dispatcher(const char *name, const char *overload, uint64_t *stack, uint64_t version) {
  for (const auto &[known, run] : own) {
    if (std::strcmp(name, known)) continue;
    Stack of{stack};
    run(of);
    return 0;
  }
  return REAL(torch_call_dispatcher)(name, overload, stack, version);
}
}
