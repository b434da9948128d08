// The angles of rotary positions (arXiv 2104.09864), in double precision: positions grow large in
// sessions of hours. Only sums and products are used, so that all processors give the same bits.
#include "CKernels.h"
#include "lanes.h"

void kernel_inv_freq(double *inv_freq, double base, size_t half) {
  // Bisection for the number whose power of `half` is 1 / base.
  double low = 0, high = 1;
  for (int step = 0; step < 64; step++) {
    double middle = (low + high) / 2, power = 1;
    for (size_t i = 0; i < half; i++) power *= middle;
    if (power * base > 1)
      high = middle;
    else
      low = middle;
  }
  double inv_freq_i = 1;
  for (size_t i = 0; i < half; i++, inv_freq_i *= high) inv_freq[i] = inv_freq_i;
}

// sin(x) for |x| ≤ π / 4 by its Taylor series, to within two units in the last place.
static double sine_of(double x) {
  double square = x * x, term = x, total = x;
  for (int n = 2; n <= 16; n += 2) {
    term *= -square / (n * (n + 1));
    total += term;
  }
  return total;
}

// cos(x) for |x| ≤ π / 4, likewise.
static double cosine_of(double x) {
  double square = x * x, term = 1, total = 1;
  for (int n = 1; n <= 17; n += 2) {
    term *= -square / (n * (n + 1));
    total += term;
  }
  return total;
}

void kernel_rope_angles(
    float *cosines, float *sines, double position, const double *inv_freq, size_t half) {
  // π / 2 in two parts: the first has so few digits that its multiples are exact.
  const double quarter = 1.57079632673412561417, rest = 6.07710050650619224932e-11;
  for (size_t i = 0; i < half; i++) {
    double angle = position * inv_freq[i];
    // Adding and subtracting 1.5 · 2⁵² rounds to the nearest integer.
    double turns = (angle * 0.636619772367581343 + 6755399441055744.0) - 6755399441055744.0;
    double left = (angle - turns * quarter) - turns * rest;
    double sine = sine_of(left), cosine = cosine_of(left);
    switch ((int64_t)turns & 3) {
      case 0: cosines[i] = (float)cosine, sines[i] = (float)sine; break;
      case 1: cosines[i] = (float)-sine, sines[i] = (float)cosine; break;
      case 2: cosines[i] = (float)-cosine, sines[i] = (float)-sine; break;
      default: cosines[i] = (float)sine, sines[i] = (float)-cosine;
    }
  }
}
