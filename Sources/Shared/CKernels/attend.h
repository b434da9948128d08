// Attention over keys and values in blocks, in integers.
//
// Each head's key and value at a position is quantised to int16 with a scale of its own. Products
// of queries with keys, and of attention probabilities with values, are accumulated in int32.
// Integer sums are exact in any order, so a backend only provides its Tile: two neighbouring
// elements of sixteen keys, or sixteen elements of two neighbouring values.
#ifndef ATTEND_H
#define ATTEND_H

#include "elementwise.h"
#include "lanes.h"

enum {
  // Query heads computed together: each loaded key or value serves all of them, and their sums are
  // independent.
  HEADS_TOGETHER = 4,
  BLOCK_LANES = KERNEL_BLOCK / LANES,
  MOST_VALUE = 32767,
};

// One key/value head's part of a layer's block:
//   keys (size / 2, KERNEL_BLOCK, 2): pairs of elements, for all positions side by side;
//   values (KERNEL_BLOCK / 2, kv_heads · size, 2): one element of two positions side by side; this
//   head's are the first `size` of a row from where `values` points;
//   the scales of the keys and of the values, one for each position.
typedef struct {
  const int16_t *keys, *values;
  const float *key_scales, *value_scales;
} KVHead;

INLINE KVHead kv_head_of(const void *block, size_t head, size_t kv_heads, size_t size) {
  size_t all = kv_heads * size * KERNEL_BLOCK;
  const int16_t *keys = block, *values = keys + all;
  const float *scales = (const void *)(values + all);
  return (KVHead){
      keys + head * size * KERNEL_BLOCK, values + head * size * 2, scales + head * KERNEL_BLOCK,
      scales + (kv_heads + head) * KERNEL_BLOCK};
}

// The largest integer m such that a sum of `size` products of numbers up to m fits into an int32.
INLINE float most_key(size_t size) {
  float most = (float)(int32_t)__builtin_sqrt(2147483647.0 / (double)size);
  return most < 32767.0f ? most : 32767.0f;
}

static void store_kv(
    void *block, size_t slot, const float *restrict key, const float *restrict value,
    size_t kv_heads, size_t size) {
  for (size_t head = 0; head < kv_heads; head++, key += size, value += size) {
    KVHead kv = kv_head_of(block, head, kv_heads, size);
    int16_t *keys = (int16_t *)kv.keys + 2 * slot, elements[KERNEL_MOST_HEAD_SIZE];
    ((float *)kv.key_scales)[slot] = rounded(elements, 1, key, size, most_key(size));
    for (size_t i = 0; i < size; i += 2)
      memcpy(keys + i * KERNEL_BLOCK, elements + i, 2 * sizeof *elements);
    int16_t *values =
        (int16_t *)kv.values + slot / 2 * kv_heads * size * 2 + slot % 2;
    ((float *)kv.value_scales)[slot] = rounded(values, 2, value, size, MOST_VALUE);
  }
}

// scores[n][i] = Σ_j queries[n][j] keys[i][j], for `heads` queries (a compile-time constant once
// inlined) and all positions of a block.
INLINE void score_block(
    float *scores, const int16_t *queries, const float *query_scales, KVHead kv, size_t heads,
    size_t size, size_t stride) {
  Sums sums[HEADS_TOGETHER][BLOCK_LANES];
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < BLOCK_LANES; n++) sums[head][n] = no_products();
  for (size_t j = 0; j < size; j += 2)
    for (size_t n = 0; n < BLOCK_LANES; n++) {
      Tile keys = pairs_at(kv.keys + j * KERNEL_BLOCK + 2 * n * LANES);
      for (size_t head = 0; head < heads; head++)
        sums[head][n] = add_products(sums[head][n], keys, queries + head * size + j);
    }
  for (size_t n = 0; n < BLOCK_LANES; n++) {
    Lanes scales;
    load(&scales, kv.key_scales + n * LANES);
    for (size_t head = 0; head < heads; head++) {
      Lanes products = floats_of(&sums[head][n]) * (scales * query_scales[head]);
      store(scores + head * stride + n * LANES, &products);
    }
  }
}

// probs[i] = exp(scores[i] − max) · scale of value i, as integers that sum to about MOST_VALUE, for
// the `count` positions from `first` on; 0 for the block's other positions. Overwrites the scores.
// Returns the factor that turns a sum of prob · value products into the attention's output.
INLINE float softmax(
    int16_t *probs, float *scores, KernelContext context, size_t kv_head, size_t kv_heads,
    size_t size, size_t stride) {
  float largest = largest_of(scores + context.first, context.count);
  size_t end = context.first + context.count;
  for (size_t i = 0; i < stride; i++) scores[i] = exponential(scores[i] - largest);
  for (size_t i = 0; i < context.first; i++) scores[i] = 0;
  for (size_t i = end; i < stride; i++) scores[i] = 0;
  Lanes total = {0}, scaled = {0}, each, scales;
  for (size_t i = 0; i < stride; i += LANES) {
    KVHead kv = kv_head_of(
        context.blocks[i / KERNEL_BLOCK] + context.offset, kv_head, kv_heads, size);
    load(&each, scores + i);
    load(&scales, kv.value_scales + i % KERNEL_BLOCK);
    total += each;
    // A slot that was never written has an undefined scale.
    for (size_t n = 0; n < LANES; n++) each[n] = each[n] > 0 ? each[n] * scales[n] : 0;
    scaled += each;
    store(scores + i, &each);
  }
  float sum_of_scaled = sum(&scaled), scale = sum_of_scaled > 1e-30f ? MOST_VALUE / sum_of_scaled : 0;
  // Rounding may bias many small probabilities the same way: divide by their actual sum.
  int32_t sum_of_probs = 0;
  for (size_t i = 0; i < stride; i++) {
    probs[i] = (int16_t)(int32_t)nearest(scores[i] * scale);
    sum_of_probs += probs[i];
  }
  return sum_of_probs > 0 ? sum_of_scaled / (float)sum_of_probs / sum(&total) : 0;
}

