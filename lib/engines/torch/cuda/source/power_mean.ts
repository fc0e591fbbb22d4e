/**
 * CUDA C++: the α-mixture, as `lib/distributions/power_mean.ts` has it.
 *
 * @module
 */

/**
 * The mean of one token. `MEAN` says which of its forms the options ask for:
 * 0 none, 1 the student alone, 2 the teacher alone, 3 the geometric mean, 4 the larger, 5 the smaller, 6 the plain form,
 * 7 the plain form with its series near α = 1.
 */
export const powerMeanSource = /* C++ */ `
struct MeanOptions {
  float lambda;
  float exponent;   /* (1 - alpha) / 2 */
  float gap;        /* log lambda / (1 - lambda) */
  float heavier;    /* the logarithm of the larger weight */
  float p_offset;   /* (log lambda - heavier) / exponent */
  float q_offset;   /* (log (1 - lambda) - heavier) / exponent */
  float series[SERIES_TERMS]; /* the cumulants of a coin over their factorials, from the second on */
};

struct Mean {
  float log_mean;
  float weight; /* the student's share */
};

__device__ inline Mean power_mean(float log_p, float log_q, const MeanOptions &options) {
#if MEAN == 1
  return Mean{log_q, 1};
#elif MEAN == 2
  return Mean{log_p, 0};
#elif MEAN == 3
  const float geometric = log_q + options.lambda * (log_p - log_q);
  return Mean{geometric < EXCLUDED ? LOG_ZERO : geometric, 1 - options.lambda};
#elif MEAN == 4 || MEAN == 5
  const float log_mean = (MEAN == 4 ? fmaxf(log_p, log_q) : fminf(log_p, log_q)) + 0 * log_p + 0 * log_q;
  const float is_q = log_mean == log_q, is_p = log_mean == log_p;
  return Mean{log_mean, is_q - is_q * is_p * options.lambda};
#elif MEAN >= 6
  const float difference = log_p - log_q;
  const float z = difference * options.exponent;
  const float gap = z + options.gap;
  const float below = expf(-fabsf(gap));
  Mean mean;
  mean.weight = (gap < 0 ? 1 : below) / (1 + below);
  const float from_p = log_p + options.p_offset, from_q = log_q + options.q_offset;
  const float larger = options.exponent > 0 ? fmaxf(from_p, from_q) : fminf(from_p, from_q);
  mean.log_mean = larger + (log1pf(below) + options.heavier) / options.exponent;
#if MEAN == 7
  if (fabsf(z) < 1) {
    float sum = options.series[SERIES_TERMS - 1] * z;
    for (int n = SERIES_TERMS - 2; n >= 0; n--) sum = (sum + options.series[n]) * z;
    mean.log_mean = log_q + options.lambda * difference + difference * sum;
  }
#endif
  return mean;
#else
  return Mean{0, 0};
#endif
}
`;
