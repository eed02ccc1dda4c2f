// How a piece of a corpus is trained on, and what is counted.
#pragma once

#include <cstdint>

#include "skipgram/pair_step.h"

namespace nntasks::skipgram {

// The numbers of KINDS in core/ops/_skipgram_settings.py.
enum Kind : int64_t { kSkipGram, kCbow, kCbowExact };

struct Settings {
  float *inputs = nullptr, *outputs = nullptr;  // (vocabulary, columns) each
  // Where the rows of `inputs` of each word begin, and these; null: a word has the row of its
  // number. `inputs` has as many rows as these name.
  const int64_t* part_starts = nullptr;
  const int32_t* part_rows = nullptr;
  int64_t most_parts = 1;
  int64_t vocabulary = 0, columns = 0, window = 1, negatives = 1, together = 1;
  double lr_from = 0, slope = 0;  // rate = lr_from + slope * place in the tokens
  int64_t kind = kSkipGram;
  float clip_value = 0, clip_norm = 0;  // 0: no limit
  bool clips = false;
  const StepKernels* kernels = nullptr;

  // Whether the input vector of a word is the mean of several rows.
  bool composes() const { return part_starts; }
  int64_t parts(int32_t word) const { return parts_end(word) - parts_begin(word); }
  const int32_t* parts_begin(int32_t word) const { return part_rows + part_starts[word]; }
  const int32_t* parts_end(int32_t word) const { return part_rows + part_starts[word + 1]; }
  float* input(int32_t row) const { return inputs + int64_t(row) * columns; }

  // Whether the contexts of a centre all get the gradient of their mean, times a number.
  bool shares_mean_gradient() const { return kind != kSkipGram && !clips; }

  // Upper bounds: different contexts of a centre, a centre with its negatives, dot products.
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

}  // namespace nntasks::skipgram
