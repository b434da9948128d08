// Vectors of sixteen floats, which the compiler splits up for the target processor. A sum over a
// row is taken in sixteen running sums, one for each lane, which are added up in one fixed order at
// the end.
#ifndef LANES_H
#define LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Products and sums are rounded separately, whatever the compiler flags say.
#pragma STDC FP_CONTRACT OFF

enum { LANES = 16 };

typedef float Lanes __attribute__((vector_size(4 * LANES)));

typedef int32_t Whole __attribute__((vector_size(4 * LANES)));

#define INLINE static inline __attribute__((always_inline))

// Lanes are passed by address: passing a vector by value differs between processors.
INLINE void load(Lanes *lanes, const float *from) { memcpy(lanes, from, sizeof *lanes); }

INLINE void store(float *to, const Lanes *lanes) { memcpy(to, lanes, sizeof *lanes); }

// Loads the `left` numbers that are left, if they are fewer than LANES.
INLINE void load_some(Lanes *lanes, const float *from, size_t left) {
  if (left >= LANES)
    load(lanes, from);
  else
    memcpy(lanes, from, left * sizeof *from);
}

INLINE void store_some(float *to, const Lanes *lanes, size_t left) {
  if (left >= LANES)
    store(to, lanes);
  else
    memcpy(to, lanes, left * sizeof *to);
}

// Sixteen int32 sums of a backend, as floats.
#define floats_of(sums)                                 \
  ({                                                    \
    Whole whole;                                        \
    memcpy(&whole, sums, sizeof whole);                 \
    __builtin_convertvector(whole, Lanes);              \
  })

// The nearest integer, for |x| below 2²²: adding and subtracting 1.5 · 2²³ rounds to it.
INLINE float nearest(float x) { return (x + 12582912.0f) - 12582912.0f; }

// The sum of the lanes, by adding halves until one lane is left.
INLINE float sum(const Lanes *lanes) {
  float x[LANES];
  store(x, lanes);
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
}

// The largest |x[i]|, for `count` elements.
INLINE float largest_size(const float *x, size_t count) {
  Lanes most = {0}, each;
  float largest = 0;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&each, x + i);
    most = __builtin_elementwise_max(most, __builtin_elementwise_abs(each));
  }
  float sizes[LANES];
  store(sizes, &most);
  for (size_t n = 0; n < LANES; n++) largest = sizes[n] > largest ? sizes[n] : largest;
  for (; i < count; i++) largest = __builtin_fabsf(x[i]) > largest ? __builtin_fabsf(x[i]) : largest;
  return largest;
}

// The factor that maps numbers up to `largest` to numbers up to `most`. Numbers below 1e-30 count
// as 0.
INLINE float scale_to(float most, float largest) { return largest > 1e-30f ? most / largest : 0; }

// y[i · stride] = the nearest integer to x[i] · scale, for `count` elements.
INLINE void round_scaled(int16_t *y, size_t stride, const float *x, size_t count, float scale) {
  for (size_t i = 0; i < count; i++) y[i * stride] = (int16_t)(int32_t)nearest(x[i] * scale);
}

// y[i · stride] = x[i] as integers up to `most`, for `count` elements. Returns their scale.
INLINE float rounded(int16_t *y, size_t stride, const float *x, size_t count, float most) {
  float largest = largest_size(x, count), scale = scale_to(most, largest);
  round_scaled(y, stride, x, count, scale);
  return scale > 0 ? largest / most : 0;
}

// Σ a[i] b[i], for `count` elements.
INLINE float dot(const float *a, const float *b, size_t count) {
  Lanes total = {0}, x, y;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&x, a + i);
    load(&y, b + i);
    total += x * y;
  }
  float rest = 0;
  for (; i < count; i++) rest += a[i] * b[i];
  return sum(&total) + rest;
}

#endif
