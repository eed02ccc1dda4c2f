// How a piece of a corpus is trained on, and what is counted.
#pragma once

#include <cstdint>

#include "skipgram/pair_step.h"

namespace nntasks {

enum Kind : int64_t { kSkipGram, kCbow, kCbowExact };

struct Settings {
  float *inputs, *outputs;
  int64_t vocabulary, columns, window, negatives, together;
  double lr_from, slope;  // by place
  int64_t kind;
  float clip_value, clip_norm;
  bool clips;
  const StepKernels* kernels;

  // Whether all contexts of a centre get the same gradient, times a number each.
  bool one_pull() const { return kind != kSkipGram && !clips; }

  // Most different words among the contexts, and among a centre and its negatives.
  int64_t most_sources() const { return 2 * window; }
  int64_t most_targets() const { return 1 + negatives; }
  int64_t most_scores() const {
    return (kind == kSkipGram ? most_sources() : 1) * score_stride(most_targets());
  }
};

struct Counts {
  double loss = 0;
  int64_t pairs = 0, centres = 0, gradients = 0, clipped = 0;

  void operator+=(const Counts& other) {
    loss += other.loss;
    pairs += other.pairs;
    centres += other.centres;
    gradients += other.gradients;
    clipped += other.clipped;
  }
};

}  // namespace nntasks
