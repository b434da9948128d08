// Kernels that work element by element, and norms.
#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H

#include "lanes.h"

// e^x, with x clamped to −87...88. The relative error is at most 3 · 10⁻⁷ near 0, plus 7 · 10⁻⁸ ·
// |x|. The mathematics library is not used because its last digits differ between versions.
//
// e^x = 2^(n + r) = 2^n · 2^r. Adding 1.5 · 2²³ to x / ln 2 leaves the integer n in its last bits.
// 2^r, for |r| ≤ 1/2, is the polynomial with the least maximal relative error.
INLINE float exponential(float x) {
  x = x > -87.0f ? x : -87.0f;
  x = x < 88.0f ? x : 88.0f;
  float powers = x * 1.44269504f, shifted = powers + 12582912.0f;
  float r = powers - (shifted - 12582912.0f);
  float series = 1.32647273e-3f;
  series = series * r + 9.67151299e-3f;
  series = series * r + 5.55073358e-2f;
  series = series * r + 0.240222424f;
  series = series * r + 0.693147004f;
  series = series * r + 1.0f;
  uint32_t bits, n;
  memcpy(&bits, &series, sizeof bits);
  memcpy(&n, &shifted, sizeof n);
  bits += n << 23;
  memcpy(&series, &bits, sizeof series);
  return series;
}

// x · (1 + tanh(u)) / 2 = x / (1 + e^(−2u)), u = sqrt(2 / π) (x + 0.044715 x³).
INLINE float gelu_of(float x) {
  float u = 0.7978845608f * (x + 0.044715f * x * x * x);
  return x / (1.0f + exponential(-2.0f * u));
}

static void rms_norm(
    float *restrict y, const float *restrict x, const float *restrict weight, size_t batch,
    size_t width, float epsilon) {
  for (size_t b = 0; b < batch; b++, x += width, y += width) {
    float scale = 1.0f / __builtin_sqrtf(dot(x, x, width) / (float)width + epsilon);
    for (size_t i = 0; i < width; i++) y[i] = x[i] * scale * weight[i];
  }
}

static void add(float *restrict x, const float *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] += y[i];
}

static void gelu(float *restrict x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = gelu_of(x[i]);
}

static void gated_gelu(float *restrict gate, const float *restrict up, size_t count) {
  for (size_t i = 0; i < count; i++) gate[i] = gelu_of(gate[i]) * up[i];
}

static void rope(
    float *restrict x, const float *restrict cosine, const float *restrict sine, size_t heads,
    size_t size) {
  size_t half = size / 2;
  for (size_t head = 0; head < heads; head++, x += size)
    for (size_t i = 0; i < half; i++) {
      float first = x[i], second = x[half + i];
      x[i] = first * cosine[i] - second * sine[i];
      x[half + i] = second * cosine[i] + first * sine[i];
    }
}

INLINE float largest_of(const float *x, size_t count) {
  if (count < 2 * LANES) {
    float largest = x[0];
    for (size_t i = 1; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
  }
  // Two independent maxima at a time; the last elements may be compared twice.
  Lanes most[2], each;
  for (size_t n = 0; n < 2; n++) load(&most[n], x + n * LANES);
  for (size_t i = 2 * LANES; i < count; i += 2 * LANES)
    for (size_t n = 0, from = i + 2 * LANES <= count ? i : count - 2 * LANES; n < 2; n++) {
      load(&each, x + from + n * LANES);
      most[n] = __builtin_elementwise_max(most[n], each);
    }
  return __builtin_reduce_max(__builtin_elementwise_max(most[0], most[1]));
}

#endif
