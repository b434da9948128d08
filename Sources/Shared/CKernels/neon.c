// The backend for 64-bit ARM processors.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "CKernels.h"
#include "lanes.h"
#include "backends.h"

typedef struct { int32x4_t quarters[4]; } Sums;
typedef struct { int16x8_t quarters[4]; } Tile;
enum { MOST_SUMS = 4, MOST_TILES = 4, MOST_VECTORS = 4 };

INLINE Sums no_products(void) { return (Sums){{{0}}}; }

INLINE Tile tile_at(const int8_t *weights) {
  Tile tile;
  for (int n = 0; n < 4; n++) tile.quarters[n] = vmovl_s8(vld1_s8(weights + 8 * n));
  return tile;
}

INLINE Tile pairs_at(const int16_t *numbers) {
  Tile tile;
  for (int n = 0; n < 4; n++) tile.quarters[n] = vld1q_s16(numbers + 8 * n);
  return tile;
}

INLINE Sums add_products(Sums sums, Tile weights, const int16_t *activations) {
  int32_t pair;
  memcpy(&pair, activations, sizeof pair);
  int16x8_t both = vreinterpretq_s16_s32(vdupq_n_s32(pair));
  for (int n = 0; n < 4; n++) {
    int32x4_t first = vmull_s16(vget_low_s16(weights.quarters[n]), vget_low_s16(both));
    int32x4_t second = vmull_high_s16(weights.quarters[n], both);
    sums.quarters[n] = vaddq_s32(sums.quarters[n], vpaddq_s32(first, second));
  }
  return sums;
}

#include "backend.h"

const KernelBackend kernel_backend_neon = KERNEL_BACKEND("neon");
#endif
