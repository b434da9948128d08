// Chooses a backend by name or by speed.
#include <string.h>

#include "CKernels.h"
#include "backends.h"

const KernelBackend *kernel_backend_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
               ? &kernel_backend_avx512
               : NULL;
  if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") ? &kernel_backend_avx2 : NULL;
#elif defined(__aarch64__)
  if (strcmp(name, "neon") == 0) return &kernel_backend_neon;
#endif
  return strcmp(name, "plain") == 0 ? &kernel_backend_plain : NULL;
}

const KernelBackend *kernel_backend_fastest(void) {
  const char *fastest_first[] = {"avx512", "avx2", "neon"};
  for (size_t i = 0; i < sizeof fastest_first / sizeof *fastest_first; i++) {
    const KernelBackend *found = kernel_backend_named(fastest_first[i]);
    if (found) return found;
  }
  return &kernel_backend_plain;
}

size_t kernel_block_bytes(size_t shared_heads, size_t size) {
  return 2 * shared_heads * KERNEL_BLOCK * (size * sizeof(int16_t) + sizeof(float));
}
