// The kernels of skipgram for AVX-512; see skipgram_avx2.cpp.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NNTASKS_STEP_TARGET __attribute__((target("avx512f,avx512dq,fma")))
#define NNTASKS_STEP_LANES 16
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define NNTASKS_STEP_KERNELS kAvx512Kernels
#include "skipgram/pair_step_kernels.h"
#endif