// output[n][j] = scales[n] Σ_i probs[n][i] values[i][j], for `lanes` · LANES neighbouring j and
// `heads` heads (compile-time constants once inlined).
INLINE void sum_values(
    float *output, const int16_t *probs, const float *scales, KernelContext context, size_t kv_head,
    size_t kv_heads, size_t j, size_t heads, size_t lanes, size_t size, size_t stride) {
  Sums sums[HEADS_TOGETHER][2];
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < lanes; n++) sums[head][n] = no_products();
  size_t end = context.first + context.count;
  for (size_t base = 0; base < end; base += KERNEL_BLOCK) {
    const int16_t *values =
        kv_head_of(
            context.blocks[base / KERNEL_BLOCK] + context.offset, kv_head, kv_heads, size)
            .values +
        2 * j;
    size_t from = base == 0 ? context.first / 2 * 2 : 0;
    size_t to = end - base < KERNEL_BLOCK ? end - base : KERNEL_BLOCK;
    for (size_t i = from; i < to; i += 2)
      for (size_t n = 0; n < lanes; n++) {
        Tile pairs = pairs_at(values + i * kv_heads * size + 2 * n * LANES);
        for (size_t head = 0; head < heads; head++)
          sums[head][n] = add_products(sums[head][n], pairs, probs + head * stride + base + i);
      }
  }
  for (size_t head = 0; head < heads; head++)
    for (size_t n = 0; n < lanes; n++) {
      Lanes result = floats_of(&sums[head][n]) * scales[head];
      store(output + head * size + j + n * LANES, &result);
    }
}

// The same sum for a single element j.
INLINE void sum_values_at(
    float *output, const int16_t *probs, const float *scales, KernelContext context, size_t kv_head,
    size_t kv_heads, size_t j, size_t heads, size_t size, size_t stride) {
  for (size_t head = 0; head < heads; head++) {
    int32_t total = 0;
    for (size_t i = context.first; i < context.first + context.count; i++) {
      KVHead kv = kv_head_of(
          context.blocks[i / KERNEL_BLOCK] + context.offset, kv_head, kv_heads, size);
      size_t slot = i % KERNEL_BLOCK;
      total += kv.values[(slot / 2 * kv_heads * size + j) * 2 + slot % 2] *
               probs[head * stride + i];
    }
    output[head * size + j] = (float)total * scales[head];
  }
}

INLINE void attend_heads(
    float *output, const float *queries, KernelContext context, float *scratch, size_t kv_head,
    size_t kv_heads, size_t heads, size_t size) {
  size_t blocks = (context.first + context.count + KERNEL_BLOCK - 1) / KERNEL_BLOCK;
  size_t stride = blocks * KERNEL_BLOCK;
  int16_t *probs = (int16_t *)(scratch + heads * stride);
  int16_t integers[HEADS_TOGETHER * KERNEL_MOST_HEAD_SIZE];
  float scales[HEADS_TOGETHER], root = 1.0f / __builtin_sqrtf((float)size);
  for (size_t head = 0; head < heads; head++)
    scales[head] =
        rounded(integers + head * size, 1, queries + head * size, size, most_key(size)) * root;
  for (size_t block = 0; block < blocks; block++)
    score_block(
        scratch + block * KERNEL_BLOCK, integers, scales,
        kv_head_of(context.blocks[block] + context.offset, kv_head, kv_heads, size), heads, size,
        stride);
  for (size_t head = 0; head < heads; head++)
    scales[head] = softmax(
        probs + head * stride, scratch + head * stride, context, kv_head, kv_heads, size,
        stride);
  size_t j = 0;
  for (; j + 2 * LANES <= size; j += 2 * LANES)
    sum_values(
        output, probs, scales, context, kv_head, kv_heads, j, heads, 2, size, stride);
  for (; j + LANES <= size; j += LANES)
    sum_values(
        output, probs, scales, context, kv_head, kv_heads, j, heads, 1, size, stride);
  for (; j < size; j++)
    sum_values_at(output, probs, scales, context, kv_head, kv_heads, j, heads, size, stride);
}

static void attend(
    float *restrict output, const float *restrict queries, KernelContext context,
    float *restrict scratch, size_t heads, size_t kv_heads, size_t size) {
  size_t group = heads / kv_heads;
  for (size_t kv = 0; kv < kv_heads; kv++) {
    size_t head = kv * group, end = head + group;
    for (; head + HEADS_TOGETHER <= end; head += HEADS_TOGETHER)
      attend_heads(
          output + head * size, queries + head * size, context, scratch, kv, kv_heads,
          HEADS_TOGETHER, size);
    for (; head < end; head++)
      attend_heads(
          output + head * size, queries + head * size, context, scratch, kv, kv_heads, 1,
          size);
  }
}

#endif
