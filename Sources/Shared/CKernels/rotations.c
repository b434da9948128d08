// The angles of rotary positions (arXiv 2104.09864), in double precision: after hours, positions are
// large. By products and sums alone, so that they are the same everywhere.
#include "CKernels.h"
#include "lanes.h"

void kernel_speeds(double *speeds, double base, size_t half) {
  // The number whose power of `half` is 1 / base, between two that come ever closer.
  double low = 0, high = 1;
  for (int step = 0; step < 64; step++) {
    double middle = (low + high) / 2, power = 1;
    for (size_t i = 0; i < half; i++) power *= middle;
    if (power * base > 1)
      high = middle;
    else
      low = middle;
  }
  double speed = 1;
  for (size_t i = 0; i < half; i++, speed *= high) speeds[i] = speed;
}

// x from −π / 4 to π / 4: the Taylor series, to within a unit in the last place or two.
static double sine_of(double x) {
  double square = x * x, term = x, total = x;
  for (int n = 2; n <= 16; n += 2) {
    term *= -square / (n * (n + 1));
    total += term;
  }
  return total;
}

static double cosine_of(double x) {
  double square = x * x, term = 1, total = 1;
  for (int n = 1; n <= 17; n += 2) {
    term *= -square / (n * (n + 1));
    total += term;
  }
  return total;
}

void kernel_rotations(
    float *cosines, float *sines, double position, const double *speeds, size_t half) {
  // A quarter of a turn in two parts: the first has so few digits that multiples of it are exact.
  const double quarter = 1.57079632673412561417, rest = 6.07710050650619224932e-11;
  for (size_t i = 0; i < half; i++) {
    double angle = position * speeds[i];
    // Adding and taking away 1.5 · 2⁵² rounds to the nearest whole number.
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
