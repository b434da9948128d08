// The arithmetic of the network, in float32.
//
// Every sum is taken in one fixed order, product and sum rounded apart, whatever the processor: the
// same stream gives the same plan, bit for bit, on every machine. No kernel allocates or locks.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>

// y = x Wᵀ, for row-major W of shape (rows, columns), x of (batch, columns), y of (batch, rows).
void kernel_multiply(
    float *restrict y, const float *restrict w, const float *restrict x, size_t batch, size_t rows,
    size_t columns);

// The plain form of kernel_multiply, for tests: sums from left to right, in double precision.
void kernel_multiply_plain(
    float *restrict y, const float *restrict w, const float *restrict x, size_t batch, size_t rows,
    size_t columns);

// y = x / sqrt(mean(x²) + epsilon) · weight, for each of `batch` rows of `width` elements.
// RMSNorm, arXiv 1910.07467.
void kernel_normalise(
    float *restrict y, const float *restrict x, const float *restrict weight, size_t batch,
    size_t width, float epsilon);

// x += y, for `count` elements.
void kernel_add(float *restrict x, const float *restrict y, size_t count);

// x = gelu(x) in its tanh form, arXiv 1606.08415.
void kernel_gelu(float *restrict x, size_t count);

// gate = gelu(gate) · up: the gated unit of arXiv 2002.05202.
void kernel_gated_gelu(float *restrict gate, const float *restrict up, size_t count);

// Rotates each of `heads` heads of `size` elements at one position: element i of the first half with
// element i of the second, by the angle whose cosine and sine are given (size / 2 of each).
// Rotary positions, arXiv 2104.09864.
void kernel_rotate(
    float *restrict x, const float *restrict cosine, const float *restrict sine, size_t heads,
    size_t size);

// One position's attention. Query heads share key/value heads in equal, neighbouring groups.
// output, queries: (heads, size). keys: (shared_heads, size, capacity) and values: (capacity,
// shared_heads, size), rings of `capacity` positions; attended are `count` of them from slot `first`
// on, around the end. scores: room for `count` elements.
void kernel_attend(
    float *restrict output, const float *restrict queries, const float *restrict keys,
    const float *restrict values, float *restrict scores, size_t heads, size_t shared_heads,
    size_t size, size_t first, size_t count, size_t capacity);

// x = softmax(x · scale), for `count` elements.
void kernel_softmax(float *restrict x, size_t count, float scale);

#endif
