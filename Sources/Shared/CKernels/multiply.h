// Products of int8 matrices with int16 activations, in integers.
//
// A backend defines before including this file: Tile, the weights of a tile as vectors; Sums, an
// int32 sum for each row of a tile; add_products, which adds a tile's products with two
// neighbouring elements of a vector to them; and how many sums, tiles and vectors are processed
// together, so that all sums fit into registers.
#ifndef MULTIPLY_H
#define MULTIPLY_H

#include "lanes.h"

// This many products of int8 weights with int16 activations fit into an int32 sum.
enum { EXACT_COLUMNS = 512, MOST_ACTIVATION = 32767 };

static void quantise(KernelActivations y, const float *restrict x) {
  enum { CHUNK = 64 };
  for (size_t b = 0; b < y.batch; b++) {
    int16_t *pairs = y.elements + KERNEL_TILE_COLUMNS * b, whole[CHUNK];
    float largest = largest_size(x, y.columns), scale = scale_to(MOST_ACTIVATION, largest);
    y.scales[b] = scale > 0 ? largest / MOST_ACTIVATION : 0;
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

// Multiplies `tiles` tiles, from `row` on, with `count` vectors, from `b` on. `tiles` and `count`
// are compile-time constants once inlined.
INLINE void multiply_tiles(
    float *y, KernelMatrix w, KernelActivations x, size_t row, size_t b, size_t tiles, size_t count) {
  const size_t tile = KERNEL_TILE_ROWS * KERNEL_TILE_COLUMNS;
  size_t columns = w.columns + w.columns % KERNEL_TILE_COLUMNS;
  const int8_t *weights = w.elements + row * columns;
  const int16_t *activations = x.elements + KERNEL_TILE_COLUMNS * b;
  for (size_t from = 0; from < columns; from += EXACT_COLUMNS) {
    size_t to = columns - from < EXACT_COLUMNS ? columns : from + EXACT_COLUMNS;
    Sums sums[MOST_TILES][MOST_VECTORS];
    for (size_t t = 0; t < tiles; t++)
      for (size_t n = 0; n < count; n++) sums[t][n] = no_products();
    for (size_t i = from; i < to; i += KERNEL_TILE_COLUMNS) {
      for (size_t t = 0; t < tiles; t++) {
        Tile each = tile_at(weights + t * KERNEL_TILE_ROWS * columns);
        for (size_t n = 0; n < count; n++)
          sums[t][n] = add_products(sums[t][n], each, activations + KERNEL_TILE_COLUMNS * n);
      }
      weights += tile;
      activations += KERNEL_TILE_COLUMNS * x.batch;
    }
    Lanes parts[MOST_TILES][MOST_VECTORS];
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
    (int)MOST_SUMS >= (int)MOST_VECTORS && (MOST_VECTORS & (MOST_VECTORS - 1)) == 0,
    "sums for a tile with a power of two of vectors");

// Multiplies MOST_TILES tiles from `row` on, or as many as are left.
INLINE void multiply_rows(
    float *y, KernelMatrix w, KernelActivations x, size_t row, size_t b, size_t count) {
  // As many sums as fit into registers.
  size_t most = MOST_SUMS / (count > 4 ? 8 : count > 2 ? 4 : count);
  size_t tiles = most < MOST_TILES ? most : MOST_TILES, rows = tiles * KERNEL_TILE_ROWS;
  size_t all = MOST_TILES * KERNEL_TILE_ROWS, end = w.rows - row < all ? w.rows : row + all;
  for (; row + rows <= end; row += rows) multiply_tiles(y, w, x, row, b, tiles, count);
  for (; row < end; row += KERNEL_TILE_ROWS) multiply_tiles(y, w, x, row, b, 1, count);
}

static void multiply(float *restrict y, KernelMatrix w, KernelActivations x) {
#define VECTORS(count)                                                        \
  case count:                                                                \
    if (count <= MOST_VECTORS) multiply_rows(y, w, x, row, b, count);         \
    break
  // The tiles stay in the nearest cache while the whole batch is multiplied with them.
  for (size_t row = 0; row < w.rows; row += MOST_TILES * KERNEL_TILE_ROWS)
    for (size_t b = 0; b < x.batch; b += MOST_VECTORS)
      switch (x.batch - b < MOST_VECTORS ? x.batch - b : MOST_VECTORS) {
        VECTORS(1);
        VECTORS(2);
        VECTORS(3);
        VECTORS(4);
        VECTORS(5);
        VECTORS(6);
        VECTORS(7);
        VECTORS(8);
      }
#undef VECTORS
}

static void multiply_floats(
    float *restrict y, const float *restrict w, const float *restrict x, size_t rows,
    size_t columns) {
  for (size_t row = 0; row < rows; row++) y[row] = dot(w + row * columns, x, columns);
}

#endif
