#include <math.h>

#include "CKernels.h"
#include "lanes.h"

FOR_EACH_PROCESSOR
void kernel_rotate(
    float *restrict x, const float *restrict cosine, const float *restrict sine, size_t heads,
    size_t size) {
  size_t half = size / 2;
  for (size_t head = 0; head < heads; head++, x += size)
    for (size_t i = 0; i < half; i++) {
      float first = x[i], second = x[half + i];
      x[i] = first * cosine[i] - second * sine[i];
      x[half + i] = second * cosine[i] + first * sine[i];
    }
}

enum { TOGETHER = 4 };

// scores[i] = scale · Σ_j query[j] keys[j][i], for `count` positions side by side. Each score is summed
// up in the order of j, so it is the same wherever in a run its position stands.
INLINE void score(
    float *scores, const float *query, const float *keys, size_t size, size_t count,
    size_t capacity, float scale) {
  size_t i = 0;
  for (; i + TOGETHER * LANES <= count; i += TOGETHER * LANES) {
    Lanes totals[TOGETHER] = {{0}}, key;
    for (size_t j = 0; j < size; j++)
      for (size_t n = 0; n < TOGETHER; n++) {
        load(&key, keys + j * capacity + i + n * LANES);
        totals[n] += key * query[j];
      }
    for (size_t n = 0; n < TOGETHER; n++) {
      totals[n] *= scale;
      store(scores + i + n * LANES, &totals[n]);
    }
  }
  for (; i < count; i++) {
    float total = 0;
    for (size_t j = 0; j < size; j++) total += keys[j * capacity + i] * query[j];
    scores[i] = total * scale;
  }
}

// mixed[j] = Σ_i shares[i] values[slot of i][j], for LANES neighbours j: TOGETHER running sums, by
// the position's number.
INLINE void mix(
    float *mixed, const float *shares, const float *values, size_t stride, size_t first,
    size_t count, size_t capacity) {
  Lanes totals[TOGETHER] = {{0}}, value;
  size_t i = 0, slot = first;
  for (; i + TOGETHER <= count; i += TOGETHER)
    for (size_t n = 0; n < TOGETHER; n++) {
      load(&value, values + slot * stride);
      totals[n] += value * shares[i + n];
      slot = slot + 1 == capacity ? 0 : slot + 1;
    }
  for (; i < count; i++) {
    load(&value, values + slot * stride);
    totals[0] += value * shares[i];
    slot = slot + 1 == capacity ? 0 : slot + 1;
  }
  totals[0] = (totals[0] + totals[1]) + (totals[2] + totals[3]);
  store(mixed, &totals[0]);
}

FOR_EACH_PROCESSOR
void kernel_attend(
    float *restrict output, const float *restrict queries, const float *restrict keys,
    const float *restrict values, float *restrict scores, size_t heads, size_t shared_heads,
    size_t size, size_t first, size_t count, size_t capacity) {
  size_t stride = shared_heads * size;
  // The attended positions are one run of slots, or two around the ring's end.
  size_t until_end = capacity - first < count ? capacity - first : count;
  float scale = 1.0f / sqrtf((float)size);
  for (size_t head = 0; head < heads; head++) {
    size_t shared = head / (heads / shared_heads);
    const float *query = queries + head * size, *key = keys + shared * size * capacity;
    score(scores, query, key + first, size, until_end, capacity, scale);
    score(scores + until_end, query, key, size, count - until_end, capacity, scale);
    kernel_softmax(scores, count, 1);
    const float *value = values + shared * size;
    float *mixed = output + head * size;
    size_t j = 0;
    for (; j + LANES <= size; j += LANES)
      mix(mixed + j, scores, value + j, stride, first, count, capacity);
    for (; j < size; j++) {
      mixed[j] = 0;
      for (size_t i = 0; i < count; i++)
        mixed[j] += scores[i] * value[(first + i) % capacity * stride + j];
    }
  }
}
