// The network's arithmetic: int8 weights, int16 activations, int32 sums, float32 elsewhere.
//
// Integer sums are exact in any order. Every float sum is taken in one fixed order, with products
// and sums rounded separately. So every backend gives the same bits on every processor. No kernel
// allocates memory or takes a lock.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
  // The shape of a tile of a packed matrix: see KernelMatrix.
  KERNEL_TILE_ROWS = 16,
  KERNEL_TILE_COLUMNS = 2,
  // Positions in a block of keys and values.
  KERNEL_BLOCK = 32,
  // The largest head size.
  KERNEL_MOST_HEAD_SIZE = 256,
};

// A matrix of int8 weights with a scale for each row: W[i][j] = element · scales[i].
//
// Elements are packed in tiles of 16 rows and 2 columns, with the 2 columns of a row side by side.
// The tiles of the same 16 rows are consecutive. Padding is 0. So elements has shape (⌈rows / 16⌉,
// ⌈columns / 2⌉, 16, 2), and scales has one number for each row of the tiles.
typedef struct {
  const int8_t *elements;
  const float *scales;
  size_t rows, columns;
} KernelMatrix;

// `batch` vectors of `columns` int16 activations, with a scale for each vector.
//
// Two neighbouring elements of a vector lie side by side, followed by the same two of the next
// vector. Padding is 0. So elements has shape (⌈columns / 2⌉, batch, 2).
typedef struct {
  int16_t *elements;
  float *scales;
  size_t batch, columns;
} KernelActivations;

// The keys and values that one position attends to: `count` positions, from position `first` of the
// first block on. A layer's keys and values begin at byte `offset` of each block.
typedef struct {
  const unsigned char *const *blocks;
  size_t offset, first, count;
} KernelContext;

// The size in bytes of one layer's keys and values in a block.
size_t kernel_block_bytes(size_t kv_heads, size_t size);

// An implementation of the kernels for one instruction set.
typedef struct {
  const char *name;

  // y = x in int16, each vector scaled by its largest element. x: (batch, columns).
  void (*quantise)(KernelActivations y, const float *x);

  // y = x Wᵀ. y: (batch, rows).
  void (*multiply)(float *y, KernelMatrix w, KernelActivations x);

  // y = W x in float32, for row-major W of shape (rows, columns).
  void (*multiply_floats)(float *y, const float *w, const float *x, size_t rows, size_t columns);

  // y = x / sqrt(mean(x²) + epsilon) · weight, for each of `batch` rows of `width` elements.
  // RMSNorm, arXiv 1910.07467.
  void (*rms_norm)(
      float *y, const float *x, const float *weight, size_t batch, size_t width, float epsilon);

  // x += y, for `count` elements.
  void (*add)(float *x, const float *y, size_t count);

  // x = gelu(x) in its tanh form, arXiv 1606.08415.
  void (*gelu)(float *x, size_t count);

  // gate = gelu(gate) · up: the gated unit of arXiv 2002.05202.
  void (*gated_gelu)(float *gate, const float *up, size_t count);

  // Rotates each of `heads` heads of `size` elements: element i of the first half together with
  // element i of the second half, by the angle whose cosine and sine are given (size / 2 of each).
  // Rotary position embedding, arXiv 2104.09864.
  void (*rope)(float *x, const float *cosine, const float *sine, size_t heads, size_t size);

  // Stores the key and value of one position, (kv_heads, size) each, at `slot` of a layer's part of
  // a block. size: an even number, KERNEL_MOST_HEAD_SIZE at most.
  void (*store_kv)(
      void *block, size_t slot, const float *key, const float *value, size_t kv_heads, size_t size);

  // Attention of one position. Equal, neighbouring groups of query heads share a key/value head.
  // output, queries: (heads, size). scratch: 2 · heads / kv_heads floats for each position of all
  // blocks.
  void (*attend)(
      float *output, const float *queries, KernelContext context, float *scratch, size_t heads,
      size_t kv_heads, size_t size);
} KernelBackend;

// The backend of a name, "avx512", "avx2", "neon" or "plain"; null where this processor cannot run
// it.
const KernelBackend *kernel_backend_named(const char *name);

// The fastest backend that this processor can run.
const KernelBackend *kernel_backend_fastest(void);

// x = softmax(x · scale), for `count` elements.
void kernel_softmax(float *x, size_t count, float scale);

// The inverse frequencies of rotary positions: inv_freq[i] = base^(−i / half), for i below `half`.
void kernel_inv_freq(double *inv_freq, double base, size_t half);

// The cosines and sines of position · inv_freq[i]. Computed with sums and products only: the last
// digits of the mathematics library's differ between its versions and between processors.
void kernel_rope_angles(
    float *cosines, float *sines, double position, const double *inv_freq, size_t half);

// The reference of `multiply`, for tests: sums from left to right, in double. y: (batch, rows).
void kernel_multiply_reference(float *y, KernelMatrix w, KernelActivations x);

#endif
