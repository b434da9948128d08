// The backend for processors with AVX-512 and its neural network instructions (VNNI).
#if defined(__x86_64__)
#include <immintrin.h>

#include "CKernels.h"
#include "backends.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#include "lanes.h"

typedef __m512i Sums;
typedef __m512i Tile;
enum { MOST_SUMS = 16, MOST_TILES = 8, MOST_VECTORS = 8 };

INLINE Sums no_products(void) { return _mm512_setzero_si512(); }

INLINE Tile tile_at(const int8_t *weights) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)weights));
}

INLINE Tile pairs_at(const int16_t *numbers) { return _mm512_loadu_si512(numbers); }

INLINE Sums add_products(Sums sums, Tile weights, const int16_t *activations) {
  int32_t pair;
  memcpy(&pair, activations, sizeof pair);
  return _mm512_dpwssd_epi32(sums, weights, _mm512_set1_epi32(pair));
}

#include "backend.h"
#pragma clang attribute pop

const KernelBackend kernel_backend_avx512 = KERNEL_BACKEND("avx512");
#endif
