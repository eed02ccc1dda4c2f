// Which words of a text are kept for training, and how far their windows reach: the kernels of
// window_plan.h for a device. Every draw is a function of the seed and the place in the text, so
// that each token has a thread of its own; a prefix sum numbers those that are kept.
#pragma once

#include "philox.h"
#include "skipgram/cuda_job.h"

namespace nntasks::skipgram {

struct PlanInput {
  const int32_t* tokens;
  int64_t count;
  const int64_t* sentences;  // where each begins, and the end
  int64_t sentence_count;
  const int64_t* keep;
  const Bucket* table;
  int64_t vocabulary, window, offset;
  uint64_t seed;
};

// What the host must know before it launches the training.
struct PlanFacts {
  int64_t kept, wrong_tokens, wrong_sentences, wrong_noise;
};

__device__ inline Words window_draw(const PlanInput& in, int64_t place) {
  constexpr uint64_t kWindows = 1;  // the stream of kWindowStream
  return philox(uint64_t(in.offset + place), kWindows, in.seed);
}

// Look at every value once, for memory's safety, and mark the tokens that are kept.
__global__ void mark_kept(PlanInput in, bool* kept, PlanFacts* facts) {
  const int64_t i = warp_of_grid() * kLanes + lane_of_thread();
  bool keep = false;
  if (i < in.count) {
    const int32_t word = in.tokens[i];
    const bool known = word >= 0 && word < in.vocabulary;
    if (!known) facts->wrong_tokens = 1;
    keep = known && int64_t(window_draw(in, i).word[0]) < in.keep[known ? word : 0];
    kept[i] = keep;
  }
  if (i <= in.sentence_count) {
    const int64_t start = in.sentences[i];
    const int64_t before = i ? in.sentences[i - 1] : 0;
    const bool right =
        start >= before && (i || !start) && (i < in.sentence_count || start == in.count);
    if (!right) facts->wrong_sentences = 1;
  }
  if (i < in.vocabulary && (in.table[i].other < 0 || in.table[i].other >= in.vocabulary)) {
    facts->wrong_noise = 1;
  }
  const int mine = __popc(__ballot_sync(kAllLanes, keep));
  if (mine && lane_of_thread() == 0) {
    atomicAdd(reinterpret_cast<unsigned long long*>(&facts->kept), (unsigned long long)(mine));
  }
}

// `until`: how many tokens are kept up to each, itself included.
__global__ void list_kept(PlanInput in, const bool* kept, const int64_t* until, KeptWord* out) {
  const int64_t i = warp_of_grid() * kLanes + lane_of_thread();
  if (i >= in.count || !kept[i]) return;
  int64_t low = 0, high = in.sentence_count;  // the last sentence that begins here or before
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    (in.sentences[middle] <= i ? low : high) = middle;
  }
  const int64_t from = in.sentences[low], to = in.sentences[low + 1];
  const int32_t reach = 1 + int32_t(uint64_t(window_draw(in, i).word[1]) * in.window >> 32);
  out[until[i] - 1] = {in.tokens[i], int32_t(i), reach, from ? int32_t(until[from - 1]) : 0,
                       int32_t(until[to - 1])};
}

}  // namespace nntasks::skipgram
