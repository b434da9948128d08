// Matrices of 8-bit weights with states of 16 bits, in whole numbers.
//
// A set of kernels defines before this: Tile, the weights of one; Sums, a sum of 32 bits for each of
// its rows; how a tile's products with two neighbouring elements of a state are added to them; and how
// many sums, tiles and states are taken together, so that all sums fit into registers.
#ifndef MULTIPLY_H
#define MULTIPLY_H

#include "lanes.h"

// So many products of 8 bits with numbers up to ±32767 fit into a sum of 32 bits.
enum { EXACT_COLUMNS = 512, MOST_STATE = 32767 };

static void quantise(KernelStates y, const float *restrict x) {
  enum { CHUNK = 64 };
  for (size_t b = 0; b < y.batch; b++) {
    int16_t *pairs = y.elements + KERNEL_TILE_COLUMNS * b, whole[CHUNK];
    float largest = largest_size(x, y.columns), scale = scale_to(MOST_STATE, largest);
    y.scales[b] = scale > 0 ? largest / MOST_STATE : 0;
    for (size_t left = y.columns; left > 0;) {
      size_t count = left < CHUNK ? left : CHUNK;
      round_scaled(whole, 1, x, count, scale);
      if (count % 2 == 1) whole[count] = 0;
      for (size_t i = 0; i < count; i += KERNEL_TILE_COLUMNS) {
        memcpy(pairs, whole + i, KERNEL_TILE_COLUMNS * sizeof *whole);
        pairs += KERNEL_TILE_COLUMNS * y.batch;
      }
      x += count;
      left -= count;
    }
  }
}

// `tiles` tiles with `count` of the states, both constants where this is inlined: the tiles from `row`
// on, and the states from `b` on.
INLINE void multiply_tiles(
    float *y, KernelMatrix w, KernelStates x, size_t row, size_t b, size_t tiles, size_t count) {
  const size_t tile = KERNEL_TILE_ROWS * KERNEL_TILE_COLUMNS;
  size_t columns = w.columns + w.columns % KERNEL_TILE_COLUMNS;
  const int8_t *weights = w.elements + row * columns;
  const int16_t *states = x.elements + KERNEL_TILE_COLUMNS * b;
  for (size_t from = 0; from < columns; from += EXACT_COLUMNS) {
    size_t to = columns - from < EXACT_COLUMNS ? columns : from + EXACT_COLUMNS;
    Sums sums[MOST_TILES][MOST_STATES];
    for (size_t t = 0; t < tiles; t++)
      for (size_t n = 0; n < count; n++) sums[t][n] = no_products();
    for (size_t i = from; i < to; i += KERNEL_TILE_COLUMNS) {
      for (size_t t = 0; t < tiles; t++) {
        Tile each = tile_at(weights + t * KERNEL_TILE_ROWS * columns);
        for (size_t n = 0; n < count; n++)
          sums[t][n] = add_products(sums[t][n], each, states + KERNEL_TILE_COLUMNS * n);
      }
      weights += tile;
      states += KERNEL_TILE_COLUMNS * x.batch;
    }
    Lanes parts[MOST_TILES][MOST_STATES];
    for (size_t t = 0; t < tiles; t++)
      for (size_t n = 0; n < count; n++) parts[t][n] = floats_of(&sums[t][n]);
    for (size_t t = 0; t < tiles; t++) {
      size_t first = row + t * KERNEL_TILE_ROWS, left = w.rows - first;
      Lanes scales, before = {0};
      load(&scales, w.scales + first);
      for (size_t n = 0; n < count; n++) {
        float *rows = y + (b + n) * w.rows + first;
        Lanes total = parts[t][n];
        if (from > 0) load_some(&before, rows, left);
        if (from > 0) total = before + total;
        if (to == columns) total *= scales * x.scales[b + n];
        store_some(rows, &total, left);
      }
    }
  }
}

_Static_assert(
    (int)MOST_SUMS >= (int)MOST_STATES && (MOST_STATES & (MOST_STATES - 1)) == 0,
    "sums for a tile with a power of two of states");

// The same for MOST_TILES tiles, or as many as there are.
INLINE void multiply_rows(
    float *y, KernelMatrix w, KernelStates x, size_t row, size_t b, size_t count) {
  // As many sums as there are registers for.
  size_t most = MOST_SUMS / (count > 4 ? 8 : count > 2 ? 4 : count);
  size_t tiles = most < MOST_TILES ? most : MOST_TILES, rows = tiles * KERNEL_TILE_ROWS;
  size_t all = MOST_TILES * KERNEL_TILE_ROWS, end = w.rows - row < all ? w.rows : row + all;
  for (; row + rows <= end; row += rows) multiply_tiles(y, w, x, row, b, tiles, count);
  for (; row < end; row += KERNEL_TILE_ROWS) multiply_tiles(y, w, x, row, b, 1, count);
}

static void multiply(float *restrict y, KernelMatrix w, KernelStates x) {
#define STATES(count)                                                        \
  case count:                                                                \
    if (count <= MOST_STATES) multiply_rows(y, w, x, row, b, count);         \
    break
  // Weights are loaded once for the whole batch: they stay near while it takes its turn with them.
  for (size_t row = 0; row < w.rows; row += MOST_TILES * KERNEL_TILE_ROWS)
    for (size_t b = 0; b < x.batch; b += MOST_STATES)
      switch (x.batch - b < MOST_STATES ? x.batch - b : MOST_STATES) {
        STATES(1);
        STATES(2);
        STATES(3);
        STATES(4);
        STATES(5);
        STATES(6);
        STATES(7);
        STATES(8);
      }
#undef STATES
}

static void multiply_floats(
    float *restrict y, const float *restrict w, const float *restrict x, size_t rows,
    size_t columns) {
  for (size_t row = 0; row < rows; row++) y[row] = dot(w + row * columns, x, columns);
}

#endif
