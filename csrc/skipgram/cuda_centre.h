// The vectors that take part in the step of one centre, found by one warp: what centre_vectors.h
// does on the CPU. A lane looks at one context or one negative, and counts its equals.
#pragma once

#include "philox.h"
#include "skipgram/cuda_job.h"

namespace nntasks::skipgram {

// The shared memory of a warp.
struct WarpMemory {
  int32_t found[kMostSources];  // with repetition
  int32_t source[kMostSources], target[kMostTargets];
  float source_weight[kMostSources], target_weight[kMostTargets];
  float scores[kMostSources * kOutputs];  // then gradients by score
};

struct Centre {
  int sources, targets;  // different ones; the first target is the centre
  int contexts;          // counted with repetition
  float rate;
};

// Write the different words of `found` but `except`, in order, and how often each is there.
__device__ inline int merge_equals(const int32_t* found, int count, int32_t except, int32_t* words,
                                   float* weights) {
  const int lane = lane_of_thread();
  int merged = 0;
  for (int base = 0; base < count; base += kLanes) {
    const int mine = base + lane;
    const int32_t word = found[mine < count ? mine : base];
    bool first = mine < count && word != except;
    int equals = 0;
    for (int i = 0; i < count; ++i) {
      const bool equal = found[i] == word;
      equals += equal;
      first = first && !(equal && i < mine);
    }
    const unsigned firsts = __ballot_sync(kAllLanes, first);
    if (first) {
      const int at = merged + __popc(firsts & ((1u << lane) - 1));
      words[at] = word;
      weights[at] = float(equals);
    }
    merged += __popc(firsts);
  }
  return merged;
}

// Gather the vectors of kept word `n`. Without contexts it has no targets either.
__device__ inline Centre gather(const CudaJob& job, int64_t n, WarpMemory& memory) {
  const Settings& s = job.settings;
  const KeptWord word = job.kept[n];
  const int64_t from = n - word.reach > word.first ? n - word.reach : word.first;
  const int64_t to = n + word.reach + 1 < word.end ? n + word.reach + 1 : word.end;
  Centre centre{0, 0, int(to - from - 1), float(s.lr_from + s.slope * double(word.place))};
  __syncwarp();  // all lanes are done with the centre before
  for (int k = lane_of_thread(); k < centre.contexts; k += kLanes) {
    const int64_t at = from + k;
    memory.found[k] = job.kept[at + (at >= n)].word;
  }
  __syncwarp();
  centre.sources =
      merge_equals(memory.found, centre.contexts, -1, memory.source, memory.source_weight);
  if (!centre.sources) return centre;
  __syncwarp();
  const int64_t noise = job.offset + job.kept[n - n % s.together].place;
  for (int k = lane_of_thread(); k < s.negatives; k += kLanes) {
    const uint64_t number = uint64_t(noise) * uint64_t(s.negatives) + uint64_t(k);
    const Words drawn = philox(number >> 1, 0, job.seed);
    const uint64_t random = number & 1 ? drawn.high() : drawn.low();
    memory.found[k] = int32_t(draw_one(job.table, uint64_t(s.vocabulary), job.table_bits, random));
  }
  if (lane_of_thread() == 0) {
    memory.target[0] = word.word;
    memory.target_weight[0] = 1;
  }
  __syncwarp();
  centre.targets = 1 + merge_equals(memory.found, int(s.negatives), word.word, memory.target + 1,
                                    memory.target_weight + 1);
  __syncwarp();
  return centre;
}

}  // namespace nntasks::skipgram
