// Matrices of 8-bit weights with states of 16 bits, in whole numbers.
//
// A set of kernels defines before this: Tile, the weights of one; Sums, a sum of 32 bits for each of
// its rows; how a tile's products with two neighbouring states are added to them; and how many tiles
// and states are taken together, so that all sums fit into registers.
#ifndef MULTIPLY_H
#define MULTIPLY_H

#include "lanes.h"

// So many products of 8 bits with numbers up to ±32767 fit into a sum of 32 bits.
enum { EXACT_COLUMNS = 512 };

static void quantise(KernelStates y, const float *restrict x) {
  size_t width = y.columns, padded = width + width % 2;
  for (size_t b = 0; b < y.batch; b++) {
    int16_t *row = y.elements + b * padded;
    y.scales[b] = rounded(row, 1, x + b * width, width, 32767);
    if (padded > width) row[width] = 0;
  }
}

// `tiles` tiles with `batch` states, both constants where this is inlined. y: the first tile's first
// row; `left` rows are left from there of the matrix's.
INLINE void multiply_tiles(
    float *y, KernelMatrix w, const int8_t *elements, const float *scales, const int16_t *x,
    const float *x_scales, size_t tiles, size_t batch, size_t left, size_t columns) {
  const size_t tile = KERNEL_TILE_ROWS * KERNEL_TILE_COLUMNS;
  size_t stride = KERNEL_TILE_ROWS * columns;
  Lanes totals[MOST_TILES][MOST_STATES];
  for (size_t from = 0; from < columns; from += EXACT_COLUMNS) {
    size_t to = columns - from < EXACT_COLUMNS ? columns : from + EXACT_COLUMNS;
    Sums sums[MOST_TILES][MOST_STATES];
    for (size_t t = 0; t < tiles; t++)
      for (size_t b = 0; b < batch; b++) sums[t][b] = no_products();
    for (size_t i = from; i < to; i += KERNEL_TILE_COLUMNS)
      for (size_t t = 0; t < tiles; t++) {
        Tile weights = tile_at(elements + t * stride + i / KERNEL_TILE_COLUMNS * tile);
        for (size_t b = 0; b < batch; b++)
          sums[t][b] = add_products(sums[t][b], weights, x + b * columns + i);
      }
    for (size_t t = 0; t < tiles; t++)
      for (size_t b = 0; b < batch; b++) {
        Lanes part = floats_of(&sums[t][b]);
        totals[t][b] = from == 0 ? part : totals[t][b] + part;
      }
  }
  for (size_t t = 0; t < tiles; t++) {
    Lanes of_rows;
    load(&of_rows, scales + t * KERNEL_TILE_ROWS);
    size_t row = t * KERNEL_TILE_ROWS;
    for (size_t b = 0; b < batch; b++) {
      Lanes result = totals[t][b] * (of_rows * x_scales[b]);
      float *to = y + b * w.rows + row;
      if (row + KERNEL_TILE_ROWS <= left)
        store(to, &result);
      else
        memcpy(to, &result, (left - row) * sizeof(float));
    }
  }
}

static void multiply(float *restrict y, KernelMatrix w, KernelStates x) {
  size_t columns = w.columns + w.columns % KERNEL_TILE_COLUMNS, row = 0;
  // Weights are loaded once for the whole batch: they stay near while it takes its turn with them.
#define TILES(tiles, batch)                                                                      \
  multiply_tiles(                                                                                \
      y + b * w.rows + row, w, w.elements + row * columns, w.scales + row,                        \
      x.elements + b * columns, x.scales + b, tiles, batch, w.rows - row, columns)
#define BATCH(tiles)                                                                             \
  for (size_t b = 0; b < x.batch; b += MOST_STATES) switch (x.batch - b) {                       \
      case 1: TILES(tiles, 1); break;                                                            \
      case 2: TILES(tiles, 2); break;                                                            \
      case 3: TILES(tiles, MOST_STATES < 3 ? MOST_STATES : 3); break;                            \
      default: TILES(tiles, MOST_STATES); break;                                                 \
    }
  size_t b = 0;
  if (x.batch == 1)
    for (; row + MOST_TILES * KERNEL_TILE_ROWS <= w.rows; row += MOST_TILES * KERNEL_TILE_ROWS)
      TILES(MOST_TILES, 1);
  for (; row + TILES_OF_MANY * KERNEL_TILE_ROWS <= w.rows; row += TILES_OF_MANY * KERNEL_TILE_ROWS)
    BATCH(TILES_OF_MANY)
  for (; row < w.rows; row += KERNEL_TILE_ROWS) BATCH(1)
#undef BATCH
#undef TILES
}

static void multiply_floats(
    float *restrict y, const float *restrict w, const float *restrict x, size_t rows,
    size_t columns) {
  for (size_t row = 0; row < rows; row++) y[row] = dot(w + row * columns, x, columns);
}

#endif
