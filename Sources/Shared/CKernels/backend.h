// All kernels of a backend, compiled for the instruction set of the including file.
#ifndef BACKEND_H
#define BACKEND_H

#include "attend.h"
#include "elementwise.h"
#include "lanes.h"
#include "multiply.h"

#define KERNEL_BACKEND(called)                                            \
  {                                                                       \
    .name = called, .quantise = quantise, .multiply = multiply,           \
    .multiply_floats = multiply_floats, .rms_norm = rms_norm, .add = add, \
    .gelu = gelu, .gated_gelu = gated_gelu, .rope = rope,                 \
    .store_kv = store_kv, .attend = attend                                \
  }

#endif
