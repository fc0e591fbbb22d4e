/**
 * CUDA C++: the divergences, as `lib/divergences/kl.ts`, `alpha_beta.ts` and `alpha_beta_series.ts` have them.
 *
 * @module
 */

/**
 * One token's term and the partial derivatives in `log x` and `log y`. `FORM` says which divergence: 0 KL; of the
 * αβ-divergence 1 the general case, 2 β = 0, 3 α = 0, 4 α = −β, 5 both 0. `STEADY` says whether series stand in for it
 * where its formulas cancel, `NEGATIVE` whether a power is negative, so that the exponentials are capped.
 */
export const divergenceSource = /* C++ */ `
#define CAP 40.0f

struct DivergenceOptions {
  float a;
  float b;
  float scale; /* the larger of their sizes */
  float term_series[DIVERGENCE_TERMS];
  float x_series[DIVERGENCE_TERMS];
  float y_series[DIVERGENCE_TERMS];
};

struct Argument {
  float log;
  float value;
};

struct Partials {
  float term;
  float x;
  float y;
};

struct Power {
  float value;
  float slope;
};

__device__ inline Power power(float exponent, bool capped) {
  if (!capped) return Power{expf(exponent), expf(exponent)};
  const float slope = expf(exponent < CAP ? exponent : exponent != exponent ? exponent : CAP);
  return Power{exponent > CAP ? slope * (exponent - CAP + 1) : slope, slope};
}

__device__ inline float curvature(float exponent) { return exponent < CAP || exponent != exponent ? expf(exponent) : 0; }

__device__ inline Power power_of(const Argument &x, float s) {
  return s == 1 ? Power{x.value, x.value} : power(x.log * s, s < 0);
}

__device__ inline float polynomial(float x, const float *coefficients) {
  float sum = 0;
  for (int k = DIVERGENCE_TERMS - 1; k >= 0; k--) sum = sum * x + coefficients[k];
  return sum;
}

__device__ inline Partials bregman(const Argument &x, const Argument &y, float a) {
  const Power of_x = power_of(x, a), of_y = power_of(y, a);
  const float difference = x.log - y.log;
  const float linear = of_x.slope * difference;
  const float dx = a < 0 ? curvature(x.log * a) * difference : linear;
  return Partials{(of_y.value - of_x.value) / (a * a) + linear / a, dx, (of_y.slope - of_x.slope) / a};
}

__device__ inline Partials plain_partials(const Argument &x, const Argument &y, const DivergenceOptions &options) {
  const float a = options.a, b = options.b;
#if FORM == 0
  const float term = x.value * (x.log - y.log);
  return Partials{term, term + x.value, -x.value};
#elif FORM == 1
  const float sum = a + b;
  const Power of_x = power_of(x, sum), of_y = power_of(y, sum);
  const Power mixed = power(x.log * a + y.log * b, a < 0 || b < 0);
  const float term = of_x.value / (b * sum) + of_y.value / (a * sum) - mixed.value / (a * b);
  return Partials{term, (of_x.slope - mixed.slope) / b, (of_y.slope - mixed.slope) / a};
#elif FORM == 2
  return bregman(x, y, a);
#elif FORM == 3
  const Partials turned = bregman(y, x, b);
  return Partials{turned.term, turned.y, turned.x};
#elif FORM == 4
  const float exponent = (x.log - y.log) * a;
  const Power of = power(exponent, true);
  const float dx = (of.slope - 1) / a;
  return Partials{(of.value - 1 - exponent) / (a * a), dx, -dx};
#else
  const float dx = x.log - y.log;
  return Partials{dx * dx / 2, dx, -dx};
#endif
}

__device__ inline Partials partials(const Argument &x, const Argument &y, const DivergenceOptions &options) {
  Partials result = plain_partials(x, y, options);
#if STEADY
  const float a = options.a, b = options.b, d = x.log - y.log;
  const float exponent = x.log * a + y.log * b;
  const float slope = (NEGATIVE ? curvature(exponent) : expf(exponent)) * d;
  if (b != 0 && fabsf(d * b) < 1) result.x = slope * polynomial(d, options.x_series);
  if (a != 0 && fabsf(d * a) < 1) result.y = slope * polynomial(d, options.y_series);
  if (fabsf(d * options.scale) < 1) result.term = slope * d * polynomial(d, options.term_series);
  else if (!NEGATIVE && a + b != 0) result.term = (result.x + result.y) / (a + b);
#endif
  return result;
}
`;
