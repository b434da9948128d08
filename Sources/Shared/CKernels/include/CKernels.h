// The arithmetic of the network: weights of 8 bits, states in float32.
//
// Matrices are multiplied in whole numbers, which add up to the same in any order; every sum of floats
// is taken in one fixed order, product and sum rounded apart. So the same stream gives the same plan,
// bit for bit, on every processor and by every set of kernels. No kernel allocates or locks.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
  // Rows of a packed matrix that lie together, and columns: see KernelMatrix.
  KERNEL_TILE_ROWS = 16,
  KERNEL_TILE_COLUMNS = 2,
  // Positions of a block of keys and values, and the most elements of a head's.
  KERNEL_BLOCK = 32,
  KERNEL_MOST_HEAD_SIZE = 256,
};

// A matrix of `rows` rows and `columns` columns in 8-bit weights: weight · scale of its row.
//
// The weights lie in tiles of 16 rows and 2 columns, 2 neighbours of a row side by side; tiles of the
// same rows lie in a row; what a tile has beyond the matrix is 0. So elements is of shape
// (⌈rows / 16⌉, ⌈columns / 2⌉, 16, 2), and scales has a number for each of the tiles' rows.
typedef struct {
  const int8_t *elements;
  const float *scales;
  size_t rows, columns;
} KernelMatrix;

// States in 16-bit numbers: `batch` rows of `columns`, each row with a scale. Two neighbours of a row lie
// side by side, and the same two of all rows in a row; what is beyond the columns is 0. So elements is
// of shape (⌈columns / 2⌉, batch, 2).
typedef struct {
  int16_t *elements;
  float *scales;
  size_t batch, columns;
} KernelStates;

// The keys and values that one position attends to, in blocks of KERNEL_BLOCK positions: `count`
// positions from the first block's `first` on. In each block they lie from byte `offset` on.
typedef struct {
  const unsigned char *const *blocks;
  size_t offset, first, count;
} KernelPast;

// The bytes of a layer's keys and values in a block.
size_t kernel_block_bytes(size_t shared_heads, size_t size);

// What can be computed, by one kind of processor's instructions.
typedef struct {
  const char *name;

  // x in 16-bit numbers: each row by its largest element.
  void (*quantise)(KernelStates y, const float *x);

  // y = x Wᵀ: (batch, rows).
  void (*multiply)(float *y, KernelMatrix w, KernelStates x);

  // y = W x in float32, for row-major W of shape (rows, columns).
  void (*multiply_floats)(float *y, const float *w, const float *x, size_t rows, size_t columns);

  // y = x / sqrt(mean(x²) + epsilon) · weight, for each of `batch` rows of `width` elements.
  // RMSNorm, arXiv 1910.07467.
  void (*normalise)(
      float *y, const float *x, const float *weight, size_t batch, size_t width, float epsilon);

  // x += y, for `count` elements.
  void (*add)(float *x, const float *y, size_t count);

  // x = gelu(x) in its tanh form, arXiv 1606.08415.
  void (*gelu)(float *x, size_t count);

  // gate = gelu(gate) · up: the gated unit of arXiv 2002.05202.
  void (*gated_gelu)(float *gate, const float *up, size_t count);

  // Rotates each of `heads` heads of `size` elements at one position: element i of the first half
  // with element i of the second, by the angle whose cosine and sine are given (size / 2 of each).
  // Rotary positions, arXiv 2104.09864.
  void (*rotate)(
      float *x, const float *cosine, const float *sine, size_t heads, size_t size);

  // Writes a position's key and value, (shared_heads, size) each, into a layer's part of a block, as
  // the position `slot` of it. size: an even number, KERNEL_MOST_HEAD_SIZE at most.
  void (*remember)(
      void *block, size_t slot, const float *key, const float *value, size_t shared_heads,
      size_t size);

  // One position's attention. Query heads share key/value heads in equal, neighbouring groups.
  // output, queries: (heads, size). scratch: room for twice heads / shared_heads times the positions of
  // all blocks.
  void (*attend)(
      float *output, const float *queries, KernelPast past, float *scratch, size_t heads,
      size_t shared_heads, size_t size);
} KernelSet;

// The set of a name, "avx512", "avx2", "neon" or "plain"; null where this processor cannot run it.
const KernelSet *kernels_named(const char *name);

// The fastest set that this processor can run.
const KernelSet *kernels_at_hand(void);

// x = softmax(x · scale), for `count` elements.
void kernel_softmax(float *x, size_t count, float scale);

// What rotary positions turn by in a frame: speeds[i] = base^(−i / half), for i below `half`.
void kernel_speeds(double *speeds, double base, size_t half);

// The cosines and sines of position · speeds[i]. Not those of the mathematics library, whose last
// digits differ from one version, and from one processor, to the next.
void kernel_rotations(
    float *cosines, float *sines, double position, const double *speeds, size_t half);

// The plain form of `multiply`, for tests: sums from left to right, in double. y: (batch, rows).
void kernel_multiply_reference(float *y, KernelMatrix w, KernelStates x);

#endif
