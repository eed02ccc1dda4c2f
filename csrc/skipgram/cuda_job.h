// What the CUDA kernels of skipgram are told, and the words of a piece of text that they train on.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "alias.h"
#include "skipgram/settings.h"

namespace nntasks::skipgram {

constexpr unsigned kAllLanes = 0xffffffffu;
constexpr int kLanes = 32, kWarps = 4;  // of a warp; of a block of threads
constexpr int kMostSources = 200, kMostTargets = 101, kOutputs = 8;
constexpr int kStats = 5;  // loss, pairs, centres, gradients, clipped

// A word that subsampling has kept, and the kept words of its sentence.
struct KeptWord {
  int32_t word, place, reach;  // place in the tokens of this call; the size of its window
  int32_t first, end;
};

struct CudaJob {
  Settings settings;
  const Bucket* table;
  const KeptWord* kept;
  int64_t count;  // of `kept`
  uint64_t seed;
  int64_t offset;
  int table_bits;      // see bucket_bits
  int sources, slots;  // vectors of a centre at most: contexts, and all
  double* stats;       // kStats of each centre
};

// Where the gradients of a centre go that are not added at once: a row for each of its vectors.
struct GradientRows {
  float* first;
  int64_t columns;

  __device__ float* of(int slot) const { return first + slot * columns; }
};

__device__ inline int lane_of_thread() { return int(threadIdx.x) % kLanes; }
__device__ inline int64_t warp_of_grid() {
  return int64_t(blockIdx.x) * kWarps + int(threadIdx.x) / kLanes;
}

}  // namespace nntasks::skipgram
