// Training without locks on a device: lock_free.h with warps for threads.
//
// A warp takes kRun centres one after the other, so that it sees its own steps on the contexts that
// these share; the warps race. Additions are atomic: thousands of steps are under way, and plain
// stores would lose too many on the vectors of frequent words. How many are under way is bounded by
// the vocabulary (kWordsAWarp), because all of them are taken at nearly the same vectors.
#pragma once

#include "skipgram/cuda_step.h"

namespace nntasks::skipgram {

constexpr int64_t kRun = 32;          // centres
constexpr int64_t kWordsAWarp = 16;   // words in the vocabulary for each warp
constexpr int64_t kMostWarps = 1024;  // of a launch; the same on every device

// `rows`: slots rows for each warp of the grid, where gradients are not added at once.
__global__ void __launch_bounds__(kWarps* kLanes)
    train_lock_free(CudaJob job, float* rows, int64_t warps) {
  __shared__ WarpMemory shared[kWarps];
  WarpMemory& memory = shared[threadIdx.x / kLanes];
  const int64_t warp = warp_of_grid();
  if (warp >= warps) return;
  const GradientRows mine{rows + warp * job.slots * job.settings.columns, job.settings.columns};
  for (int64_t from = warp * kRun; from < job.count; from += warps * kRun) {
    for (int64_t n = from; n < job.count && n < from + kRun; ++n) {
      const Centre centre = gather(job, n, memory);
      if (centre.sources) {
        CudaStep<true>(job, memory, centre, mine).take(job.stats + n * kStats);
      }
    }
  }
}

}  // namespace nntasks::skipgram
