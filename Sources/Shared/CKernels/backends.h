// The backends that this build contains.
#ifndef BACKENDS_H
#define BACKENDS_H

#include "CKernels.h"

extern const KernelBackend kernel_backend_avx512, kernel_backend_avx2, kernel_backend_neon,
    kernel_backend_plain;

#endif
