// Element by element; and norms.
#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H

#include "lanes.h"

// e^x to within 2 units in the last place, without the mathematics library, whose last digit differs
// from one version to the next: x = n ln 2 + r, and e^r by its Taylor series, |r| ≤ ln 2 / 2.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  float n = x * 1.44269504f;
  n = nearest(n);
  float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float series = 1.0f / 5040;
  series = series * r + 1.0f / 720;
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = series * r + 1.0f;
  series = series * r + 1.0f;
  uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return series * power;
}

// x · (1 + tanh(u)) / 2 = x / (1 + e^(−2u)), u = sqrt(2 / π) (x + 0.044715 x³).
INLINE float gelu_of(float x) {
  float u = 0.7978845608f * (x + 0.044715f * x * x * x);
  return x / (1.0f + exponential(-2.0f * u));
}

static void normalise(
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

static void rotate(
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
  Lanes most, each;
  float largest = x[0];
  size_t i = 0;
  if (count >= LANES) {
    load(&most, x);
    for (i = LANES; i + LANES <= count; i += LANES) {
      load(&each, x + i);
      most = __builtin_elementwise_max(most, each);
    }
    largest = __builtin_reduce_max(most);
  }
  for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

#endif
