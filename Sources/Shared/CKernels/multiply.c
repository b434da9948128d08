#include "CKernels.h"
#include "lanes.h"

enum { TOGETHER = 4 };

// TOGETHER rows at a time: their sums do not wait for each other.
INLINE void multiply_rows(float *y, const float *w, const float *x, size_t columns) {
  Lanes totals[TOGETHER] = {{0}}, weights, inputs;
  float rests[TOGETHER] = {0};
  size_t i = 0;
  for (; i + LANES <= columns; i += LANES) {
    load(&inputs, x + i);
    for (size_t row = 0; row < TOGETHER; row++) {
      load(&weights, w + row * columns + i);
      totals[row] += weights * inputs;
    }
  }
  for (; i < columns; i++)
    for (size_t row = 0; row < TOGETHER; row++) rests[row] += w[row * columns + i] * x[i];
  for (size_t row = 0; row < TOGETHER; row++) y[row] = sum(&totals[row]) + rests[row];
}

FOR_EACH_PROCESSOR
void kernel_multiply(
    float *restrict y, const float *restrict w, const float *restrict x, size_t batch, size_t rows,
    size_t columns) {
  // The weights stay in the cache while the whole batch takes its turn with them.
  size_t row = 0;
  for (; row + TOGETHER <= rows; row += TOGETHER)
    for (size_t b = 0; b < batch; b++)
      multiply_rows(y + b * rows + row, w + row * columns, x + b * columns, columns);
  for (; row < rows; row++)
    for (size_t b = 0; b < batch; b++)
      y[b * rows + row] = dot(w + row * columns, x + b * columns, columns);
}

void kernel_multiply_plain(
    float *restrict y, const float *restrict w, const float *restrict x, size_t batch, size_t rows,
    size_t columns) {
  for (size_t b = 0; b < batch; b++)
    for (size_t row = 0; row < rows; row++) {
      double total = 0;
      for (size_t i = 0; i < columns; i++)
        total += (double)w[row * columns + i] * x[b * columns + i];
      y[b * rows + row] = (float)total;
    }
}
