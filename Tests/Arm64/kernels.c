// Prints a checksum of each kernel's results for many sizes. Two processors, or two backends, that
// print the same give the same plans.
//
// usage: kernels BACKEND
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

static void matrices(const KernelBackend *backend, size_t rows, size_t columns, size_t batch) {
  size_t tiles = (rows + KERNEL_TILE_ROWS - 1) / KERNEL_TILE_ROWS;
  size_t padded = columns + columns % KERNEL_TILE_COLUMNS;
  int8_t *elements = malloc(tiles * KERNEL_TILE_ROWS * padded);
  for (size_t i = 0; i < tiles * KERNEL_TILE_ROWS * padded; i++) elements[i] = (int8_t)(127 * number());
  float *scales = numbers(tiles * KERNEL_TILE_ROWS), *x = numbers(batch * columns);
  KernelActivations states = {
      calloc(batch * padded, sizeof(int16_t)), numbers(batch), batch, columns};
  float *y = numbers(batch * rows);
  backend->quantise(states, x);
  report("quantise", columns, batch, 0, states.elements, batch * padded * sizeof(int16_t));
  backend->multiply(y, (KernelMatrix){elements, scales, rows, columns}, states);
  report("multiply", rows, columns, batch, y, batch * rows * sizeof *y);
  float *matrix = numbers(rows * columns);
  backend->multiply_floats(y, matrix, x, rows, columns);
  report("multiply_floats", rows, columns, 0, y, rows * sizeof *y);
}

static void elements(const KernelBackend *backend, size_t width) {
  float *x = numbers(3 * width), *y = numbers(3 * width), *weight = numbers(width);
  size_t bytes = 3 * width * sizeof *x;
  backend->rms_norm(y, x, weight, 3, width, 1e-5f);
  report("rms_norm", width, 0, 0, y, bytes);
  backend->add(y, x, 3 * width);
  report("add", width, 0, 0, y, bytes);
  backend->gelu(x, 3 * width);
  report("gelu", width, 0, 0, x, bytes);
  backend->gated_gelu(y, x, 3 * width);
  report("gated_gelu", width, 0, 0, y, bytes);
  kernel_softmax(x, 3 * width, 1.5f);
  report("softmax", width, 0, 0, x, bytes);
  double *inv_freq = malloc(width * sizeof *inv_freq);
  float *cosines = numbers(width), *sines = numbers(width);
  kernel_inv_freq(inv_freq, 10000, width / 2);
  kernel_rope_angles(cosines, sines, 4321, inv_freq, width / 2);
  backend->rope(y, cosines, sines, 3, width / 2 * 2);
  report("rope", width, 0, 0, y, 3 * (width / 2 * 2) * sizeof *y);
}

static void attention(
    const KernelBackend *backend, size_t heads, size_t shared, size_t size, size_t first, size_t count) {
  enum { BLOCKS = 20 };
  const unsigned char *blocks[BLOCKS];
  size_t bytes = kernel_block_bytes(shared, size);
  for (size_t n = 0; n < BLOCKS; n++) blocks[n] = memset(malloc(bytes), 0x7F, bytes);
  for (size_t i = 0; i < first + count; i++)
    backend->store_kv(
        (void *)blocks[i / KERNEL_BLOCK], i % KERNEL_BLOCK, numbers(shared * size),
        numbers(shared * size), shared, size);
  float *output = numbers(heads * size), *scratch = numbers(2 * heads * BLOCKS * KERNEL_BLOCK);
  backend->attend(
      output, numbers(heads * size), (KernelContext){blocks, 0, first, count}, scratch, heads, shared,
      size);
  report("attend", heads, size, count, output, heads * size * sizeof *output);
}

int main(int count, char **words) {
  const KernelBackend *backend = count == 2 ? kernel_backend_named(words[1]) : NULL;
  if (backend == NULL) return fprintf(stderr, "usage: kernels BACKEND, one that this processor has\n"), 64;
  static const size_t rows[] = {1, 15, 16, 17, 64, 129, 832}, columns[] = {1, 2, 31, 256, 513, 832};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
      for (size_t batch = 1; batch <= 9; batch++) matrices(backend, rows[r], columns[c], batch);
  static const size_t widths[] = {2, 15, 16, 30, 50, 256, 832};
  for (size_t n = 0; n < sizeof widths / sizeof *widths; n++) elements(backend, widths[n]);
  static const size_t pasts[][2] = {{0, 1}, {31, 1}, {5, 27}, {0, 32}, {30, 60}, {7, 512}};
  for (size_t n = 0; n < sizeof pasts / sizeof *pasts; n++) {
    attention(backend, 8, 2, 32, pasts[n][0], pasts[n][1]);
    attention(backend, 3, 1, 18, pasts[n][0], pasts[n][1]);
    attention(backend, 2, 2, 64, pasts[n][0], pasts[n][1]);
  }
  return 0;
}
