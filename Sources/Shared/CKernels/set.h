// A whole set of kernels, for the instructions that the file that includes this is compiled for.
#ifndef SET_H
#define SET_H

#include "attend.h"
#include "elementwise.h"
#include "lanes.h"
#include "multiply.h"

#define SET_OF_KERNELS(called)                                              \
  {                                                                         \
    .name = called, .quantise = quantise, .multiply = multiply,             \
    .multiply_floats = multiply_floats, .normalise = normalise, .add = add, \
    .gelu = gelu, .gated_gelu = gated_gelu, .rotate = rotate,               \
    .remember = remember, .attend = attend                                  \
  }

#endif
