// Attention over keys and values in blocks, in whole numbers.
//
// A head's key, and its value, at a position is rounded to whole numbers of 16 bits with a scale of its
// own. Products of keys and queries, and of values and their shares, are added up in 32 bits, which
// comes to the same in any order; so a set of kernels needs nothing for this but its Tile, which here
// holds two neighbouring elements of sixteen keys, or sixteen elements of two neighbouring values.
#ifndef ATTEND_H
#define ATTEND_H

#include "elementwise.h"
#include "lanes.h"

enum {
  // Heads that are computed together: what is loaded is used for each, and their sums do not wait for
  // each other.
  HEADS_TOGETHER = 4,
  BLOCK_LANES = KERNEL_BLOCK / LANES,
  MOST_VALUE = 32767,
};

// A layer's part of a block, for one of the heads that share it:
//   keys (size / 2, KERNEL_BLOCK, 2): a pair of elements of all positions side by side;
//   values (KERNEL_BLOCK / 2, width, 2): an element of two positions side by side, `width` = all heads'
//   size, of which this one's are the first `size`;
//   the scales of the keys, and of the values, of all positions.
typedef struct {
  const int16_t *keys, *values;
  const float *key_scales, *value_scales;
} Shared;

INLINE Shared shared_of(const void *block, size_t head, size_t shared_heads, size_t size) {
  size_t all = shared_heads * size * KERNEL_BLOCK;
  const int16_t *keys = block, *values = keys + all;
  const float *scales = (const void *)(values + all);
  return (Shared){
      keys + head * size * KERNEL_BLOCK, values + head * size * 2, scales + head * KERNEL_BLOCK,
      scales + (shared_heads + head) * KERNEL_BLOCK};
}

// The largest whole number of which a sum of `size` products fits into 32 bits.
INLINE float most_key(size_t size) {
  float most = (float)(int32_t)__builtin_sqrt(2147483647.0 / (double)size);
  return most < 32767.0f ? most : 32767.0f;
}

static void remember(
    void *block, size_t slot, const float *restrict key, const float *restrict value,
    size_t shared_heads, size_t size) {
  for (size_t head = 0; head < shared_heads; head++, key += size, value += size) {
    Shared shared = shared_of(block, head, shared_heads, size);
    int16_t *keys = (int16_t *)shared.keys + 2 * slot, elements[KERNEL_MOST_HEAD_SIZE];
    ((float *)shared.key_scales)[slot] = rounded(elements, 1, key, size, most_key(size));
    for (size_t i = 0; i < size; i += 2)
      memcpy(keys + i * KERNEL_BLOCK, elements + i, 2 * sizeof *elements);
    int16_t *values =
        (int16_t *)shared.values + slot / 2 * shared_heads * size * 2 + slot % 2;
    ((float *)shared.value_scales)[slot] = rounded(values, 2, value, size, MOST_VALUE);
  }
}

// scores[n][i] = Σ_j queries[n][j] keys[i][j], for `heads` queries (a constant where this is inlined)
// and the positions of a block.
INLINE void score_block(
    float *scores, const int16_t *queries, const float *query_scales, Shared shared, size_t heads,
    size_t size, size_t stride) {
  Sums sums[HEADS_TOGETHER][BLOCK_LANES];
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < BLOCK_LANES; n++) sums[head][n] = no_products();
  for (size_t j = 0; j < size; j += 2)
    for (size_t n = 0; n < BLOCK_LANES; n++) {
      Tile keys = pairs_at(shared.keys + j * KERNEL_BLOCK + 2 * n * LANES);
      for (size_t head = 0; head < heads; head++)
        sums[head][n] = add_products(sums[head][n], keys, queries + head * size + j);
    }
  for (size_t n = 0; n < BLOCK_LANES; n++) {
    Lanes scales;
    load(&scales, shared.key_scales + n * LANES);
    for (size_t head = 0; head < heads; head++) {
      Lanes products = floats_of(&sums[head][n]) * (scales * query_scales[head]);
      store(scores + head * stride + n * LANES, &products);
    }
  }
}

// shares[i] = e^(scores[i] − the largest) · the scale of value i, for the `count` positions from `first`
// on, in whole numbers that sum to about MOST_VALUE; 0 for what else the blocks hold. Overwrites the
// scores. What a share of 1 of a value of 1 comes to comes back.
INLINE float weigh(
    int16_t *shares, float *scores, KernelPast past, size_t shared_head, size_t shared_heads,
    size_t size, size_t stride) {
  float largest = largest_of(scores + past.first, past.count);
  size_t end = past.first + past.count;
  for (size_t i = 0; i < stride; i++) scores[i] = exponential(scores[i] - largest);
  for (size_t i = 0; i < past.first; i++) scores[i] = 0;
  for (size_t i = end; i < stride; i++) scores[i] = 0;
  Lanes total = {0}, scaled = {0}, each, scales;
  for (size_t i = 0; i < stride; i += LANES) {
    Shared shared = shared_of(
        past.blocks[i / KERNEL_BLOCK] + past.offset, shared_head, shared_heads, size);
    load(&each, scores + i);
    load(&scales, shared.value_scales + i % KERNEL_BLOCK);
    total += each;
    // What was never written has no scale.
    for (size_t n = 0; n < LANES; n++) each[n] = each[n] > 0 ? each[n] * scales[n] : 0;
    scaled += each;
    store(scores + i, &each);
  }
  float sum_of_scaled = sum(&scaled), scale = sum_of_scaled > 1e-30f ? MOST_VALUE / sum_of_scaled : 0;
  // Many small shares may all be rounded down, or up: what they come to is made up for.
  int32_t sum_of_shares = 0;
  for (size_t i = 0; i < stride; i++) {
    shares[i] = (int16_t)(int32_t)nearest(scores[i] * scale);
    sum_of_shares += shares[i];
  }
  return sum_of_shares > 0 ? sum_of_scaled / (float)sum_of_shares / sum(&total) : 0;
}

