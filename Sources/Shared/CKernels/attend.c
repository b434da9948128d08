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
    size_t offset = head / (heads / shared_heads) * size;
    const float *query = queries + head * size;
    float *mixed = output + head * size;
    for (size_t i = 0; i < count; i++) {
      size_t slot = i < until_end ? first + i : i - until_end;
      scores[i] = dot(query, keys + slot * stride + offset, size);
    }
    kernel_softmax(scores, count, scale);
    for (size_t j = 0; j < size; j++) mixed[j] = 0;
    for (size_t i = 0; i < count; i++) {
      size_t slot = i < until_end ? first + i : i - until_end;
      const float *value = values + slot * stride + offset;
      for (size_t j = 0; j < size; j++) mixed[j] += scores[i] * value[j];
    }
  }
}
