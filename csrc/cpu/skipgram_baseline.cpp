// The kernels of skipgram for any machine. Without fused multiply-adds.
#define NNTASKS_STEP_TARGET
#define NNTASKS_STEP_LANES 4
#define NNTASKS_STEP_FMA(a, b, c) ((a) * (b) + (c))
#define NNTASKS_STEP_KERNELS kBaselineKernels
#include "skipgram/pair_step_kernels.h"