// mixed[n][j] = scales[n] Σ_i shares[n][i] values[i][j], for `lanes` · LANES neighbours j and `heads`
// heads, both constants where this is inlined.
INLINE void mix_lanes(
    float *mixed, const int16_t *shares, const float *scales, KernelPast past, size_t shared_head,
    size_t shared_heads, size_t j, size_t heads, size_t lanes, size_t size, size_t stride) {
  Sums sums[HEADS_TOGETHER][2];
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < lanes; n++) sums[head][n] = no_products();
  size_t end = past.first + past.count;
  for (size_t base = 0; base < end; base += KERNEL_BLOCK) {
    const int16_t *values =
        shared_of(
            past.blocks[base / KERNEL_BLOCK] + past.offset, shared_head, shared_heads, size)
            .values +
        2 * j;
    size_t from = base == 0 ? past.first / 2 * 2 : 0;
    size_t to = end - base < KERNEL_BLOCK ? end - base : KERNEL_BLOCK;
    for (size_t i = from; i < to; i += 2)
      for (size_t n = 0; n < lanes; n++) {
        Tile pairs = pairs_at(values + i * shared_heads * size + 2 * n * LANES);
        for (size_t head = 0; head < heads; head++)
          sums[head][n] = add_products(sums[head][n], pairs, shares + head * stride + base + i);
      }
  }
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < lanes; n++) {
      Lanes result = floats_of(&sums[head][n]) * scales[head];
      store(mixed + head * size + j + n * LANES, &result);
    }
}

// The same for one j.
INLINE void mix_one(
    float *mixed, const int16_t *shares, const float *scales, KernelPast past, size_t shared_head,
    size_t shared_heads, size_t j, size_t heads, size_t size, size_t stride) {
  for (size_t head = 0; head < heads; head++) {
    int32_t total = 0;
    for (size_t i = past.first; i < past.first + past.count; i++) {
      Shared shared = shared_of(
          past.blocks[i / KERNEL_BLOCK] + past.offset, shared_head, shared_heads, size);
      size_t slot = i % KERNEL_BLOCK;
      total += shared.values[(slot / 2 * shared_heads * size + j) * 2 + slot % 2] *
               shares[head * stride + i];
    }
    mixed[head * size + j] = (float)total * scales[head];
  }
}

INLINE void attend_heads(
    float *output, const float *queries, KernelPast past, float *scratch, size_t shared_head,
    size_t shared_heads, size_t heads, size_t size) {
  size_t blocks = (past.first + past.count + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
  size_t stride = blocks * KERNEL_BLOCK;
  int16_t *shares = (int16_t *)(scratch + heads * stride);
  int16_t whole[HEADS_TOGETHER * KERNEL_MOST_HEAD_SIZE];
  float scales[HEADS_TOGETHER], root = 1.0f / __builtin_sqrtf((float)size);
  for (size_t head = 0; head < heads; head++)
    scales[head] =
        rounded(whole + head * size, 1, queries + head * size, size, most_key(size)) * root;
  for (size_t block = 0; block < blocks; block++)
    score_block(
        scratch + block * KERNEL_BLOCK, whole, scales,
        shared_of(past.blocks[block] + past.offset, shared_head, shared_heads, size), heads, size,
        stride);
  for (size_t head = 0; head < heads; head++)
    scales[head] = weigh(
        shares + head * stride, scratch + head * stride, past, shared_head, shared_heads, size,
        stride);
  size_t j = 0;
  for (; j + 2 * LANES <= size; j += 2 * LANES)
    mix_lanes(
        output, shares, scales, past, shared_head, shared_heads, j, heads, 2, size, stride);
  for (; j + LANES <= size; j += LANES)
    mix_lanes(
        output, shares, scales, past, shared_head, shared_heads, j, heads, 1, size, stride);
  for (; j < size; j++)
    mix_one(output, shares, scales, past, shared_head, shared_heads, j, heads, size, stride);
}

static void attend(
    float *restrict output, const float *restrict queries, KernelPast past,
    float *restrict scratch, size_t heads, size_t shared_heads, size_t size) {
  size_t group = heads / shared_heads;
  for (size_t shared = 0; shared < shared_heads; shared++) {
    size_t head = shared * group, end = head + group;
    for (; head + HEADS_TOGETHER <= end; head += HEADS_TOGETHER)
      attend_heads(
          output + head * size, queries + head * size, past, scratch, shared, shared_heads,
          HEADS_TOGETHER, size);
    for (; head < end; head++)
      attend_heads(
          output + head * size, queries + head * size, past, scratch, shared, shared_heads, 1,
          size);
  }
}

#endif
