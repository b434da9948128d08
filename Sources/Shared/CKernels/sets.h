// The sets of kernels.
#ifndef SETS_H
#define SETS_H

#include "CKernels.h"

extern const KernelSet kernels_avx512, kernels_avx2, kernels_neon, kernels_plain;

#endif
