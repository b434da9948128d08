#include "CKernels.h"
#include "lanes.h"

enum { TOGETHER = 4 };

// TOGETHER rows with `batch` inputs at a time, a constant where this is inlined: their sums do not wait
// for each other, and what is loaded is used several times.
INLINE void multiply_rows(
    float *y, const float *w, const float *x, size_t batch, size_t rows, size_t columns) {
  Lanes totals[TOGETHER][TOGETHER] = {{{0}}}, weights[TOGETHER], inputs;
  float rests[TOGETHER][TOGETHER] = {{0}};
  size_t i = 0;
  for (; i + LANES <= columns; i += LANES) {
    for (size_t row = 0; row < TOGETHER; row++) load(&weights[row], w + row * columns + i);
    for (size_t b = 0; b < batch; b++) {
      load(&inputs, x + b * columns + i);
      for (size_t row = 0; row < TOGETHER; row++) totals[b][row] += weights[row] * inputs;
    }
  }
  for (; i < columns; i++)
    for (size_t b = 0; b < batch; b++)
      for (size_t row = 0; row < TOGETHER; row++)
        rests[b][row] += w[row * columns + i] * x[b * columns + i];
  for (size_t b = 0; b < batch; b++) {
    float sums[TOGETHER];
    sum_four(sums, &totals[b][0], &totals[b][1], &totals[b][2], &totals[b][3]);
    for (size_t row = 0; row < TOGETHER; row++) y[b * rows + row] = sums[row] + rests[b][row];
  }
}

FOR_EACH_PROCESSOR
void kernel_multiply(
    float *restrict y, const float *restrict w, const float *restrict x, size_t batch, size_t rows,
    size_t columns) {
  // The weights stay in the cache while the whole batch takes its turn with them.
  size_t row = 0;
  for (; row + TOGETHER <= rows; row += TOGETHER) {
    const float *weights = w + row * columns;
    size_t b = 0;
    for (; b + TOGETHER <= batch; b += TOGETHER)
      multiply_rows(y + b * rows + row, weights, x + b * columns, TOGETHER, rows, columns);
    for (; b < batch; b++)
      multiply_rows(y + b * rows + row, weights, x + b * columns, 1, rows, columns);
  }
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
