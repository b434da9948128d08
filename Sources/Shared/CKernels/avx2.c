// The backend for processors with AVX2.
#if defined(__x86_64__)
#include <immintrin.h>

#include "CKernels.h"
#include "backends.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "lanes.h"

typedef struct { __m256i low, high; } Sums;
typedef Sums Tile;
enum { MOST_SUMS = 4, MOST_TILES = 4, MOST_VECTORS = 4 };

INLINE Sums no_products(void) { return (Sums){_mm256_setzero_si256(), _mm256_setzero_si256()}; }

INLINE Tile tile_at(const int8_t *weights) {
  const __m128i *halves = (const __m128i *)weights;
  return (Tile){
      _mm256_cvtepi8_epi16(_mm_loadu_si128(halves)),
      _mm256_cvtepi8_epi16(_mm_loadu_si128(halves + 1))};
}

INLINE Tile pairs_at(const int16_t *numbers) {
  const __m256i *halves = (const __m256i *)numbers;
  return (Tile){_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
}

INLINE Sums add_products(Sums sums, Tile weights, const int16_t *activations) {
  int32_t pair;
  memcpy(&pair, activations, sizeof pair);
  __m256i both = _mm256_set1_epi32(pair);
  return (Sums){
      _mm256_add_epi32(sums.low, _mm256_madd_epi16(weights.low, both)),
      _mm256_add_epi32(sums.high, _mm256_madd_epi16(weights.high, both))};
}

#include "backend.h"
#pragma clang attribute pop

const KernelBackend kernel_backend_avx2 = KERNEL_BACKEND("avx2");
#endif
