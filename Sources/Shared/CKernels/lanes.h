// Sixteen floats at a time, as the compiler splits them up for the processor at hand. Sums over a
// row go into sixteen running sums, lane by lane, which are added up in one order at the end.
#ifndef LANES_H
#define LANES_H

#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

typedef float Lanes __attribute__((vector_size(4 * LANES)));

// Compiled for several instruction sets; the loader takes the best that the processor has.
#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#define INLINE static inline __attribute__((always_inline))

// Lanes are handed on by address: how a vector is passed by value differs between processors.
INLINE void load(Lanes *lanes, const float *from) { memcpy(lanes, from, sizeof *lanes); }

INLINE void store(float *to, const Lanes *lanes) { memcpy(to, lanes, sizeof *lanes); }

// The sum of the lanes: halves are added up until one is left.
INLINE float sum(const Lanes *lanes) {
  float x[LANES];
  store(x, lanes);
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
}

// The sums of four at once, each in the order of `sum`: a quarter of the shuffling.
INLINE void sum_four(float *sums, const Lanes *a, const Lanes *b, const Lanes *c, const Lanes *d) {
#define HALVES(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
  Lanes ab = HALVES(*a, *b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
             HALVES(*a, *b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  Lanes cd = HALVES(*c, *d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
             HALVES(*c, *d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  Lanes fours = HALVES(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                HALVES(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
#undef HALVES
  float x[LANES];
  store(x, &fours);
  for (size_t i = 0; i < 4; i++) sums[i] = (x[4 * i] + x[4 * i + 2]) + (x[4 * i + 1] + x[4 * i + 3]);
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
