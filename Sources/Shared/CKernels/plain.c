// The backend in plain C, for any processor.
#include "CKernels.h"
#include "lanes.h"
#include "backends.h"

typedef struct { int32_t rows[KERNEL_TILE_ROWS]; } Sums;
typedef struct { int16_t pairs[KERNEL_TILE_ROWS * KERNEL_TILE_COLUMNS]; } Tile;
enum { MOST_SUMS = 2, MOST_TILES = 2, MOST_VECTORS = 2 };

INLINE Sums no_products(void) { return (Sums){{0}}; }

INLINE Tile tile_at(const int8_t *weights) {
  Tile tile;
  for (int i = 0; i < KERNEL_TILE_ROWS * KERNEL_TILE_COLUMNS; i++) tile.pairs[i] = weights[i];
  return tile;
}

INLINE Tile pairs_at(const int16_t *numbers) {
  Tile tile;
  memcpy(&tile, numbers, sizeof tile);
  return tile;
}

INLINE Sums add_products(Sums sums, Tile weights, const int16_t *activations) {
  for (int row = 0; row < KERNEL_TILE_ROWS; row++)
    sums.rows[row] += weights.pairs[2 * row] * activations[0] + weights.pairs[2 * row + 1] * activations[1];
  return sums;
}

#include "backend.h"

const KernelBackend kernel_backend_plain = KERNEL_BACKEND("plain");

void kernel_multiply_reference(float *y, KernelMatrix w, KernelActivations x) {
  size_t columns = w.columns + w.columns % KERNEL_TILE_COLUMNS;
  for (size_t b = 0; b < x.batch; b++)
    for (size_t row = 0; row < w.rows; row++) {
      double total = 0;
      for (size_t i = 0; i < w.columns; i++) {
        size_t tile = row / KERNEL_TILE_ROWS * columns / KERNEL_TILE_COLUMNS;
        size_t place = (tile + i / KERNEL_TILE_COLUMNS) * KERNEL_TILE_ROWS + row % KERNEL_TILE_ROWS;
        double weight = w.elements[place * KERNEL_TILE_COLUMNS + i % KERNEL_TILE_COLUMNS];
        total += weight * x.elements[(i / KERNEL_TILE_COLUMNS * x.batch + b) * KERNEL_TILE_COLUMNS +
                                       i % KERNEL_TILE_COLUMNS];
      }
      y[b * w.rows + row] = (float)(total * w.scales[row] * x.scales[b]);
    }
}

void kernel_softmax(float *x, size_t count, float scale) {
  float largest = largest_of(x, count), total = 0;
  for (size_t i = 0; i < count; i++) x[i] = exponential((x[i] - largest) * scale);
  for (size_t i = 0; i < count; i++) total += x[i];
  for (size_t i = 0; i < count; i++) x[i] /= total;
}
