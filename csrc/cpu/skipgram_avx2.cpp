// The kernels of skipgram for AVX2. The target is set function by function, not by a compiler flag:
// an inline function of a shared header must not be compiled for AVX2 here, because the linker may
// keep that copy for every caller.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NNTASKS_STEP_TARGET __attribute__((target("avx2,fma")))
#define NNTASKS_STEP_LANES 8
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define NNTASKS_STEP_KERNELS kAvx2Kernels
#include "skipgram/pair_step_kernels.h"
#endif
