// What a set of kernels comes to, for many sizes: a line with a checksum for each. Two processors, or
// two sets of kernels, that print the same give the same plans.
//
// usage: kernels SET
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

static uint64_t state = 1;

// From -1 to 1, evenly spread: xorshift64* (Vigna 2016).
static float number(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (float)(int32_t)(state * 2685821657736338717u >> 32) * 0x1p-31f;
}

static float *numbers(size_t count) {
  float *x = malloc((count + 1) * sizeof *x);
  for (size_t i = 0; i < count; i++) x[i] = 4 * number();
  return x;
}

// Prints the FNV-1a hash of what a kernel gave.
static void report(const char *kernel, size_t a, size_t b, size_t c, const void *data, size_t bytes) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
  printf("%s %zu %zu %zu %016llx\n", kernel, a, b, c, (unsigned long long)hash);
}

static void matrices(const KernelSet *kernels, size_t rows, size_t columns, size_t batch) {
  size_t tiles = (rows + KERNEL_TILE_ROWS - 1) / KERNEL_TILE_ROWS;
  size_t padded = columns + columns % KERNEL_TILE_COLUMNS;
  int8_t *elements = malloc(tiles * KERNEL_TILE_ROWS * padded);
  for (size_t i = 0; i < tiles * KERNEL_TILE_ROWS * padded; i++) elements[i] = (int8_t)(127 * number());
  float *scales = numbers(tiles * KERNEL_TILE_ROWS), *x = numbers(batch * columns);
  KernelStates states = {
      calloc(batch * padded, sizeof(int16_t)), numbers(batch), batch, columns};
  float *y = numbers(batch * rows);
  kernels->quantise(states, x);
  report("quantise", columns, batch, 0, states.elements, batch * padded * sizeof(int16_t));
  kernels->multiply(y, (KernelMatrix){elements, scales, rows, columns}, states);
  report("multiply", rows, columns, batch, y, batch * rows * sizeof *y);
  float *matrix = numbers(rows * columns);
  kernels->multiply_floats(y, matrix, x, rows, columns);
  report("multiply_floats", rows, columns, 0, y, rows * sizeof *y);
}

static void elements(const KernelSet *kernels, size_t width) {
  float *x = numbers(3 * width), *y = numbers(3 * width), *weight = numbers(width);
  size_t bytes = 3 * width * sizeof *x;
  kernels->normalise(y, x, weight, 3, width, 1e-5f);
  report("normalise", width, 0, 0, y, bytes);
  kernels->add(y, x, 3 * width);
  report("add", width, 0, 0, y, bytes);
  kernels->gelu(x, 3 * width);
  report("gelu", width, 0, 0, x, bytes);
  kernels->gated_gelu(y, x, 3 * width);
  report("gated_gelu", width, 0, 0, y, bytes);
  kernel_softmax(x, 3 * width, 1.5f);
  report("softmax", width, 0, 0, x, bytes);
  double *speeds = malloc(width * sizeof *speeds);
  float *cosines = numbers(width), *sines = numbers(width);
  kernel_speeds(speeds, 10000, width / 2);
  kernel_rotations(cosines, sines, 4321, speeds, width / 2);
  kernels->rotate(y, cosines, sines, 3, width / 2 * 2);
  report("rotate", width, 0, 0, y, 3 * (width / 2 * 2) * sizeof *y);
}

static void attention(
    const KernelSet *kernels, size_t heads, size_t shared, size_t size, size_t first, size_t count) {
  enum { BLOCKS = 20 };
  const unsigned char *blocks[BLOCKS];
  size_t bytes = kernel_block_bytes(shared, size);
  for (size_t n = 0; n < BLOCKS; n++) blocks[n] = memset(malloc(bytes), 0x7F, bytes);
  for (size_t i = 0; i < first + count; i++)
    kernels->remember(
        (void *)blocks[i / KERNEL_BLOCK], i % KERNEL_BLOCK, numbers(shared * size),
        numbers(shared * size), shared, size);
  float *output = numbers(heads * size), *scratch = numbers(2 * heads * BLOCKS * KERNEL_BLOCK);
  kernels->attend(
      output, numbers(heads * size), (KernelPast){blocks, 0, first, count}, scratch, heads, shared,
      size);
  report("attend", heads, size, count, output, heads * size * sizeof *output);
}

int main(int count, char **words) {
  const KernelSet *kernels = count == 2 ? kernels_named(words[1]) : NULL;
  if (kernels == NULL) return fprintf(stderr, "usage: kernels SET, one that this processor has\n"), 64;
  static const size_t rows[] = {1, 15, 16, 17, 64, 129, 832}, columns[] = {1, 2, 31, 256, 513, 832};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
      for (size_t batch = 1; batch <= 9; batch++) matrices(kernels, rows[r], columns[c], batch);
  static const size_t widths[] = {2, 15, 16, 30, 50, 256, 832};
  for (size_t n = 0; n < sizeof widths / sizeof *widths; n++) elements(kernels, widths[n]);
  static const size_t pasts[][2] = {{0, 1}, {31, 1}, {5, 27}, {0, 32}, {30, 60}, {7, 512}};
  for (size_t n = 0; n < sizeof pasts / sizeof *pasts; n++) {
    attention(kernels, 8, 2, 32, pasts[n][0], pasts[n][1]);
    attention(kernels, 3, 1, 18, pasts[n][0], pasts[n][1]);
    attention(kernels, 2, 2, 64, pasts[n][0], pasts[n][1]);
  }
  return 0;
}
