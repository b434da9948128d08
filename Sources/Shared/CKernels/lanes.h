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

INLINE float sum(const Lanes *lanes) {
  float x[LANES];
  memcpy(x, lanes, sizeof x);
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
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
