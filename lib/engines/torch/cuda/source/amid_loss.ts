/**
 * CUDA C++: the loss of a row of logits with its gradient, for any order of teacher, student and assistant.
 *
 * A block works on a row. Both models' logits of the row are read from memory once, into shared memory; the passes over
 * the vocabulary (normalisers, the assistant's normaliser, sums, gradient) read them there, and the gradient goes over the
 * student's logits. All arithmetic is float32.
 *
 * @module
 */
import { divergenceSource } from "./divergence.ts";
import { elementsSource } from "./elements.ts";
import { powerMeanSource } from "./power_mean.ts";

/** The name of the kernel. */
export const AMID_LOSS_KERNEL = "amid_loss";
/** Floats at the beginning of shared memory for sums: five for each of a block's warps. */
export const SCRATCH_FLOATS = 5 * 32;

const kernelSource = /* C++ */ `
#ifndef KERNEL
#define KERNEL(name) extern "C" __global__ void __launch_bounds__(1024) name
#endif

#define P 0
#define Q 1
#define R 2

struct Arguments {
  const TEACHER_ELEMENT *teacher;
  STUDENT_ELEMENT *student;    /* the gradient goes here */
  const int *labels;
  float *values;               /* the divergence of each row */
  float *next_token;           /* minus the log-probability of each row's label */
  long long teacher_stride;    /* elements from row to row */
  long long student_stride;
  int vocabulary;
  float divergence_scale;      /* what the divergence's gradient is multiplied by */
  float next_token_scale;      /* what the next-token loss's gradient is multiplied by */
  float softness;              /* what logits are multiplied by for the divergence: one over the temperature */
  MeanOptions mean;
  DivergenceOptions divergence;
};

/* What is known of one token. */
struct Token {
  Argument argument[3];
  float weight;
};

struct Row {
  const TEACHER_ELEMENT *teacher;
  const STUDENT_ELEMENT *student;
  float softness;
  Normaliser p;
  Normaliser q;
  Normaliser r;

  __device__ inline float softened(float logit) const { return TEMPERED ? floored(logit) * softness : floored(logit); }
  __device__ inline float log_p(int i) const { return p.log_probability(softened(load(teacher, i))); }
  __device__ inline float log_q(int i) const { return q.log_probability(softened(load(student, i))); }

  __device__ inline Token token(int i, const MeanOptions &options) const {
    Token token;
    const float log_p = this->log_p(i), log_q = this->log_q(i);
    token.argument[P] = Argument{log_p, expf(log_p)};
    token.argument[Q] = Argument{log_q, expf(log_q)};
#if MEAN
    const Mean mean = power_mean(log_p, log_q, options);
    const float log_r = r.log_probability(floored(mean.log_mean));
    token.argument[R] = Argument{log_r, expf(log_r)};
    token.weight = mean.weight;
#else
    token.argument[R] = Argument{0, 0};
    token.weight = 0;
#endif
    return token;
  }
};

/* The derivative along both paths: through the student itself, and through the assistant. */
struct Slopes {
  float term;
  float direct;
  float mixed;
};

__device__ inline Slopes slopes(const Token &token, const DivergenceOptions &options) {
  const Partials at = partials(token.argument[FIRST], token.argument[SECOND], options);
  return Slopes{at.term, (FIRST == Q ? at.x : 0) + (SECOND == Q ? at.y : 0),
                DETACHED ? 0 : (FIRST == R ? at.x : 0) + (SECOND == R ? at.y : 0)};
}

KERNEL(amid_loss)(const Arguments arguments) {
  SHARED_MEMORY(memory);
  float *scratch = (float *)memory;
  const int count = arguments.vocabulary, first = threadIdx.x, step = blockDim.x;
  const long long at = blockIdx.x;
  STUDENT_ELEMENT *gradient = arguments.student + at * arguments.student_stride;
  unsigned char *rows = memory + SCRATCH_FLOATS * sizeof(float);
  Row row;
  row.teacher = stage(arguments.teacher + at * arguments.teacher_stride, rows, count);
  row.student = stage(gradient, rows + room_for(count, sizeof(TEACHER_ELEMENT)), count);
  row.softness = arguments.softness;
  __syncthreads();

  row.p = row.q = row.r = Normaliser{-LARGEST_FLOAT, 0};
  Normaliser plain = row.q; /* of the next-token loss, which no temperature softens */
  for (int i = first; i < count; i += step) {
    row.p.add(row.softened(load(row.teacher, i)));
    row.q.add(row.softened(load(row.student, i)));
    if (TEMPERED) plain.add(floored(load(row.student, i)));
  }
  row.p.join(scratch);
  row.q.join(scratch);
  if (TEMPERED) plain.join(scratch);
  else plain = row.q;
#if MEAN
  for (int i = first; i < count; i += step) {
    row.r.add(floored(power_mean(row.log_p(i), row.log_q(i), arguments.mean).log_mean));
  }
  row.r.join(scratch);
#endif

  /* the value; then G, G w, r w and the direct path, w being the student's share in a token and G the slope in log r */
  float sums[5] = {0, 0, 0, 0, 0};
  for (int i = first; i < count; i += step) {
    const Token token = row.token(i, arguments.mean);
    const Slopes slope = slopes(token, arguments.divergence);
    sums[0] += slope.term;
    sums[1] += slope.mixed;
    sums[2] += slope.mixed * token.weight;
    sums[3] += token.argument[R].value * token.weight;
    sums[4] += slope.direct;
  }
  block_sum(sums, scratch);
  const float mixed = sums[1], total = sums[2] - mixed * sums[3] + sums[4];

  const int label = arguments.labels[at];
  if (threadIdx.x == 0) {
    /* fmaxf would make 0 of a NaN */
    float value = sums[0] < 0 ? 0 : sums[0];
    if (FORM == 0 && value > 1e10f) value = __uint_as_float(0x7f800000u); /* infinity */
    arguments.values[at] = TEMPERED ? value / (row.softness * row.softness) : value;
    arguments.next_token[at] =
        label >= 0 && label < count ? -plain.log_probability(floored(load(row.student, label))) : nanf("");
  }
  const float divergence_scale = TEMPERED ? arguments.divergence_scale / row.softness : arguments.divergence_scale;
  for (int i = first; i < count; i += step) {
    const Token token = row.token(i, arguments.mean);
    const Slopes slope = slopes(token, arguments.divergence);
    const float q = token.argument[Q].value;
    const float next = TEMPERED ? expf(plain.log_probability(floored(load(row.student, i)))) : q;
    const float direction = (slope.mixed - token.argument[R].value * mixed) * token.weight + slope.direct;
    store(gradient, i, divergence_scale * (direction - q * total) +
                           arguments.next_token_scale * (next - (i == label ? 1.0f : 0.0f)));
  }
}
`;

/** The whole program; its macros are those of `variant.ts`. */
export const amidLossSource: string = [elementsSource, powerMeanSource, divergenceSource, kernelSource].join("\n");
